package isle.fs.vfs;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Chooses what goes into the store next. What the store does not have is a set of names, oldest first, not a list of
 * steps: a file saved ten times is one put, one that came and went is nothing.
 */
interface CommitPlan {
    /** Most changes of one batch, which is one page of a list. */
    int BATCH = 1000;

    /** Names that are looked at for one batch. */
    int SCANNED = 20_000;

    /** The next batch, now under way; with what is held open if {@code drain}, asked under the write lock that it takes. */
    Batch next(BooleanSupplier drain);

    /** A choice: what to do, and what had to wait. */
    final class Batch {
        final List<CommitJob> jobs = new ArrayList<>();

        /** Removals that may go once the puts before them are done. */
        final List<CommitJob> removals = new ArrayList<>();

        /** Inodes that stand in others' way and are in nobody's plan: to be kept elsewhere. */
        final List<VolumeTree.Displaced> obstacles = new ArrayList<>();

        /** What is left at the old place of a directory, where another is to come. */
        final List<VolumeTree.Displaced> leavers = new ArrayList<>();

        boolean olderPutWaits;

        /** Places whose content is to be removed, and for which name. */
        final TreeMap<String, Dentry> doomed = new TreeMap<>();

        /** Since when a put of another volume waits. */
        OptionalLong othersWaiting = OptionalLong.empty();

        /** Whether something is under way, or has to be known first: there will be more to do by itself. */
        boolean goesOn;

        /** Time until something that is not ripe yet may be, in ns; Long.MAX_VALUE for never. */
        long waitNanos = Long.MAX_VALUE;

        void waitAtMost(long nanos) {
            waitNanos = Math.min(waitNanos, nanos);
        }

        /** They are under way from now on. Caller holds the write lock. */
        void begin() {
            for (CommitJob job : jobs) {
                job.dentry().inFlight = true;
                if (job.inode() != null) {
                    job.inode().inFlight = true;
                }
            }
        }
    }
}
