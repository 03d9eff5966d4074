package isle.fs.vfs;

/** Counts commits that have ended, for who waits for one. */
final class Landings {
    private static final long MILLIS = 20;

    private long count;

    synchronized void add() {
        count++;
        notifyAll();
    }

    /** Waits a moment for the next one. */
    synchronized void await(VfsClock clock) {
        long before = count;
        long end = clock.nanos() + MILLIS * 1_000_000;
        try {
            for (long left = MILLIS; count == before && left > 0; left = (end - clock.nanos()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
