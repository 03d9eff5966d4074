package isle.fs.vfs;

import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.Stat;
import isle.fs.vfs.FileSystem.TimeChange;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Attributes of the inodes of one volume: stat, chmod, chown, times, extended attributes. */
final class VolumeAttributes {
    /** XATTR_CREATE and XATTR_REPLACE of {@code setxattr(2)}. */
    private static final int CREATE = 1;

    private static final int REPLACE = 2;

    private static final int BLOCK_BYTES = 512;
    private static final int SET_USER_ID = 04000;
    private static final int SET_GROUP_ID = 02000;
    private static final int GROUP_EXECUTE = 0010;

    private final VolumeTree tree;
    private final VolumeFiles files;
    private final Runnable committer;

    VolumeAttributes(VolumeTree tree, VolumeFiles files, Runnable committer) {
        this.tree = tree;
        this.files = files;
        this.committer = committer;
    }

    Stat stat(Inode inode) {
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                Attributes a = inode.attributes;
                Timestamp atime = inode.atime;
                boolean linked =
                        inode.dentry != null || inode == tree.root || !PosixRule.REMOVED_FILES_HAVE_NO_LINKS.holds();
                int links = linked ? 1 : 0;
                long size = a.size();
                if (inode.directory != null) {
                    links = linked ? 2 + inode.directory.directories : 0;
                    size = 4096;
                }
                return new Stat(
                        inode.id,
                        a.kind(),
                        a.permissions(),
                        links,
                        tree.ownership.shownUid(a.uid()),
                        tree.ownership.shownGid(a.gid()),
                        a.device(),
                        size,
                        (size + BLOCK_BYTES - 1) / BLOCK_BYTES,
                        atime == null ? a.mtime() : atime,
                        a.mtime(),
                        a.ctime());
            } finally {
                inode.lock.unlock();
            }
        }
    }

    Stat change(Inode inode, AttributeChange change) throws FsException {
        tree.requireWritable();
        if (change.size().isPresent()) {
            if (inode.isDirectory()) {
                throw new FsException.IsDirectory("is a directory");
            }
            if (inode.attributes.kind() != FileKind.FILE) {
                throw new FsException.Invalid("only files have a size to set");
            }
            files.resize(inode, change.size().get());
        }
        // Nothing to change is a change too: chown to whom it belongs moves ctime.
        boolean nothing = change.size().isEmpty() && PosixRule.UNCHANGED_OWNER_MOVES_CTIME.holds();
        if (nothing
                || change.permissions().isPresent()
                || change.uid().isPresent()
                || change.gid().isPresent()
                || change.mtime().isPresent()
                || change.atime().isPresent()) {
            changeOthers(inode, change);
            committer.run();
        }
        return stat(inode);
    }

    private void changeOthers(Inode inode, AttributeChange change) throws FsException {
        files.requireDescribed(inode);
        int uid = change.uid().orElse(-1);
        int gid = change.gid().orElse(-1);
        if (!tree.ownership.accepts(uid, gid)) {
            throw new FsException.NotPermitted("files of " + tree.name() + " belong to whoever mounted it");
        }
        try (TreeLock.Held held = tree.lock.write()) {
            Timestamp now = tree.clock.now();
            Attributes next = inode.attributes;
            if (change.permissions().isPresent()) {
                next = next.withPermissions(change.permissions().get() & Attributes.PERMISSION_MASK);
            }
            next = next.withOwner(uid == -1 ? next.uid() : uid, gid == -1 ? next.gid() : gid);
            if (change.mtime().isPresent()) {
                next = next.withMtime(timeOf(change.mtime().get(), now));
            }
            if (change.atime().isPresent()) {
                inode.atime = timeOf(change.atime().get(), now);
            }
            store(inode, next, now);
        }
    }

    /** Content that somebody else than root has changed runs with nobody's rights but those of who starts it. */
    void dropSetIds(Inode inode) throws FsException {
        int permissions = inode.attributes.permissions();
        int dropped = (permissions & GROUP_EXECUTE) != 0 ? SET_USER_ID | SET_GROUP_ID : SET_USER_ID;
        if ((permissions & dropped) != 0) {
            change(inode, AttributeChange.chmod(permissions & ~dropped));
        }
    }

    private static Timestamp timeOf(TimeChange change, Timestamp now) {
        return change.value().orElse(now);
    }

    /** Journals new attributes, changed now. Caller holds the write lock. */
    private void store(Inode inode, Attributes changed, Timestamp now) throws FsException {
        Attributes before = inode.attributes;
        Attributes next = PosixRule.ATTRIBUTES_MOVE_CTIME.holds() ? changed.withCtime(now) : changed;
        if (inode != tree.root) {
            tree.volume.checkStorable(next);
            tree.introduce(inode);
        }
        inode.attributes = next;
        if (inode == tree.root) {
            return;
        }
        try {
            tree.journalChange(List.of(inode), List.of());
        } catch (FsException e) {
            inode.attributes = before;
            throw e;
        }
    }

    String getxattr(Inode inode, String name) throws FsException {
        inode.lock.lock();
        try {
            String value = inode.attributes.xattrs().get(name);
            if (value == null) {
                throw new FsException.NoAttribute("the attribute is not set");
            }
            return value;
        } finally {
            inode.lock.unlock();
        }
    }

    List<String> listxattr(Inode inode) {
        inode.lock.lock();
        try {
            return new ArrayList<>(inode.attributes.xattrs().keySet());
        } finally {
            inode.lock.unlock();
        }
    }

    void setxattr(Inode inode, String name, String value, int mode) throws FsException {
        tree.requireWritable();
        files.requireDescribed(inode);
        try (TreeLock.Held held = tree.lock.write()) {
            SortedMap<String, String> next = new TreeMap<>(inode.attributes.xattrs());
            boolean set = next.containsKey(name);
            if (mode == CREATE && set && PosixRule.CREATED_ATTRIBUTE_IS_NEW.holds()) {
                throw new FsException.Exists("the attribute is set already");
            }
            if (mode == REPLACE && !set && PosixRule.REPLACED_ATTRIBUTE_EXISTS.holds()) {
                throw new FsException.NoAttribute("the attribute is not set");
            }
            next.put(name, value);
            store(inode, inode.attributes.withXattrs(next), tree.clock.now());
        }
        committer.run();
    }

    void removexattr(Inode inode, String name) throws FsException {
        tree.requireWritable();
        files.requireDescribed(inode);
        try (TreeLock.Held held = tree.lock.write()) {
            SortedMap<String, String> next = new TreeMap<>(inode.attributes.xattrs());
            if (next.remove(name) == null) {
                throw new FsException.NoAttribute("the attribute is not set");
            }
            store(inode, inode.attributes.withXattrs(next), tree.clock.now());
        }
        committer.run();
    }
}
