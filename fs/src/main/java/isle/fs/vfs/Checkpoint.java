package isle.fs.vfs;

import isle.fs.journal.JournalRecord;
import isle.fs.model.FsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Says in a few records everything that the store does not have yet, so that the journal before it can go. The index
 * must have on disk what was committed so far: afterwards no record would tell it again.
 */
final class Checkpoint {
    private static final Duration INDEX_WAIT = Duration.ofSeconds(2);

    private static final long IDLE_BYTES = 4L << 20;
    private static final long BUSY_BYTES = 64L << 20;

    /** A small journal is cut short more often: this part of its cap. */
    private static final long PER_CAP = 8;

    private final VolumeTree tree;
    private final IndexQueue queue;

    Checkpoint(VolumeTree tree, IndexQueue queue) {
        this.tree = tree;
        this.queue = queue;
    }

    /** Whether the journal has grown enough since the last one. */
    boolean isDue() {
        long due = tree.dirty.size() == 0 ? IDLE_BYTES : BUSY_BYTES;
        return tree.journal().bytesSinceCheckpoint()
                >= Math.min(due, tree.journal().capBytes() / PER_CAP);
    }

    /** Makes one; false if the index is behind and it was put off. */
    boolean write() throws FsException {
        if (!queue.barrier(INDEX_WAIT)) {
            return false;
        }
        tree.forceIndex();
        try (TreeLock.Held held = tree.lock.write()) {
            if (!queue.barrier(INDEX_WAIT)) {
                return false;
            }
            tree.forceIndex();
            Crowded crowded = new Crowded(tree);
            tree.journal().checkpoint(journal -> writeState(crowded));
            crowded.leave();
        }
        return true;
    }

    private void writeState(Crowded crowded) throws FsException {
        tree.forgetIntroduced();
        for (String keep : tree.liveKeeps) {
            tree.append(new JournalRecord.Place(0, keep));
        }
        for (String part : tree.staged.keySet()) {
            tree.append(new JournalRecord.Place(0, part));
        }
        for (String keep : tree.abandonedKeeps) {
            tree.append(new JournalRecord.Place(0, keep));
        }
        Set<Dentry> names = new HashSet<>();
        for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
            if (VolumeTree.isDirty(dentry) && names.add(dentry)) {
                write(dentry, crowded);
            } else if (!VolumeTree.isDirty(dentry)) {
                tree.dirty.remove(dentry);
            }
        }
        for (Inode inode : new ArrayList<>(tree.inodes.values())) {
            Dentry dentry = inode.dentry;
            if (inode.directory != null && !inode.directory.left.isEmpty() && dentry != null && names.add(dentry)) {
                write(dentry, crowded);
            }
        }
    }

    private void write(Dentry dentry, Crowded crowded) throws FsException {
        tree.writePlace(dentry.parent);
        Inode inode = dentry.inode;
        List<JournalRecord.InodeState> states = new ArrayList<>();
        if (inode != null) {
            states.add(VolumeTree.stateOf(inode, inode.changedAt));
            tree.markIntroduced(inode);
        }
        tree.append(new JournalRecord.Operation(states, List.of(VolumeTree.stateOf(dentry, dentry.sequence))));
        for (String token : dentry.tokens) {
            tree.append(new JournalRecord.Attempt(
                    dentry.parent.id, dentry.name, dentry.attemptInode, dentry.attemptRef, token));
        }
        FileContent content = inode == null ? null : inode.content;
        if (inode != null && content != null && !content.isClean()) {
            long id = inode.id;
            tree.append(new JournalRecord.Base(id, content.baseLimit(), content.shrinks()));
            for (ExtentMap.Extent extent : content.extents().all()) {
                if (!crowded.move(inode, extent)) {
                    tree.append(Crowded.recordOf(id, extent));
                }
            }
        }
    }
}
