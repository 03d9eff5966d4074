package isle.fs.vfs;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;

/** What a volume and its store have, for the message of a failure. */
record RigDump(VolumeTree tree, ObjectStore store) {

    /** Everything that explains a difference. */
    String all() throws FsException {
        StringBuilder text = new StringBuilder("store:");
        for (ObjectStore.ObjectSummary object : store.list("", false, "", 1000).objects()) {
            text.append(' ').append(object.key().value());
        }
        for (Inode inode : tree.inodes.values()) {
            if (inode.directory != null) {
                text.append("\ndirectory " + inode.id + " " + inode.path() + " stored " + inode.stored + " loaded "
                        + inode.directory.loaded + " left " + inode.directory.left);
                inode.directory
                        .children
                        .values()
                        .forEach(child -> text.append("\n    " + child.name + " here " + child.storedHere + " inode "
                                + (child.inode == null ? null : child.inode.id)));
            }
        }
        return text + pending();
    }

    private String pending() {
        StringBuilder text = new StringBuilder();
        try (TreeLock.Held held = tree.lock.write()) {
            for (Dentry dentry : tree.dirty.inOrder(100)) {
                Inode inode = dentry.inode;
                text.append('\n')
                        .append(dentry.parent.path() + "/" + dentry.name)
                        .append(" parent stored " + dentry.parent.stored + " parent name "
                                + (dentry.parent.dentry == null ? null : dentry.parent.dentry.storedHere))
                        .append(" here " + dentry.storedHere + " misplaced " + dentry.misplaced + " in flight "
                                + dentry.inFlight)
                        .append(
                                inode == null
                                        ? " removed"
                                        : " stored " + inode.stored + " changed " + inode.changedAt + " up to "
                                                + inode.storedUpTo + " in flight " + inode.inFlight + " writers "
                                                + inode.writers + " refused " + inode.refused);
            }
            text.append("\ndisplaced " + tree.displaced.keySet());
        }
        return text.toString();
    }
}
