package isle.fs.s3;

import java.time.Duration;

/**
 * How long one call on the store may take. The classes of requests and their figures are here and nowhere else.
 *
 * @param attempt longest time of one attempt, body included
 * @param quiet longest time in which the server may send nothing
 * @param total longest time of the call with all its attempts and the pauses between them
 */
record CallLimits(Duration attempt, Duration quiet, Duration total) {

    /** Requests whose answer needs no content: head, delete, start of an upload. */
    static final CallLimits METADATA =
            new CallLimits(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(5));

    /** A page of a list: Garage walks to each common prefix anew, which takes longer than a head. */
    static final CallLimits LIST =
            new CallLimits(Duration.ofMillis(3500), Duration.ofMillis(3500), Duration.ofSeconds(5));

    /** Work inside the store that grows with the object: copies, the end of an upload. No caller waits for it. */
    static final CallLimits SERVER_WORK =
            new CallLimits(Duration.ofSeconds(15), Duration.ofSeconds(15), Duration.ofSeconds(20));

    private static final Duration BASE = Duration.ofSeconds(5);
    private static final Duration DOWNLOAD_QUIET = Duration.ofMillis(2500);

    /** Longer than for a download: after the last byte the server forces it to its disks before it answers. */
    private static final Duration UPLOAD_QUIET = Duration.ofSeconds(4);

    private static final long SLOWEST_BYTES_PER_SECOND = 1L << 20;

    /** Measured: a page of 1000 deletions takes 3.3 s on a Garage that forces its writes. */
    private static final Duration PER_DELETION = Duration.ofMillis(15);

    CallLimits {
        if (attempt.compareTo(total) > 0 || quiet.compareTo(attempt) > 0 || quiet.isZero() || quiet.isNegative()) {
            throw new IllegalArgumentException(
                    "limits out of order: quiet " + quiet + ", attempt " + attempt + ", total " + total);
        }
    }

    /** Limits of reading {@code bytes}: five seconds and one more for each MiB. */
    static CallLimits download(long bytes) {
        Duration total = transfer(bytes);
        return new CallLimits(total, DOWNLOAD_QUIET, total);
    }

    /** Limits of sending {@code bytes}: five seconds and one more for each MiB. */
    static CallLimits upload(long bytes) {
        Duration total = transfer(bytes);
        return new CallLimits(total, UPLOAD_QUIET, total);
    }

    /** Limits of deleting {@code keys} objects in one request. */
    static CallLimits deletions(int keys) {
        Duration total = BASE.plus(PER_DELETION.multipliedBy(keys));
        return new CallLimits(total, total, total);
    }

    private static Duration transfer(long bytes) {
        return BASE.plus(Duration.ofMillis(bytes * 1000 / SLOWEST_BYTES_PER_SECOND));
    }
}
