package isle.test.model;

import isle.test.rig.Account;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.VolumeKind;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation on names and attributes, on every kind and state of a target, by every kind of caller: the mount and a
 * plain folder of the same machine give the same error and leave the same, down to which times have moved. Among them an
 * open with every combination of flags, and a rename of every kind of thing over every kind of thing. What may differ is
 * what {@code fs/SEMANTICS.md} lists.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#withAccounts")
class PosixMatrixTest {

    /** The program and its parts. */
    static final String[] SCRIPTS = {"matrix.py", "cells.py"};

    private static final int LEAST_CELLS = 7_000;

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final Account account;

    PosixMatrixTest(VolumeKind kind, Account account) {
        this.kind = kind;
        this.account = account;
    }

    @Test
    void theMountAnswersAsAPlainFolderDoes() {
        boolean many = account.self() && Account.isRoot();
        IsleProfile isle = isles.plan()
                .of(account)
                .with(many ? "--allow-other" : "--no-allow-other")
                .make()
                .start();
        if (many && kind == VolumeKind.VAULT) {
            // It is its owner's alone, until they say otherwise.
            isle.inMount("[ $(stat -c %a private) = 700 ]; chmod 755 private").ok();
        }
        CellSuite.requireSame(isle, kind, "matrix", LEAST_CELLS, PosixMatrixTest::mayDiffer, SCRIPTS);
    }

    /** The deviations of {@code fs/SEMANTICS.md}. */
    static boolean mayDiffer(String cell, String expected, String found) {
        // An object has one key.
        return cell.startsWith("link |")
                && expected.startsWith("ok |")
                && found.startsWith("EPERM |")
                && !found.contains("[");
    }
}
