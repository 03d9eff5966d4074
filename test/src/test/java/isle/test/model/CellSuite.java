package isle.test.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.test.rig.Command;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A script that tries single operations, each in a cell of its own, run in the mount of a profile and in a plain folder of
 * the same machine. A cell is named {@code OPERATION | STATE | CALLER}.
 */
final class CellSuite {

    private static final Duration LIMIT = Duration.ofMinutes(12);
    private static final int SHOWN = 60;

    private final IsleProfile isle;
    private final VolumeKind kind;
    private final Path script;
    private final Path plain;
    private int runs;

    /** {@code folder}: on the local disk, for the script and the plain folder; {@code scripts}: it, and what it needs. */
    CellSuite(IsleProfile isle, VolumeKind kind, Path folder, String... scripts) {
        this.isle = isle;
        this.kind = kind;
        List<Path> copies = new ArrayList<>();
        for (String name : scripts) {
            copies.add(Scripts.copy(name, folder));
        }
        this.script = copies.get(0);
        this.plain = Folders.make(folder, "plain", isle.account());
    }

    /** Runs all cells of a script, at least {@code least}, and requires that they are the same but for deviations. */
    static void requireSame(
            IsleProfile isle, VolumeKind kind, String title, int least, Deviations deviations, String... scripts) {
        Path folder = Folders.temporary("isle-cells");
        try {
            Outcome outcome = new CellSuite(isle, kind, folder, scripts).run(".");
            new CellReport(title + " on " + kind.volume() + " as " + isle.account(), outcome).publish();
            outcome.requireAllRun();
            assertTrue(outcome.existing().size() >= least, outcome.existing().size() + " cells");
            outcome.requireSame(deviations);
        } finally {
            Folders.delete(folder);
        }
    }

    /** What may differ, with a reason in {@code fs/SEMANTICS.md}. */
    interface Deviations {
        boolean allow(String cell, String expected, String found);
    }

    /** What came of each cell on the plain folder and on the mount, beside the names of those that exist. */
    record Outcome(Set<String> existing, Map<String, String> expected, Map<String, String> found) {

        /** Every cell that exists was run, on both sides. */
        void requireAllRun() {
            assertEquals(existing, expected.keySet(), "run on the plain folder");
            assertEquals(existing, found.keySet(), "run on the mount");
        }

        /** The cells that differ, with both results. */
        List<String> differences(Deviations deviations) {
            List<String> wrong = new ArrayList<>();
            expected.forEach((cell, result) -> {
                String other = Objects.requireNonNull(found.get(cell));
                if (!result.equals(other) && !deviations.allow(cell, result, other)) {
                    wrong.add(cell + ": " + result + "\n    on the mount: " + other);
                }
            });
            return wrong;
        }

        void requireSame(Deviations deviations) {
            List<String> wrong = differences(deviations);
            String shown = String.join("\n", wrong.subList(0, Math.min(SHOWN, wrong.size())));
            assertEquals("", shown, wrong.size() + " of " + expected.size() + " cells differ");
        }
    }

    /** Runs the cells whose names match a regular expression on both sides. */
    Outcome run(String pattern) {
        Set<String> existing =
                new TreeSet<>(script("--list", pattern).run().ok().out().lines().toList());
        runs++;
        String name = "run" + runs;
        isle.inMount("mkdir -m 755 " + kind.volume() + "/" + name).ok();
        Path local = Folders.make(plain, name, isle.account());
        Map<String, String> expected = cells(local, pattern);
        Map<String, String> found =
                cells(isle.mountPoint().resolve(kind.volume()).resolve(name), pattern);
        return new Outcome(existing, expected, found);
    }

    private Command script(String where, String pattern) {
        return isle.shell("python3 -B '" + script + "' '" + where + "' '" + pattern + "'")
                .within(LIMIT);
    }

    private Map<String, String> cells(Path folder, String pattern) {
        Map<String, String> cells = new TreeMap<>();
        for (String line :
                script(folder.toString(), pattern).run().ok().out().lines().toList()) {
            int colon = line.indexOf(": ");
            cells.put(line.substring(0, colon), line.substring(colon + 2));
        }
        return cells;
    }
}
