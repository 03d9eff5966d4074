package isle.fs.vfs;

import isle.fs.model.FileKind;

/** When a name that the store does not have as it is here may be committed. */
final class Ripeness {
    /** An open file is committed this long after a sync, and at the latest this long after its first change. */
    static final long SYNC_PAUSE_NANOS = 1_000_000_000L;

    static final long OPEN_NANOS = 30_000_000_000L;

    /** Later by a second for so many bytes: each commit copies all parts of an open file once more. */
    private static final long OPEN_BYTES_PER_SECOND = 64L << 20;

    private final VolumeTree tree;
    private final Room room;

    Ripeness(VolumeTree tree, Room room) {
        this.tree = tree;
        this.room = room;
    }

    /** Whether a name can be planned now; if not, the batch notes what it waits for. Caller holds the write lock. */
    boolean isRipe(Dentry dentry, CommitPlan.Batch batch, boolean draining) {
        Inode inode = dentry.inode;
        if (dentry.isUncertain() || (inode != null && inode.attempted != null && inode.attempted.isUncertain())) {
            batch.olderPutWaits = true;
            batch.waitAtMost(SYNC_PAUSE_NANOS);
            return false;
        }
        if (dentry.inFlight || (inode != null && inode.inFlight)) {
            batch.olderPutWaits |= inode != null;
            batch.goesOn = true;
            return false;
        }
        if (!VolumeTree.isDirty(dentry)) {
            tree.clean(dentry);
            return false;
        }
        long now = tree.clock.nanos();
        long wait = Math.max(dentry.retryNanos - now, draining || inode == null ? 0 : ripeIn(inode, now));
        if (wait > 0) {
            batch.waitAtMost(wait);
            return false;
        }
        if (inode != null && inode.staging) {
            batch.olderPutWaits = true;
            batch.goesOn = true;
            return false;
        }
        return true;
    }

    /** Nanoseconds until a file that is held open may be committed; 0 for now. */
    private long ripeIn(Inode inode, long now) {
        if (inode.writers == 0 || inode.attributes.kind() != FileKind.FILE || isPressing(inode)) {
            return 0;
        }
        long pause = inode.syncRequested ? SYNC_PAUSE_NANOS : OPEN_NANOS;
        long grown = inode.attributes.size() / OPEN_BYTES_PER_SECOND * 1_000_000_000L;
        return Math.max(0, inode.dirtyNanos + pause + grown - now);
    }

    /** Whether the journal needs the room that a file takes there, and no part of it can be sent ahead. */
    private boolean isPressing(Inode inode) {
        FileContent content = inode.content;
        return room.isHalfFull()
                && content != null
                && !inode.staging
                && (tree.isByReference() || content.wholeParts(tree.volume, 1).isEmpty())
                && (room.isNearlyFull()
                        || content.size() < OPEN_BYTES_PER_SECOND
                        || room.isMuch(content.extents().journaledBytes()));
    }

    /** A removal goes after what was put into another volume before it: it may be the other half of a move. */
    boolean isBeforeOthers(Dentry removed, CommitPlan.Batch batch) {
        if (batch.othersWaiting.isPresent() && batch.othersWaiting.getAsLong() - removed.dirtyNanos < 0) {
            batch.waitAtMost(SYNC_PAUSE_NANOS / 10);
            return false;
        }
        return true;
    }
}
