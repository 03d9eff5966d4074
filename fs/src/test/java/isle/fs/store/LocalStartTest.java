package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a store of many objects takes to open, beside what it takes to walk through its files. Prints the ratio. */
@Tag("alone")
class LocalStartTest {

    @TempDir(factory = FastTempDir.class)
    Path folder;

    @Test
    void fiveThousandObjectsOpenAtOnce() throws Exception {
        measure(5_000);
    }

    @Test
    @Tag("soak")
    void aHundredThousandObjectsOpenWellUnderASecond() throws Exception {
        measure(100_000);
    }

    private LocalObjectStore open() throws Exception {
        return LocalObjectStore.open(folder, InstantSource.system(), new SplittableRandom(1));
    }

    private void measure(int count) throws Exception {
        open().close();
        writeHeaders(count);
        long scanned = timed("from headers", count);
        long first = timed("from the log", count);
        long second = timed("from the log again", count);
        long walk = walk(count);

        System.out.printf(
                "%d objects: walk %d ms; open %.1f and %.1f times that, without a log %.1f times%n",
                count, walk / 1_000_000, (double) first / walk, (double) second / walk, (double) scanned / walk);
        assertTrue(second < scanned, "the log saves the headers from being read");
    }

    /** As puts would, but without forcing each. */
    private void writeHeaders(int count) throws Exception {
        AtomicLong serials = new AtomicLong(1);
        ObjectFiles files = new ObjectFiles(new Disk(Disk.Probe.NONE), folder.resolve("tmp"), serials::incrementAndGet);
        ObjectMetadata metadata =
                new ObjectMetadata(Map.of("mode", "33188", "mtime", "1700000000.123456789"), "text/plain", Map.of());
        for (int i = 0; i < count; i++) {
            ObjectKey key = new ObjectKey("folder " + i % 100 + "/subfolder/file number " + i + ".txt");
            String stem = Folder.stem(key.value());
            Path shard = folder.resolve("objects").resolve(stem.substring(0, 2));
            Files.createDirectories(shard);
            Content content = Content.inline(new byte[] {1, 2, 3});
            Header header = files.describe(key, content, 1, i, 1_700_000_000_000L + i, metadata);
            byte[] bytes = HeaderCodec.encode(header);
            byte[] whole = Arrays.copyOf(bytes, bytes.length + 3);
            System.arraycopy(content.inline(), 0, whole, bytes.length, 3);
            Files.write(new Place(shard, stem).header(header.entry().serial()), whole);
        }
    }

    private long timed(String how, int count) throws Exception {
        long start = System.nanoTime();
        try (LocalObjectStore store = open()) {
            long nanos = System.nanoTime() - start;
            assertEquals(3L * count, store.statistics().usedBytes().orElseThrow());
            assertEquals(
                    3,
                    store.head(new ObjectKey("folder 7/subfolder/file number 7.txt"))
                            .summary()
                            .size());
            System.out.printf("open %s: %d ms%n", how, nanos / 1_000_000);
            return nanos;
        }
    }

    private long walk(int count) throws Exception {
        long start = System.nanoTime();
        try (Stream<Path> all = Files.walk(folder.resolve("objects"))) {
            assertEquals(count, all.filter(Files::isRegularFile).count());
        }
        return System.nanoTime() - start;
    }
}
