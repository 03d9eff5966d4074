package isle.fs.s3;

import isle.fs.model.FsException;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The limits of the call that this thread makes just now. The SDK has no way to hand limits of one call to the HTTP
 * client; it runs both on the caller's thread, so they meet here.
 *
 * <p>The SDK's own time-outs are not used: they interrupt the calling thread, and an interrupt closes the
 * {@code FileChannel} that the content of an upload is being read from.
 */
final class Deadline {

    /** With less than this left another attempt is not worth its start. */
    private static final Duration SHORTEST_ATTEMPT = Duration.ofMillis(100);

    private static final ThreadLocal<@Nullable Deadline> CURRENT = new ThreadLocal<>();

    private final CallLimits limits;
    private final long startNanos;
    private int attempts;
    private boolean isWrite;
    private @Nullable IOException cut;

    private Deadline(CallLimits limits) {
        this.limits = limits;
        this.startNanos = System.nanoTime();
    }

    /** Requests to the store that make up one call. */
    interface Call<T> {
        T run() throws FsException;
    }

    /** Runs a call on this thread within {@code limits}. Content to be sent may come from a call of its own. */
    static <T> T within(CallLimits limits, Call<T> call) throws FsException {
        Deadline outer = CURRENT.get();
        Deadline deadline = new Deadline(limits);
        CURRENT.set(deadline);
        try {
            return call.run();
        } catch (RuntimeException e) {
            IOException cut = deadline.cut;
            if (cut != null) {
                e.addSuppressed(cut);
            }
            throw e;
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /** The deadline of this thread's call. Every request to the store is made inside one. */
    static Deadline current() {
        Deadline deadline = CURRENT.get();
        if (deadline == null) {
            throw new IllegalStateException("a request outside of a call");
        }
        return deadline;
    }

    CallLimits limits() {
        return limits;
    }

    /** Counts an attempt that starts now, and tells how long it may take; not positive when the call's time is over. */
    Duration nextAttempt() {
        attempts++;
        cut = null;
        Duration left = left();
        return left.compareTo(limits.attempt()) < 0 ? left : limits.attempt();
    }

    /**
     * Keeps the reason why the answer to the running attempt ended early. The SDK's parser of XML loses it; it comes out
     * as a suppressed exception of what the call throws.
     */
    void answerCut(IOException reason) {
        cut = reason;
    }

    /** Whether the answer to the last attempt ended early. */
    boolean isAnswerCut() {
        return cut != null;
    }

    /**
     * From now on the call writes what stands or falls with the moment in which the store takes it up. If no answer comes,
     * it is the caller who knows what may be written after it, and when.
     */
    void write() {
        isWrite = true;
    }

    /** Whether the running attempt must not be followed by another while it may still be carried out. */
    boolean isWrite() {
        return isWrite;
    }

    /** How often something was sent so far. */
    int attempts() {
        return attempts;
    }

    /** Whether there is time for another attempt. */
    boolean allowsAnotherAttempt() {
        return left().compareTo(SHORTEST_ATTEMPT) >= 0;
    }

    private Duration left() {
        return limits.total().minusNanos(System.nanoTime() - startNanos);
    }
}
