package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.store.IndexLog.Contents;
import isle.fs.store.IndexLog.Known;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexLogTest {

    @TempDir
    Path folder;

    private final Disk disk = new Disk(Disk.Probe.NONE);
    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("index");
    }

    private static Entry entry(long serial) {
        return new Entry(serial, serial + 1, 2, 3, 4, 5, 6);
    }

    @Test
    void whatWasAppendedIsRead() {
        try (IndexLog log = IndexLog.resume(path, disk, IndexLog.read(path))) {
            log.append("a", entry(1));
            log.append("\uD83D\uDE00", entry(2));
        }
        try (IndexLog log = IndexLog.resume(path, disk, IndexLog.read(path))) {
            log.append("a", entry(3));
        }

        Contents contents = IndexLog.read(path);

        assertEquals(
                Map.of(
                        1L,
                        new Known("a", entry(1)),
                        2L,
                        new Known("\uD83D\uDE00", entry(2)),
                        3L,
                        new Known("a", entry(3))),
                contents.known());
        assertEquals(3, contents.records());
        assertEquals(path.toFile().length(), contents.validBytes());
    }

    @Test
    void aTornRecordIsCutOffBeforeTheNextOne() throws Exception {
        try (IndexLog log = IndexLog.resume(path, disk, Contents.NONE)) {
            log.append("a", entry(1));
            log.append("b", entry(2));
        }
        byte[] whole = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(whole, whole.length - 3));

        try (IndexLog log = IndexLog.resume(path, disk, IndexLog.read(path))) {
            log.append("c", entry(3));
        }

        assertEquals(
                Map.of(1L, new Known("a", entry(1)), 3L, new Known("c", entry(3))),
                IndexLog.read(path).known());
    }

    @Test
    void aLogOfMostlyOutdatedRecordsIsRewritten() {
        try (IndexLog log = IndexLog.resume(path, disk, Contents.NONE)) {
            for (int i = 1; i <= 5_000; i++) {
                log.append("k", entry(i));
            }
            assertTrue(log.isWasteful(1));
            assertFalse(log.isWasteful(5_000));
            long before = path.toFile().length();

            log.rewrite(new TreeMap<>(Map.of("k", entry(5_000))));
            log.append("l", entry(5_001));

            assertFalse(log.isWasteful(2));
            assertTrue(path.toFile().length() < before / 1000);
        }
        assertEquals(
                Map.of(5_000L, new Known("k", entry(5_000)), 5_001L, new Known("l", entry(5_001))),
                IndexLog.read(path).known());
    }

    @Test
    void aLogThatCannotBeWrittenFailsNobody() throws Exception {
        Files.createDirectory(path);

        try (IndexLog log = IndexLog.resume(path, disk, IndexLog.read(path))) {
            log.append("k", entry(1));
            log.rewrite(new TreeMap<>(Map.of("k", entry(1))));
        }

        assertEquals(Contents.NONE, IndexLog.read(path));
    }
}
