package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.FsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexFullDiskTest {

    private static final long ROOT = InodeNumbers.rootOf(1);
    private static final int MANY = 3000;

    @TempDir
    Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("index.db");
    }

    private Index open() throws FsException {
        return Index.open(file, folder.resolve("lib"), () -> 77);
    }

    private static List<IndexChange> files(int from, int count) {
        List<IndexChange> changes = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            changes.add(new IndexChange.Put(IndexModel.file(InodeNumbers.of(1, 100 + i), ROOT, "file" + i, i)));
        }
        return changes;
    }

    /** SQLite says the same when a page more is refused by its own limit and by the disk. */
    @Test
    void aTransactionThatDoesNotFitIsRefusedWholeAndTheNextOneThatFitsIsMade() throws Exception {
        try (Index index = open()) {
            index.apply(files(0, 10));
        }
        try (Writer writer = new Writer(file, 1024, () -> 77)) {
            Counters before = writer.readCounters();
            long pages = Sqlite.number(writer.connection(), "PRAGMA page_count");
            Sqlite.execute(writer.connection(), "PRAGMA max_page_count=" + (pages + 5));
            SQLException full = assertThrows(SQLException.class, () -> writer.apply(before, files(10, MANY)));
            assertInstanceOf(FsException.NoSpace.class, SqliteErrors.translate(full));
            Counters after = writer.apply(before, files(10, 5));
            assertEquals(15, after.totals(1).entries());
            Invariants.check(writer.connection(), after);
        }
        try (Index index = open()) {
            index.checkInvariants();
            assertEquals(15, index.children(ROOT).size());
        }
    }

    /** A limit on the size of files is the full disk that a test can make without being root. */
    @Test
    void aDiskThatRefusesToWriteLeavesTheIndexAsItWas() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        // In blocks of 512 or 1024 bytes: room for the library, not for the log.
                        "ulimit -f 3000 && exec \"$@\"",
                        "sh",
                        java,
                        "-Xmx128m",
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Refused.class.getName(),
                        file.toString(),
                        folder.resolve("lib").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        process.waitFor();
        String out = Files.readString(folder.resolve("out")).strip();
        assertEquals("FsException$Failed", out.substring(0, Math.min(18, out.length())), out);
        try (Stream<Path> left = Files.list(folder.resolve("lib"))) {
            assertEquals(0, left.count(), "files of the library");
        }
        int applied = Integer.parseInt(out.substring(out.lastIndexOf(' ') + 1));
        try (Index index = open()) {
            index.checkInvariants();
            assertEquals(applied, index.children(ROOT).size());
            assertEquals(Optional.of(Integer.toString(applied)), index.meta("applied"));
        }
    }

    /** Applies until that fails, then shows that reading goes on. */
    static final class Refused {
        private Refused() {}

        public static void main(String[] args) throws Exception {
            try (Index index = Index.open(Path.of(args[0]), Path.of(args[1]), () -> 77)) {
                int applied = 0;
                while (true) {
                    List<IndexChange> changes = files(applied, 500);
                    changes.add(new IndexChange.Meta("applied", Integer.toString(applied + 500)));
                    try {
                        index.apply(changes);
                    } catch (FsException e) {
                        String name = e.getClass().getName();
                        int children = index.children(ROOT).size();
                        System.out.println(
                                name.substring(name.lastIndexOf('.') + 1) + " " + e.getMessage() + " " + children);
                        return;
                    }
                    applied += 500;
                }
            }
        }
    }
}
