package isle.fs.vfs;

import isle.fs.model.Attributes;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;

/** Plans to copy aside what lies in the way of others and is needed itself. */
final class Keeps {
    private final VolumeTree tree;
    private final String prefix;

    Keeps(VolumeTree tree, String device) {
        this.tree = tree;
        this.prefix = VolumeTree.KEEP_PREFIX + device + ".";
    }

    /** Whether it is planned now. */
    boolean plan(VolumeTree.Displaced displaced, CommitPlan.Batch batch) {
        Inode inode = displaced.inode();
        Volume.Source stored = inode.stored;
        if (inode.inFlight || displaced.slot().inFlight || stored == null || tree.liveKeeps.contains(stored.ref())) {
            return false;
        }
        if (inode.attempted != null) {
            // It may have left that place: the committer looks first.
            inode.attempted.attemptElsewhere = true;
            batch.waitNanos = 0;
            return false;
        }
        boolean known = inode.directory == null || (inode.directory.loaded && inode.dentry != null);
        if (!known || (inode.isDirectory() && tree.isByReference())) {
            return false;
        }
        FileName name;
        try {
            // A place that was never used: what an earlier keep left there may not be removed yet.
            name = new FileName(prefix + Long.toHexString(tree.newNumber()));
        } catch (FsException e) {
            batch.waitNanos = Math.min(batch.waitNanos, Ripeness.OPEN_NANOS);
            return false;
        }
        Attributes attributes = inode.isDirectory() && inode.described ? inode.attributes : null;
        Volume.Change put = new Volume.Change.Put(
                "", name, null, attributes, null, stored, Volume.After.SOURCE_STAYS, false, 0, null);
        batch.jobs.add(new CommitJob(displaced.slot(), inode, put, null, null, 0, 0, null, true));
        return true;
    }
}
