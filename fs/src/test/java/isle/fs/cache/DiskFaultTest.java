package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache disk that fails is told to the health, and to nobody who reads. */
class DiskFaultTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private static final String FULL = "failed: The cache's disk is full; contents are kept in memory only.";

    private final FaultyFiles files = new FaultyFiles();
    private final AtomicLong skippedNanos = new AtomicLong();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final CacheEvents recorder = new CacheEvents() {
        @Override
        public void diskFailed(String what) {
            events.add("failed: " + what);
        }

        @Override
        public void diskRecovered() {
            events.add("recovered");
        }

        @Override
        public void damageFound(String what) {
            events.add("damage");
        }
    };

    private BlockCache start(Path folder, CacheFiles disk) throws InterruptedException {
        CacheSettings settings = CacheSettings.onDisk(folder, BlockCodec.PLAIN)
                .withMemoryBytes(2 * MIB)
                .withDiskBytes(8 * MIB);
        BlockCache cache = new BlockCache(
                settings, recorder, () -> System.nanoTime() + skippedNanos.get(), DiskFaultTest::thread, disk);
        cache.awaitScan();
        return cache;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        return thread;
    }

    private static void read(BlockCache cache, String... ids) throws FsException {
        for (String id : ids) {
            FakeSource source = new FakeSource(id, MIB);
            try (ReadStream stream = cache.open(source)) {
                Reads.checkAll(stream, source, 100_000);
            }
        }
    }

    private static void put(BlockCache cache, String id) {
        cache.put(id, MIB, 0, FakeSource.bytes(id, 0, MIB));
    }

    private void later() {
        skippedNanos.addAndGet(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void aFullDiskIsLeftAloneAndGetsSpaceBack() throws Exception {
        BlockCache cache = start(directory, files);
        for (int i = 0; i < 6; i++) {
            put(cache, "before " + i);
        }
        files.freeBytes.set(100_000);
        put(cache, "full");
        read(cache, "full", "before 0", "before 5", "another");
        assertEquals(List.of(FULL), events);
        assertFalse(cache.usage().diskUsable());
        assertTrue(files.freeBytes.get() > MIB, () -> "given back: " + files.freeBytes);
        cache.checkInvariants();

        later();
        files.freeBytes.set(1L << 40);
        put(cache, "after");
        assertEquals("recovered", events.get(events.size() - 1));
        cache.forgetMemory();
        assertTrue(cache.isCached("after", MIB, 0, MIB));
        read(cache, "after", "before 5", "full");
        cache.checkInvariants();
        cache.close();
    }

    @Test
    void whatWasWrittenBeforeAFailureIsFoundAfterARestart() throws Exception {
        BlockCache cache = start(directory, files);
        put(cache, "good");
        files.writeFailure = "Read-only file system";
        put(cache, "lost");
        read(cache, "good", "lost");
        cache.close();
        assertTrue(events.get(0).contains("Read-only file system"), events::toString);

        files.writeFailure = null;
        cache = start(directory, files);
        assertTrue(cache.isCached("good", MIB, 0, MIB));
        assertFalse(cache.isCached("lost", MIB, 0, MIB));
        read(cache, "good", "lost");
        cache.close();
    }

    @Test
    void aDirectoryThatCannotBeMadeIsTriedAgain() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        BlockCache cache = start(file.resolve("cache"), CacheFiles.ON_DISK);
        read(cache, "a");
        assertEquals(1, events.size());
        Files.delete(file);
        later();
        put(cache, "b");
        assertEquals("recovered", events.get(events.size() - 1));
        cache.forgetMemory();
        assertTrue(cache.isCached("b", MIB, 0, MIB));
        cache.close();
    }

    @Test
    void whatTheDiskDoesNotGiveBackIsFetched() throws Exception {
        BlockCache cache = start(directory, files);
        put(cache, "a");
        cache.forgetMemory();
        files.readFailure = "Input/output error";
        read(cache, "a");
        assertTrue(events.contains("damage"));
        files.readFailure = null;
        read(cache, "a");
        cache.checkInvariants();
        cache.close();
    }

    @Test
    void filesThatVanishAreMisses() throws Exception {
        BlockCache cache = start(directory, CacheFiles.ON_DISK);
        put(cache, "a");
        cache.close();
        cache = start(directory, CacheFiles.ON_DISK);
        try (var all = Files.list(directory)) {
            for (Path file : all.toList()) {
                Files.delete(file);
            }
        }
        cache.forgetMemory();
        read(cache, "a", "b");
        cache.checkInvariants();
        cache.close();
    }

    @Test
    void anInterruptedReaderLeavesTheFilesOpenForOthers() throws Exception {
        BlockCache cache = start(directory, CacheFiles.ON_DISK);
        put(cache, "a");
        FakeSource source = new FakeSource("a", MIB);
        try (ReadStream stream = cache.open(source)) {
            for (int i = 0; i < 20; i++) {
                Thread.currentThread().interrupt();
                Reads.check(stream, source, 0, 100_000);
                assertTrue(Thread.interrupted(), "the interrupt is for somebody else");
            }
        }
        assertEquals(List.of(), source.fetches());
        assertEquals(List.of(), events);
        cache.close();
    }

    @Test
    void filesOfAnotherKindAreThrownAwayAndForeignOnesAreNot() throws Exception {
        Files.createDirectories(directory);
        Files.write(directory.resolve("seg-0000000000000007.isle"), new byte[1000]);
        Files.write(directory.resolve("seg-strange.isle"), new byte[0]);
        Files.write(directory.resolve("README"), new byte[10]);
        BlockCache cache = start(directory, CacheFiles.ON_DISK);
        cache.put("a", 1000, 0, FakeSource.bytes("a", 0, 1000));
        cache.checkInvariants();
        cache.close();
        try (var all = Files.list(directory)) {
            assertEquals(
                    List.of("README", "seg-0000000000000008.isle"),
                    all.map(file -> String.valueOf(file.getFileName())).sorted().toList());
        }
    }

    @Test
    @Tag("fuse")
    @Tag("root")
    void aTinyRealDiskFills() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", directory.toString());
        try {
            BlockCache cache = start(directory.resolve("cache"), CacheFiles.ON_DISK);
            Path other = directory.resolve("of somebody else");
            int gaveBack = 0;
            for (int i = 0; i < 10; i++) {
                put(cache, "content " + i);
                read(cache, "content " + i, "content 0");
                if (!events.isEmpty() && events.get(events.size() - 1).equals(FULL)) {
                    Files.write(other, new byte[MIB / 2]);
                    Files.delete(other);
                    gaveBack++;
                }
                later();
            }
            assertTrue(gaveBack > 0, events::toString);
            assertTrue(events.contains("recovered"), events::toString);
            cache.checkInvariants();
            cache.close();
        } finally {
            // Of a cache that is still open too, so that it is seen what went wrong.
            run("umount", "-l", directory.toString());
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
    }
}
