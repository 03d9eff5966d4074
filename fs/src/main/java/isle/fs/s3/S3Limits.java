package isle.fs.s3;

import java.time.Duration;

/**
 * How long calls on the store may take, by class of request. All figures of this room are here.
 *
 * @param patience longest time of a call that moves no content, and what a transfer gets before its size counts; work
 *     inside the store gets four times as long
 * @param slowestBytesPerSecond a transfer gets one more second for each of these; less is not worth waiting for
 */
public record S3Limits(Duration patience, long slowestBytesPerSecond) {

    /** Five seconds, and one more for each MiB. */
    public static final S3Limits DEFAULT = new S3Limits(Duration.ofSeconds(5), 1L << 20);

    /** Measured: a page of 1000 deletions takes 3.3 s on a Garage that forces its writes. */
    private static final Duration PER_DELETION = Duration.ofMillis(15);

    public S3Limits {
        if (patience.toMillis() < 10 || slowestBytesPerSecond < 1) {
            throw new IllegalArgumentException("limits " + patience + ", " + slowestBytesPerSecond + " bytes/s");
        }
    }

    /** Requests whose answer needs no content: head, delete, start of an upload. There is time for two attempts. */
    CallLimits metadata() {
        return of(0.4, 0.4, patience);
    }

    /** A page of a list: Garage looks for each folder anew, which takes longer than a head. */
    CallLimits list() {
        return of(0.7, 0.7, patience);
    }

    /** Work inside the store that grows with the object: copies, the end of an upload. No caller waits for it. */
    CallLimits serverWork() {
        return of(0.8, 0.8, patience.multipliedBy(4));
    }

    /** Reading {@code bytes}. */
    CallLimits download(long bytes) {
        Duration total = transfer(bytes);
        return new CallLimits(total, share(0.5, patience), total);
    }

    /** Sending {@code bytes}. More quiet than a download: the server forces them to its disks before it answers. */
    CallLimits upload(long bytes) {
        Duration total = transfer(bytes);
        return new CallLimits(total, share(0.8, patience), total);
    }

    /** Deleting {@code keys} objects in one request. */
    CallLimits deletions(int keys) {
        return of(1, 1, patience.plus(PER_DELETION.multipliedBy(keys)));
    }

    private Duration transfer(long bytes) {
        return patience.plus(Duration.ofMillis(
                bytes / slowestBytesPerSecond * 1000 + bytes % slowestBytesPerSecond * 1000 / slowestBytesPerSecond));
    }

    private static CallLimits of(double attempt, double quiet, Duration total) {
        return new CallLimits(share(attempt, total), share(quiet, total), total);
    }

    private static Duration share(double part, Duration whole) {
        return Duration.ofMillis((long) (part * whole.toMillis()));
    }
}
