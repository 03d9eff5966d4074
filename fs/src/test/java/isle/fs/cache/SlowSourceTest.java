package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sources that hang, fail or are slow: each reader waits no longer than it must, and the others go on. */
@Tag("alone")
class SlowSourceTest {

    private static final int MIB = 1 << 20;

    private final BlockCache cache =
            new BlockCache(CacheSettings.inMemory().withWait(Duration.ofSeconds(1), Duration.ofSeconds(1)));
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() {
        never.countDown();
        cache.close();
        cache.checkInvariants();
    }

    private static long millis(long startNanos) {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    @Test
    void aReaderOfAHangingSourceGivesUpInTimeAndOthersGoOn() throws FsException {
        FakeSource hanging = new FakeSource("hanging", 64 * MIB);
        hanging.gate(never);
        FakeSource good = new FakeSource("good", 64 * MIB);
        try (ReadStream bad = cache.open(hanging);
                ReadStream other = cache.open(good)) {
            for (int i = 0; i < 3; i++) {
                long start = System.nanoTime();
                assertThrows(FsException.TimedOut.class, () -> bad.read(0, ByteBuffer.allocate(128 << 10)));
                assertTrue(millis(start) < 3000, () -> "waited " + millis(start) + " ms");
                Reads.check(other, good, (long) i * MIB, 128 << 10);
            }
        }
    }

    @Test
    void aSourceThatHangsForeverIsNotAskedForever() throws FsException {
        FakeSource hanging = new FakeSource("hanging", 64 * MIB);
        hanging.gate(never);
        try (ReadStream bad = cache.open(hanging)) {
            for (int i = 0; i < Content.MOST_HANGING; i++) {
                assertThrows(FsException.TimedOut.class, () -> bad.read(0, ByteBuffer.allocate(10)));
            }
            // The last one may not be old enough to be given up.
            for (int i = 0; i < 3; i++) {
                assertThrows(FsException.class, () -> bad.read(0, ByteBuffer.allocate(10)));
            }
            assertEquals(Content.MOST_HANGING, hanging.fetches().size());
            hanging.gate(null);
            never.countDown();
            while (cache.usage().fetchedBytes() < (long) Content.MOST_HANGING * BlockCache.BLOCK_BYTES) {
                Thread.onSpinWait();
            }
            awaitAskedAgain(bad, 5 * MIB);
            Reads.check(bad, hanging, 5 * MIB, 100);
        }
    }

    /** What was fetched is counted at once, but its request hangs until its blocks are kept. */
    private static void awaitAskedAgain(ReadStream stream, long offset) throws FsException {
        long start = System.nanoTime();
        while (true) {
            try {
                stream.read(offset, ByteBuffer.allocate(100));
                return;
            } catch (FsException.Unavailable e) {
                assertTrue(millis(start) < 10_000, e.getMessage());
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aRequestAheadThatHangsDoesNotHoldUpItsReader() throws FsException {
        FakeSource source = new FakeSource("ahead", 64 * MIB);
        try (ReadStream stream = cache.open(source)) {
            Reads.check(stream, source, 0, 4096);
            source.gate(never);
            // The block is here; this read only starts the read-ahead.
            Reads.check(stream, source, 4096, 4096);
            while (source.fetches().size() < 2) {
                Thread.onSpinWait();
            }
            source.gate(null);
            long start = System.nanoTime();
            Reads.check(stream, source, 16384, 4096);
            assertTrue(millis(start) < 900, () -> "waited " + millis(start) + " ms");
        }
    }

    @Test
    void requestsAheadThatHangDoNotHoldUpReadersOfOtherContents() throws FsException {
        FakeSource hanging = new FakeSource("hanging", 64 * MIB);
        FakeSource good = new FakeSource("good", 3 * MIB);
        try (ReadStream bad = cache.open(hanging);
                ReadStream other = cache.open(good)) {
            Reads.check(bad, hanging, 0, 128 << 10);
            Reads.check(bad, hanging, 128 << 10, 128 << 10);
            Reads.check(bad, hanging, 256 << 10, 128 << 10);
            hanging.gate(never);
            // What is on its way already still comes; behind it every request hangs, those made ahead too.
            assertThrows(FsException.class, () -> Reads.checkAll(bad, hanging, 128 << 10));
            Reads.checkAll(other, good, 100_000);
        }
    }

    @Test
    void afterARequestAheadFailedTheReaderMakesItsOwn() throws FsException {
        FakeSource source = new FakeSource("ahead", 64 * MIB);
        CountDownLatch gate = new CountDownLatch(1);
        try (ReadStream stream = cache.open(source)) {
            Reads.check(stream, source, 0, 4096);
            source.gate(gate);
            source.fail(new FsException.Unavailable("one failure"));
            Reads.check(stream, source, 4096, 4096);
            while (source.fetches().size() < 2) {
                Thread.onSpinWait();
            }
            gate.countDown();
            while (cache.usage().failedFetches() == 0) {
                Thread.onSpinWait();
            }
            source.fail(null);
            Reads.checkAll(stream, source, MIB);
        }
    }

    @Test
    void aFailureReachesAllWhoWaitAndNobodyElse() throws Exception {
        FakeSource source = new FakeSource("failing", 64 * MIB);
        CountDownLatch gate = new CountDownLatch(1);
        source.gate(gate);
        source.fail(new FsException.NotFound("gone"));
        ExecutorService readers = Executors.newFixedThreadPool(8);
        List<Future<?>> results = new ArrayList<>();
        try (ReadStream stream = cache.open(source)) {
            for (int i = 0; i < 8; i++) {
                results.add(readers.submit(() -> {
                    stream.read(0, ByteBuffer.allocate(100));
                    return null;
                }));
            }
            while (source.fetches().isEmpty()) {
                Thread.onSpinWait();
            }
            gate.countDown();
            for (Future<?> result : results) {
                Throwable reason =
                        assertThrows(ExecutionException.class, result::get).getCause();
                assertInstanceOf(FsException.NotFound.class, reason);
            }
            source.fail(null);
            Reads.check(stream, source, 0, 100);
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    void onASlowLinkRequestsAheadStaySmall() throws FsException {
        FakeSource source = new FakeSource("slow", 2 * MIB).bytesPerSecond(512 << 10);
        try (ReadStream stream = cache.open(source)) {
            Reads.checkAll(stream, source, 64 << 10);
        }
        int longest = source.fetches().stream()
                .mapToInt(FakeSource.Fetch::length)
                .max()
                .orElse(0);
        assertTrue(longest <= 512 << 10, () -> "requests: " + source.fetches());
    }
}
