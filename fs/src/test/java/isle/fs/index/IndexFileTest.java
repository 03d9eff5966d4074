package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files, and what an index remembers from one opening to the next. */
class IndexFileTest {

    private static final long ROOT = InodeNumbers.rootOf(1);

    @TempDir
    Path folder;

    private Index open(Path file) throws FsException {
        return Index.open(file, folder.resolve("lib"), () -> 1000);
    }

    private Index open() throws FsException {
        return open(folder.resolve("index.db"));
    }

    private List<String> files() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString())
                    .filter(name -> !name.equals("lib"))
                    .sorted()
                    .toList();
        }
    }

    @Nested
    class TheFile {
        @Test
        void isTheOnlyOneOnceTheIndexIsClosed() throws Exception {
            try (Index index = open()) {
                index.apply(List.of(new IndexChange.Meta("a", "b")));
            }
            assertEquals(List.of("index.db"), files());
        }

        @Test
        void isForItsOwnerAlone() throws Exception {
            try (Index index = open()) {
                index.apply(List.of(new IndexChange.Meta("a", "b")));
                for (String suffix : List.of("", Aside.WAL, Aside.SHM)) {
                    Path file = Aside.beside(folder.resolve("index.db"), suffix);
                    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                }
            }
        }

        @Test
        void isNotTakenForAGoodOneWhenDamageWasMetInUse() throws FsException {
            try (Index index = open()) {
                index.condemn();
                index.condemn();
            }
            assertThrows(FsException.Corrupt.class, IndexFileTest.this::open);
            Index.moveAside(folder.resolve("index.db"));
            open().close();
            open().close();
        }

        @Test
        void mayLieWhereNamesAreOdd() throws Exception {
            Path odd = Files.createDirectories(folder.resolve("a?b#c%41 d&e=f;\u00e4\"'"));
            try (Index index = open(odd.resolve("in?dex.db"))) {
                index.apply(List.of(new IndexChange.Meta("a", "b")));
            }
            assertTrue(Files.size(odd.resolve("in?dex.db")) > 0);
            try (Index index = open(odd.resolve("in?dex.db"))) {
                assertEquals(Optional.of("b"), index.meta("a"));
            }
        }

        @Test
        void thatIsEmptyIsANewIndex() throws Exception {
            Files.createFile(folder.resolve("index.db"));
            try (Index index = open()) {
                index.checkInvariants();
            }
        }

        @Test
        void thatCannotBeMadeIsAFailureWithItsName() {
            FsException.Failed failed = assertThrows(
                    FsException.Failed.class,
                    () -> open(folder.resolve("absent").resolve("index.db")));
            assertTrue(failed.toString().contains("absent"), failed.toString());
        }

        @Test
        void thatAnotherIndexWritesToIsNoticed() throws Exception {
            try (Index index = open();
                    Index second = open()) {
                index.apply(List.of(new IndexChange.Meta("a", "b")));
                assertThrows(FsException.Busy.class, () -> second.apply(List.of(new IndexChange.Meta("a", "c"))));
                assertThrows(FsException.Busy.class, () -> second.reserveInodes(1, 1));
                index.reserveInodes(1, 1);
            }
        }
    }

    @Nested
    class MovedAside {
        @Test
        void isKeptUnderANumberAndANewOneBegins() throws Exception {
            Path file = folder.resolve("index.db");
            for (int i = 1; i <= 12; i++) {
                try (Index index = open()) {
                    assertEquals(Optional.empty(), index.meta("a"));
                    index.apply(List.of(new IndexChange.Meta("a", "b")));
                }
                Files.writeString(Aside.beside(file, Aside.WAL), "log " + i);
                Index.moveAside(file);
                assertFalse(Files.exists(file));
                assertFalse(Files.exists(Aside.beside(file, Aside.WAL)));
            }
            assertEquals("log 1", Files.readString(folder.resolve("index.db.damaged-1-wal")));
            assertEquals("log 12", Files.readString(folder.resolve("index.db.damaged-9-wal")));
            assertEquals(2 * 9, files().size());
        }

        @Test
        void leavesALogThatIsNotTakenForTheNewOnes() throws Exception {
            Path file = folder.resolve("index.db");
            byte[] log;
            try (Index index = open()) {
                index.apply(List.of(new IndexChange.Meta("a", "b")));
                log = Files.readAllBytes(Aside.beside(file, Aside.WAL));
            }
            Index.moveAside(file);
            // As after a kill between the renames.
            Files.write(Aside.beside(file, Aside.WAL), log);
            try (Index index = open()) {
                assertEquals(Optional.empty(), index.meta("a"));
                index.checkInvariants();
            }
        }

        @Test
        void isNothingWhenThereIsNone() throws Exception {
            Index.moveAside(folder.resolve("index.db"));
            assertEquals(List.of(), files());
        }
    }

    @Nested
    class InodeNumbersOfAVolume {
        @Test
        void beginAtTheFreshFloorAndGoOnAfterARestart() throws Exception {
            try (Index index = open()) {
                assertEquals(InodeNumbers.of(1, 1000), index.reserveInodes(1, 10));
                assertEquals(InodeNumbers.of(1, 1010), index.reserveInodes(1, 1));
                assertEquals(InodeNumbers.of(2, 1000), index.reserveInodes(2, 1));
            }
            try (Index index = open()) {
                assertEquals(InodeNumbers.of(1, 1011), index.reserveInodes(1, 1));
            }
        }

        @Test
        void areAboveTheRootWhateverTheFloor() throws Exception {
            try (Index index = Index.open(folder.resolve("index.db"), folder.resolve("lib"), () -> 0)) {
                assertEquals(InodeNumbers.of(1, 2), index.reserveInodes(1, 1));
            }
        }

        @Test
        void areAboveThoseInUseAndAboveARaisedFloor() throws Exception {
            try (Index index = open()) {
                index.raiseFloor(1, InodeNumbers.of(1, 5000));
                index.raiseFloor(1, InodeNumbers.of(1, 4000));
                assertEquals(InodeNumbers.of(1, 5001), index.reserveInodes(1, 1));
                long used = InodeNumbers.of(1, 7000);
                index.apply(List.of(new IndexChange.Put(IndexModel.file(used, ROOT, "f", 1))));
            }
            try (Index index = open()) {
                assertEquals(InodeNumbers.of(1, 7001), index.reserveInodes(1, 1));
            }
        }

        @Test
        void endWithAnErrorAndNotWithNumbersGivenTwice() throws Exception {
            try (Index index = open()) {
                index.raiseFloor(1, InodeNumbers.of(1, InodeNumbers.MAX_COUNTER - 2));
                assertThrows(FsException.NoSpace.class, () -> index.reserveInodes(1, 3));
                assertEquals(InodeNumbers.of(1, InodeNumbers.MAX_COUNTER - 1), index.reserveInodes(1, 2));
                assertThrows(FsException.NoSpace.class, () -> index.reserveInodes(1, 1));
                assertEquals(InodeNumbers.of(2, 1000), index.reserveInodes(2, 1));
            }
        }

        @Test
        void sayWhichVolumeTheyAreOf() {
            long inode = InodeNumbers.of(InodeNumbers.MAX_VOLUME, InodeNumbers.MAX_COUNTER);
            assertEquals(Long.MAX_VALUE, inode);
            assertEquals(InodeNumbers.MAX_VOLUME, InodeNumbers.volumeOf(inode));
            assertEquals(InodeNumbers.MAX_COUNTER, InodeNumbers.counterOf(inode));
            assertEquals(1, InodeNumbers.rootOf(0));
            assertTrue(InodeNumbers.isRoot(InodeNumbers.rootOf(5)));
            assertFalse(InodeNumbers.isRoot(inode));
            assertThrows(IllegalArgumentException.class, () -> InodeNumbers.of(-1, 5));
            assertThrows(IllegalArgumentException.class, () -> InodeNumbers.of(1, 0));
        }
    }
}
