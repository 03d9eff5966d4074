package isle.test.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Account;
import isle.test.rig.Command;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation on names and attributes, on every kind and state of a target, by every kind of caller: the mount and a
 * plain folder of the same machine give the same error and leave the same, down to which times have moved. What may
 * differ is what {@code fs/SEMANTICS.md} lists.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PosixMatrixTest {

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int LEAST_CELLS = 1_500;
    private static final int SHOWN = 60;

    @RegisterExtension
    final Isles isles = new Isles();

    static List<Account> accounts() {
        return Account.all();
    }

    @ParameterizedTest
    @MethodSource("accounts")
    void theMountAnswersAsAPlainFolderDoes(Account account) {
        boolean many = account.self() && Account.isRoot();
        IsleProfile isle = isles.plan()
                .of(account)
                .with(many ? "--allow-other" : "--no-allow-other")
                .make()
                .start();
        Path folder = Folders.temporary("isle-matrix");
        try {
            Path script = Scripts.copy("matrix.py", folder);
            Path plain = Folders.make(folder, "plain", account);
            isle.inMount("mkdir -m 755 public/matrix").ok();
            Map<String, String> expected = cells(isle, script, plain);
            Map<String, String> found = cells(isle, script, isle.mountPoint().resolve("public/matrix"));
            assertEquals(expected.keySet(), found.keySet());
            assertTrue(expected.size() >= LEAST_CELLS, expected.size() + " cells");
            List<String> wrong = new ArrayList<>();
            expected.forEach((cell, result) -> {
                String other = Objects.requireNonNull(found.get(cell));
                if (!result.equals(other) && !mayDiffer(cell, result, other)) {
                    wrong.add(cell + ": " + result + "\n    on the mount: " + other);
                }
            });
            String shown = String.join("\n", wrong.subList(0, Math.min(SHOWN, wrong.size())));
            assertTrue(wrong.isEmpty(), wrong.size() + " of " + expected.size() + " cells differ\n" + shown);
        } finally {
            Folders.delete(folder);
        }
    }

    /** Operation, state and caller, and what came of it. */
    private static Map<String, String> cells(IsleProfile isle, Path script, Path folder) {
        Command command =
                isle.shell("python3 '" + script + "' '" + folder + "'").within(LIMIT);
        Map<String, String> cells = new TreeMap<>();
        for (String line : command.run().ok().out().lines().toList()) {
            int colon = line.indexOf(": ");
            cells.put(line.substring(0, colon), line.substring(colon + 2));
        }
        return cells;
    }

    /** The deviations of {@code fs/SEMANTICS.md}. */
    private static boolean mayDiffer(String cell, String expected, String found) {
        // An object has one key.
        return cell.startsWith("link |")
                && expected.startsWith("ok |")
                && found.startsWith("EPERM | times none - none");
    }
}
