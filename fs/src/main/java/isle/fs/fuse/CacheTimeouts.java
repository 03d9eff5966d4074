package isle.fs.fuse;

import java.time.Duration;

/**
 * How long the kernel may answer from its own memory before it asks again. They go with every single answer, so a mount
 * may change them while it runs; what the kernel was told before keeps its old time-out.
 *
 * @param names how long a name leads to its inode
 * @param attributes how long attributes hold
 * @param absent how long a name that was not there is taken as absent; zero: not at all
 */
public record CacheTimeouts(Duration names, Duration attributes, Duration absent) {

    /** For a mount that learns of other hosts' changes by looking only. */
    public static final CacheTimeouts SHORT =
            new CacheTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO);

    /** For a mount that is told of every change and passes it on to the kernel ({@link Invalidation}). */
    public static final CacheTimeouts LONG =
            new CacheTimeouts(Duration.ofHours(1), Duration.ofHours(1), Duration.ofMinutes(1));

    public CacheTimeouts {
        if (names.isNegative() || attributes.isNegative() || absent.isNegative()) {
            throw new IllegalArgumentException("negative time-out");
        }
    }

    double nameSeconds() {
        return seconds(names);
    }

    double attributeSeconds() {
        return seconds(attributes);
    }

    double absentSeconds() {
        return seconds(absent);
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }
}
