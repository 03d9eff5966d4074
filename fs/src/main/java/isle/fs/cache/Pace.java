package isle.fs.cache;

/**
 * How many bytes should be on their way ahead of readers: as many as the link brings in a round trip and a quarter of a
 * second. Fewer would leave the link idle; more would make a reader who needs other bytes wait behind those that nobody
 * needs yet. Both figures are measured with each answer: the rate by all bytes that arrived while a request was under
 * way, the round trip by the shortest answer. Where the limit holds the rate down, the next answers show a higher one,
 * so it finds the link's own within some round trips.
 */
final class Pace {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double QUEUE_SECONDS = 0.25;

    /** However long the round trip seems to be. Under load that lasts, waiting in the queue looks like one. */
    private static final double LONGEST_SECONDS = 1;

    /** A rate that was seen is forgotten by this much with each answer, a shortest answer by this much. */
    private static final double RATE_KEPT = 0.95;

    private static final double ROUND_TRIP_GROWTH = 1.01;

    private long arrivedBytes;
    private double bytesPerSecond;
    private double roundTripSeconds = LONGEST_SECONDS;

    /** All bytes so far; to be given to {@link #arrived} when the request that starts now is answered. */
    synchronized long arrivedBytes() {
        return arrivedBytes;
    }

    /** A request was answered with {@code bytes} after {@code nanos}. */
    synchronized void arrived(int bytes, long nanos, long arrivedBytesAtStart) {
        arrivedBytes += bytes;
        double seconds = Math.max(1, nanos) / NANOS_PER_SECOND;
        roundTripSeconds = Math.min(seconds, roundTripSeconds * ROUND_TRIP_GROWTH);
        bytesPerSecond = Math.max((arrivedBytes - arrivedBytesAtStart) / seconds, bytesPerSecond * RATE_KEPT);
    }

    /** How many bytes may be on their way; one unit at least. */
    synchronized long bytesInFlight() {
        if (bytesPerSecond == 0) {
            return Long.MAX_VALUE;
        }
        double seconds = Math.min(LONGEST_SECONDS, roundTripSeconds + QUEUE_SECONDS);
        return Math.max(Grid.UNIT_BYTES, (long) (bytesPerSecond * seconds));
    }
}
