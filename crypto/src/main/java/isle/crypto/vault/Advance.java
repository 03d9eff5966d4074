package isle.crypto.vault;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Consumer;

/** How far a long piece of work is, in words: how much there is, how much was done, how long the rest will take. */
final class Advance {

    private static final long MEBIBYTE = 1 << 20;
    private static final long SECONDS = 90;
    private static final long MINUTES = 90;

    /** Nothing is said of the rest before: it would be a guess. */
    private static final Duration LEAST = Duration.ofSeconds(2);

    private final InstantSource clock;
    private final Consumer<String> progress;
    private final long objects;
    private final long bytes;
    private final Instant began;
    private long doneObjects;
    private long doneBytes;
    private long skippedBytes;
    private long skippedObjects;

    /**
     * @param progress is told; what it throws ends the work
     * @param objects to be done
     * @param bytes in them
     */
    Advance(InstantSource clock, Consumer<String> progress, long objects, long bytes) {
        this.clock = clock;
        this.progress = progress;
        this.objects = objects;
        this.bytes = bytes;
        this.began = clock.instant();
    }

    /** An object of this size was done. */
    void done(long size) {
        progress.accept(add(size, false));
    }

    /** One was done earlier: that says nothing of how fast it goes. */
    void skipped(long size) {
        add(size, true);
    }

    private synchronized String add(long size, boolean skipped) {
        doneObjects++;
        doneBytes += size;
        skippedBytes += skipped ? size : 0;
        skippedObjects += skipped ? 1 : 0;
        return "Read " + doneObjects + " of " + objects + " objects, " + mebibytes(doneBytes) + " of "
                + mebibytes(bytes) + " MiB" + rest();
    }

    /** How many were done earlier. */
    synchronized long skippedObjects() {
        return skippedObjects;
    }

    private static long mebibytes(long bytes) {
        return (bytes + MEBIBYTE - 1) / MEBIBYTE;
    }

    private String rest() {
        Duration passed = Duration.between(began, clock.instant());
        long read = doneBytes - skippedBytes;
        if (passed.compareTo(LEAST) < 0 || read <= 0) {
            return "";
        }
        double each = (double) passed.toMillis() / read;
        long seconds = Math.round(each * Math.max(0, bytes - doneBytes) / 1000);
        if (seconds < SECONDS) {
            return ", about " + seconds + " s left";
        }
        long minutes = Math.round(seconds / 60.0);
        return minutes < MINUTES
                ? ", about " + minutes + " min left"
                : ", about " + Math.round(minutes / 60.0) + " h left";
    }
}
