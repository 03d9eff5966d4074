package isle.fs.model;

import java.time.Instant;

/**
 * A point of time as file systems keep it.
 *
 * @param seconds since 1970, negative before
 * @param nanos 0 to 999 999 999, always counted forward
 */
public record Timestamp(long seconds, int nanos) implements Comparable<Timestamp> {

    /** 1970-01-01T00:00:00Z. */
    public static final Timestamp EPOCH = new Timestamp(0, 0);

    public Timestamp {
        if (nanos < 0 || nanos > 999_999_999) {
            throw new IllegalArgumentException("nanoseconds " + nanos);
        }
    }

    /** The same point of time as {@code instant}. */
    public static Timestamp of(Instant instant) {
        return new Timestamp(instant.getEpochSecond(), instant.getNano());
    }

    /** From milliseconds since 1970. */
    public static Timestamp ofMillis(long millis) {
        return new Timestamp(Math.floorDiv(millis, 1000L), (int) Math.floorMod(millis, 1000L) * 1_000_000);
    }

    /** Milliseconds since 1970, rounded down. */
    public long toMillis() {
        return Math.addExact(Math.multiplyExact(seconds, 1000L), nanos / 1_000_000);
    }

    @Override
    public int compareTo(Timestamp other) {
        int bySeconds = Long.compare(seconds, other.seconds);
        return bySeconds != 0 ? bySeconds : Integer.compare(nanos, other.nanos);
    }
}
