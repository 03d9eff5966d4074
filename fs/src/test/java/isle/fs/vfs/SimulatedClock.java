package isle.fs.vfs;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that only moves when it is read, a millisecond each time, or told to. */
final class SimulatedClock {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong nanos = new AtomicLong();
    private volatile Duration set = Duration.ZERO;

    InstantSource wall() {
        return () -> START.plusNanos(nanos.get()).plus(set);
    }

    VfsClock clock() {
        return new VfsClock(wall(), () -> nanos.addAndGet(1_000_000));
    }

    /** Somebody sets the wall clock; the monotonic one goes on. */
    void set(Duration by) {
        set = set.plus(by);
    }

    void advanceMillis(long millis) {
        nanos.addAndGet(millis * 1_000_000);
    }
}
