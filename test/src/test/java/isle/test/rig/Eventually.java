package isle.test.rig;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another process does, with an end. */
public final class Eventually {

    private static final long POLL_NANOS = 20_000_000;

    private Eventually() {}

    /** Returns as soon as {@code condition} holds; fails the test when it does not within {@code limit}. */
    public static void holds(String what, Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit.toMillis() + " ms: " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
