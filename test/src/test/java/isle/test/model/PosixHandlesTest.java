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
 * Operations on open files and folders, by one process and by several at once, give the same on the mount as on a plain
 * folder of the same machine: locks, seeks, allocation, appends, mappings beside writes, offsets and limits, listings of
 * folders that change, and files and folders whose names are gone. What may differ is what {@code fs/SEMANTICS.md} lists.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#withAccounts")
class PosixHandlesTest {

    /** The program and its parts. */
    static final String[] SCRIPTS = {
        "handles.py", "trial.py", "on_locks.py", "on_content.py", "on_mappings.py", "on_folders.py", "on_removed.py"
    };

    private static final int LEAST_CELLS = 2_000;

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final Account account;

    PosixHandlesTest(VolumeKind kind, Account account) {
        this.kind = kind;
        this.account = account;
    }

    @Test
    void openFilesAreAsOnAPlainFolder() {
        IsleProfile isle = isles.plan().of(account).make().start();
        CellSuite.requireSame(isle, kind, "handles", LEAST_CELLS, PosixHandlesTest::mayDiffer, SCRIPTS);
    }

    /** The deviations of {@code fs/SEMANTICS.md}. */
    static boolean mayDiffer(String cell, String expected, String found) {
        if (cell.matches("fallocate (COLLAPSE|INSERT|UNSHARE).*")) {
            return found.startsWith("EOPNOTSUPP");
        }
        // A request to write has the flags of the file, not those of the call.
        if (cell.startsWith("pwritev2 RWF_NOAPPEND | file | APPEND")) {
            return found.equals("3, 0123456789new");
        }
        // An object has one key.
        if (cell.startsWith("link by /proc | open file")) {
            return found.equals("EPERM");
        }
        return cell.startsWith("link trick | free") && found.equals("EPERM, 1 links, False");
    }
}
