package isle.fs.cache;

/**
 * How fast one request brings bytes, by the latest requests. Requests ahead are kept so small that one takes about a
 * quarter of a second: on a slow link a reader would otherwise wait for megabytes that it did not ask for.
 */
final class Pace {

    private static final long WANTED_NANOS = 250_000_000L;

    /** Shorter answers tell of the round trip, not of the link. */
    private static final int LEAST_TELLING_BYTES = 4 * Grid.BLOCK_BYTES;

    private static final double WEIGHT_OF_NEWEST = 0.3;

    /** Bytes in {@link #WANTED_NANOS}; 0 until the first answer. */
    private double bytesInTime;

    synchronized void record(int bytes, long nanos) {
        if (bytes < LEAST_TELLING_BYTES) {
            return;
        }
        double now = (double) bytes / Math.max(1, nanos) * WANTED_NANOS;
        bytesInTime = bytesInTime == 0 ? now : bytesInTime + WEIGHT_OF_NEWEST * (now - bytesInTime);
    }

    /** The most bytes that one request ahead should ask for: a power of two, at least one unit. */
    synchronized long requestBytes(long most) {
        if (bytesInTime == 0 || bytesInTime >= most) {
            return Long.highestOneBit(most);
        }
        return Math.max(Grid.UNIT_BYTES, Long.highestOneBit((long) bytesInTime));
    }
}
