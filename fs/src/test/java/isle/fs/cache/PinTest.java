package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is pinned stays, whatever else happens. */
class PinTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    private BlockCache start(long diskBytes) throws InterruptedException {
        BlockCache cache = new BlockCache(CacheSettings.onDisk(directory, BlockCodec.PLAIN)
                .withMemoryBytes(2 * MIB)
                .withDiskBytes(diskBytes));
        cache.awaitScan();
        return cache;
    }

    private static void load(BlockCache cache, int count) throws FsException {
        for (int i = 0; i < count; i++) {
            FakeSource other = new FakeSource("other " + i, MIB);
            try (ReadStream stream = cache.open(other)) {
                Reads.checkAll(stream, other, 128 << 10);
            }
        }
    }

    @Test
    void aPinnedContentIsFetchedWithProgressAndOutlivesTheCapAndRestarts() throws Exception {
        FakeSource source = new FakeSource("pinned", 10 * MIB + 5);
        BlockCache cache = start(4 * MIB);
        PinRecorder pin = new PinRecorder();
        cache.pin(source, pin);
        pin.await();
        assertEquals(List.of(0L, 4L * MIB, 8L * MIB, source.size()), pin.seen());
        assertEquals(3, source.fetches().size());
        load(cache, 20);
        cache.checkInvariants();
        assertTrue(cache.usage().pinnedBytes() >= source.size());
        cache.close();

        cache = start(4 * MIB);
        load(cache, 5);
        try (ReadStream stream = cache.open(source)) {
            Reads.checkAll(stream, source, 100_000);
        }
        assertEquals(3, source.fetches().size());
        cache.close();
    }

    @Test
    void pinningTakesWhatIsLocalAndAsksOnlyForTheRest() throws Exception {
        FakeSource source = new FakeSource("partly", 3 * MIB);
        BlockCache cache = start(64 * MIB);
        cache.put(source.contentId(), source.size(), MIB, FakeSource.bytes(source.contentId(), MIB, MIB));
        PinRecorder pin = new PinRecorder();
        cache.pin(source, pin);
        pin.await();
        assertEquals(List.of(new FakeSource.Fetch(0, MIB), new FakeSource.Fetch(2 * MIB, MIB)), source.fetches());
        cache.close();
    }

    @Test
    void aFailedPinGoesOnWhereItStopped() throws Exception {
        FakeSource source = new FakeSource("stopped", 9 * MIB);
        BlockCache cache = start(64 * MIB);
        cache.put(source.contentId(), source.size(), 0, FakeSource.bytes(source.contentId(), 0, 4 * MIB));
        source.fail(new FsException.Unavailable("away"));
        PinRecorder failed = new PinRecorder();
        cache.pin(source, failed);
        Throwable reason = assertThrows(ExecutionException.class, failed::await).getCause();
        assertInstanceOf(FsException.Unavailable.class, reason);
        assertTrue(cache.usage().pinnedBytes() >= 4 * MIB);
        cache.close();

        cache = start(64 * MIB);
        source.fail(null);
        PinRecorder again = new PinRecorder();
        cache.pin(source, again);
        again.await();
        assertEquals(
                5 * MIB,
                source.fetches().stream()
                        .skip(1)
                        .mapToInt(FakeSource.Fetch::length)
                        .sum());
        cache.close();
    }

    @Test
    void unpinnedContentsBecomeOrdinaryOrGo() throws Exception {
        FakeSource small = new FakeSource("small", 100_000);
        FakeSource large = new FakeSource("large", 3 * MIB);
        BlockCache cache = start(4 * MIB);
        for (FakeSource source : List.of(small, large)) {
            PinRecorder pin = new PinRecorder();
            cache.pin(source, pin);
            pin.await();
            cache.unpin(source.contentId());
        }
        assertTrue(cache.isCached("small", small.size(), 0, small.size()));
        assertFalse(cache.isCached("large", large.size(), 0, large.size()));
        assertEquals(0, cache.usage().pinnedBytes());
        cache.checkInvariants();
        load(cache, 10);
        assertFalse(cache.isCached("small", small.size(), 0, small.size()));
        cache.checkInvariants();
        cache.close();
    }

    @Test
    void manyPinnedFilesDoNotHoldManyDescriptors() throws Exception {
        BlockCache cache = start(64 * MIB);
        PinRecorder last = new PinRecorder();
        for (int i = 0; i < 1500; i++) {
            last = new PinRecorder();
            cache.pin(new FakeSource("small " + i, 100), last);
        }
        last.await();
        for (int i = 0; i < 1500; i++) {
            FakeSource source = new FakeSource("small " + i, 100);
            try (ReadStream stream = cache.open(source)) {
                Reads.check(stream, source, 0, 100);
            }
            assertEquals(0, source.fetches().size());
        }
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            assertTrue(open.count() < 1000);
        }
        cache.close();
    }

    @Test
    void withoutADiskNothingIsPinned() {
        try (BlockCache cache = new BlockCache(CacheSettings.inMemory())) {
            PinRecorder pin = new PinRecorder();
            cache.pin(new FakeSource("x", 1), pin);
            Throwable reason =
                    assertThrows(ExecutionException.class, pin::await).getCause();
            assertInstanceOf(FsException.Unsupported.class, reason);
        }
    }
}
