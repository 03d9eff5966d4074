package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is asked of the store, in memory only. */
class ReadingTest {

    private static final int MIB = 1 << 20;

    private final BlockCache cache = new BlockCache(CacheSettings.inMemory());

    @AfterEach
    void close() {
        cache.checkInvariants();
        cache.close();
    }

    @Test
    void aSmallContentIsOneRequest() throws FsException {
        FakeSource source = new FakeSource("small", 200_000);
        try (ReadStream stream = cache.open(source)) {
            Reads.checkAll(stream, source, 4096);
        }
        assertEquals(List.of(new FakeSource.Fetch(0, 200_000)), source.fetches());
    }

    @Test
    void theFirstReadFetchesJustWhatIsAsked() throws FsException {
        FakeSource source = new FakeSource("large", 64 * MIB);
        try (ReadStream stream = cache.open(source)) {
            Reads.check(stream, source, 0, 4096);
        }
        assertEquals(List.of(new FakeSource.Fetch(0, BlockCache.BLOCK_BYTES)), source.fetches());
    }

    @Test
    void aSequentialReadTakesFewRequestsAndSeveralAtOnce() throws FsException {
        FakeSource source = new FakeSource("sequential", 64 * MIB).delayMillis(5);
        try (ReadStream stream = cache.open(source)) {
            Reads.checkAll(stream, source, 128 << 10);
        }
        assertTrue(source.fetches().size() <= 48, () -> "requests: " + source.fetches());
        assertTrue(source.mostInFlight() >= 3, () -> "in flight: " + source.mostInFlight());
        assertEquals(64 * MIB, source.fetchedBytes());
    }

    @Test
    void randomReadsFetchLittleMoreThanIsAsked() throws FsException {
        FakeSource source = new FakeSource("random", 256 * MIB);
        SplittableRandom random = new SplittableRandom(1);
        try (ReadStream stream = cache.open(source)) {
            for (int i = 0; i < 1000; i++) {
                Reads.check(stream, source, random.nextLong(source.size() / 4096) * 4096, 4096);
            }
        }
        assertTrue(source.fetchedBytes() <= 1000L * BlockCache.BLOCK_BYTES, () -> source.fetchedBytes() + " B");
    }

    @Test
    void readersOfOneColdUnitShareARequest() throws Exception {
        FakeSource source = new FakeSource("shared", 64 * MIB);
        CountDownLatch gate = new CountDownLatch(1);
        source.gate(gate);
        ExecutorService readers = Executors.newFixedThreadPool(16);
        List<Future<?>> results = new ArrayList<>();
        try (ReadStream stream = cache.open(source)) {
            for (int i = 0; i < 16; i++) {
                results.add(readers.submit(() -> {
                    Reads.check(stream, source, 32 * MIB, 100_000);
                    return null;
                }));
            }
            while (source.fetches().isEmpty()) {
                Thread.onSpinWait();
            }
            gate.countDown();
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            readers.shutdownNow();
        }
        assertEquals(1, source.fetches().size());
    }

    @Test
    void aFailureIsNotKept() throws FsException {
        FakeSource source = new FakeSource("failing", MIB);
        try (ReadStream stream = cache.open(source)) {
            source.fail(new FsException.Stale("another version"));
            assertThrows(FsException.Stale.class, () -> stream.read(0, ByteBuffer.allocate(10)));
            source.fail(null);
            Reads.check(stream, source, 0, 10);
        }
    }

    @Test
    void manyReadersOfASlowSourceAllGetTheirBytes() throws Exception {
        FakeSource source = new FakeSource("many", 64 * MIB).delayMillis(20);
        ExecutorService readers = Executors.newFixedThreadPool(200);
        List<Future<?>> results = new ArrayList<>();
        try (ReadStream stream = cache.open(source)) {
            for (int i = 0; i < 200; i++) {
                long offset = i * 300_000L;
                results.add(readers.submit(() -> {
                    Reads.check(stream, source, offset, 4096);
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } finally {
            readers.shutdownNow();
        }
    }
}
