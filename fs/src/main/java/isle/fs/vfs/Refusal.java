package isle.fs.vfs;

import isle.fs.model.FsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why a store takes no changes for now, for a reason that lasts: later writers are told at once. */
final class Refusal {
    private static final Logger LOG = LoggerFactory.getLogger(Refusal.class);

    private volatile @Nullable FsException reason;

    /** Notes that the store refused a change; said once for many changes. */
    void note(String volume, FsException refused) {
        boolean lasts = refused instanceof FsException.QuotaExceeded
                || refused instanceof FsException.NoSpace
                || refused instanceof FsException.ReadOnly
                || refused instanceof FsException.AccessDenied;
        FsException before = reason;
        if (lasts) {
            reason = refused;
        }
        if (!lasts || before == null || before.getClass() != refused.getClass()) {
            LOG.warn("the store of {} refused a change: {}", volume, refused.getMessage());
        }
    }

    /** The store has taken a change. */
    void end() {
        reason = null;
    }

    /** Refuses a change of the same kind as the store did. */
    void check() throws FsException {
        FsException refused = reason;
        if (refused != null) {
            throw refused;
        }
    }
}
