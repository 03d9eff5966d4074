package isle.fs.cache;

import java.util.function.LongSupplier;

/** A moment until which somebody waits. */
record Deadline(LongSupplier nanoTime, long atNanos) {

    private static final int MEBIBYTE = 1 << 20;

    static Deadline forRead(CacheSettings settings, LongSupplier nanoTime, long bytes) {
        long wait = settings.baseWait().toNanos()
                + settings.waitPerMebibyte().toNanos() * (bytes / MEBIBYTE)
                + settings.waitPerMebibyte().toNanos() * (bytes % MEBIBYTE) / MEBIBYTE;
        return new Deadline(nanoTime, nanoTime.getAsLong() + wait);
    }

    /** Not negative. */
    long leftNanos() {
        return Math.max(0, atNanos - nanoTime.getAsLong());
    }

    boolean passed() {
        return leftNanos() == 0;
    }
}
