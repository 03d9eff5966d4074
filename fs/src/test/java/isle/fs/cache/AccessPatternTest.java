package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which reads are a run, and how much is wanted ahead of it. */
class AccessPatternTest {

    private static final long SIZE = 1L << 30;
    private static final int STEP = 128 << 10;
    private static final AccessPattern.Limits LIMITS = new AccessPattern.Limits(12 << 20, 4 << 20);

    private final AccessPattern pattern = new AccessPattern(SIZE);

    private boolean read(long offset, long length) {
        return pattern.record(offset, offset + length);
    }

    /** Claims all that is wanted, as if nothing was there; returns the blocks. */
    private long claimAll() {
        long claimed = 0;
        AccessPattern.@Nullable Want want = pattern.want(LIMITS);
        while (want != null) {
            Content.Window window = want.window();
            claimed += Math.min(window.chunk(), window.to() - window.from());
            long frontier = window.backward()
                    ? Math.max(window.from(), window.to() - window.chunk())
                    : Math.min(window.to(), window.from() + window.chunk());
            pattern.advance(want, frontier);
            want = pattern.want(LIMITS);
        }
        return claimed;
    }

    @Test
    void oneReadIsNoRun() {
        read(0, STEP);
        assertNull(pattern.want(LIMITS));
    }

    @Test
    void requestsGrowWithTheRunUpToTheLimit() {
        long last = 0;
        for (int i = 0; i < 200; i++) {
            read((long) i * STEP, STEP);
            AccessPattern.Want want = pattern.want(LIMITS);
            if (want != null) {
                assertTrue(want.window().chunk() >= last);
                last = want.window().chunk();
                assertTrue(want.window().to() * Grid.BLOCK_BYTES <= (i + 1L) * STEP + LIMITS.ahead());
            }
            claimAll();
        }
        assertEquals(LIMITS.request(), last * Grid.BLOCK_BYTES);
    }

    @Test
    void aRunOfTinyReadsWantsAUnit() {
        read(0, 512);
        read(512, 512);
        AccessPattern.Want want = pattern.want(LIMITS);
        assertNotNull(want);
        assertTrue(want.window().to() <= 2 * Grid.BLOCKS_PER_UNIT);
    }

    @Test
    void randomReadsWantNothing() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 10_000; i++) {
            read(random.nextLong(SIZE / 4096) * 4096, 4096);
            assertNull(pattern.want(LIMITS), "read " + i);
        }
    }

    @Test
    void interleavedReadersEachHaveTheirRun() {
        long[] starts = {0, 100L << 20, 400L << 20, 900L << 20};
        for (int i = 0; i < 50; i++) {
            for (long start : starts) {
                read(start + (long) i * STEP, STEP);
                long claimed = claimAll();
                assertTrue(i > 0 || claimed == 0);
            }
        }
        for (long start : starts) {
            read(start + 50L * STEP, STEP);
            AccessPattern.Want want = pattern.want(new AccessPattern.Limits(64 << 20, 4 << 20));
            assertNotNull(want);
            assertTrue(want.window().from() > Grid.blockOf(start), () -> "of " + start + ": " + want);
            assertTrue(want.window().to() < Grid.blockOf(start + (200L << 20)), () -> "of " + start + ": " + want);
        }
    }

    @Test
    void readsOfOneReaderMayComeInAnyOrder() {
        read(0, STEP);
        read(STEP, STEP);
        for (int i = 2; i < 40; i += 4) {
            for (int j : new int[] {2, 0, 3, 1}) {
                read((long) (i + j) * STEP, STEP);
            }
            claimAll();
        }
        read(42L * STEP, STEP);
        AccessPattern.Want want = pattern.want(new AccessPattern.Limits(64 << 20, 4 << 20));
        assertNotNull(want);
        assertTrue(want.window().chunk() * Grid.BLOCK_BYTES >= 2 << 20, want::toString);
    }

    @Test
    void aRunBackwardsWantsWhatIsBefore() {
        long end = 500L << 20;
        assertFalse(read(end - STEP, STEP));
        assertTrue(read(end - 2 * STEP, STEP));
        AccessPattern.Want want = pattern.want(LIMITS);
        assertNotNull(want);
        assertTrue(want.window().backward());
        assertEquals(Grid.blockOf(end - 2 * STEP), want.window().to());
    }

    @Test
    void nothingIsWantedBehindTheEnd() {
        AccessPattern small = new AccessPattern(300_000);
        small.record(0, 100_000);
        small.record(100_000, 200_000);
        AccessPattern.Want want = small.want(LIMITS);
        assertNotNull(want);
        assertEquals(Grid.blocksFor(300_000), want.window().to());
        small.advance(want, want.window().to());
        small.record(200_000, 300_000);
        assertNull(small.want(LIMITS));
    }

    @Test
    void quietMeansNothingIsWanted() {
        read(0, STEP);
        read(STEP, STEP);
        pattern.setQuiet(true);
        assertNull(pattern.want(LIMITS));
        pattern.setQuiet(false);
        assertNotNull(pattern.want(LIMITS));
    }
}
