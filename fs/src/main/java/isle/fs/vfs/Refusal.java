package isle.fs.vfs;

import isle.fs.model.FsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why a store takes no changes for now, for a reason that lasts: later writers are told at once. It ends when the store
 * has taken a change, or when nobody repeats the one that was refused, because it was removed.
 */
final class Refusal {
    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

    /** What a repetition may be late. */
    private static final long LATE_NANOS = 5_000_000_000L;

    private record Refused(FsException reason, long until) {}

    private final VfsClock clock;
    private volatile @Nullable Refused last;

    Refusal(VfsClock clock) {
        this.clock = clock;
    }

    /**
     * Notes that the store refused a change; said once for many changes.
     *
     * @param retryNanos when it is tried again, on the tree's clock
     */
    void note(String volume, FsException refused, long retryNanos) {
        boolean lasts = refused instanceof FsException.QuotaExceeded
                || refused instanceof FsException.NoSpace
                || refused instanceof FsException.ReadOnly
                || refused instanceof FsException.AccessDenied;
        Refused before = last;
        if (lasts) {
            last = new Refused(refused, retryNanos + LATE_NANOS);
        }
        if (!lasts || before == null || before.reason.getClass() != refused.getClass()) {
            LOG.warn("the store of {} refused a change: {}", volume, refused.getMessage());
        }
    }

    /** The store has taken a change. */
    void end() {
        last = null;
    }

    /** Refuses a change of the same kind as the store did. */
    void check() throws FsException {
        Refused refused = last;
        if (refused == null) {
            return;
        }
        if (refused.until - clock.nanos() > 0) {
            throw refused.reason;
        }
        last = null;
    }
}
