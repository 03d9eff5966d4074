package isle.fs.vfs;

import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The operations on names of one volume: make, remove, rename, list. Each is one record of the journal. */
final class Names {
    private static final int SET_GROUP_ID = 02000;

    private final VolumeTree tree;
    private final Loader loader;
    private final Room room;
    private final Runnable committer;

    Names(VolumeTree tree, Loader loader, Room room, Runnable committer) {
        this.tree = tree;
        this.loader = loader;
        this.room = room;
        this.committer = committer;
    }

    /** The inode of a name; described as far as the store can tell now. */
    Inode lookup(Inode parent, FileName name) throws FsException {
        loader.load(parent);
        Inode found;
        try (TreeLock.Held held = tree.lock.read()) {
            found = VolumeTree.child(parent, name);
        }
        if (found == null) {
            throw new FsException.NotFound("no such name");
        }
        loader.describe(found);
        return found;
    }

    /**
     * What a new inode shall be.
     *
     * @param handles of the new file that are open from the start, so that it is not committed before its first write
     * @param writers those of them that write
     */
    record NewInode(FileKind kind, int permissions, long device, String symlinkTarget, int handles, int writers) {
        static NewInode of(FileKind kind, int permissions) {
            return new NewInode(kind, permissions, 0, "", 0, 0);
        }
    }

    Inode make(Inode parent, FileName name, NewInode what, Caller caller) throws FsException {
        tree.requireWritable();
        room.awaitName();
        loader.load(parent);
        try (TreeLock.Held held = tree.lock.write()) {
            requireLiving(parent);
            if (VolumeTree.child(parent, name) != null) {
                throw new FsException.Exists("the name exists");
            }
            requireAllowed(parent, name);
            tree.volume.place(tree.prospectiveRef(parent), name, what.kind());
            Inode inode = new Inode(tree.newNumber(), attributesOf(parent, what, caller));
            if (inode.directory != null) {
                inode.directory.loaded = true;
            }
            inode.handles = what.handles();
            inode.writers = what.writers();
            tree.volume.checkStorable(inode.attributes);
            Dentry slot = tree.slot(parent, name);
            tree.setMeaning(slot, inode);
            tree.inodes.put(inode.id, inode);
            try {
                tree.journalChange(List.of(inode), List.of(slot));
            } catch (FsException e) {
                tree.setMeaning(slot, null);
                inode.dentry = null;
                tree.inodes.remove(inode.id);
                tree.dropIfVoid(slot);
                throw e;
            }
            tree.touch(parent, PosixRule.MAKING_TOUCHES_THE_FOLDER);
            return inode;
        } finally {
            committer.run();
        }
    }

    private Attributes attributesOf(Inode parent, NewInode what, Caller caller) {
        int permissions = what.permissions() & Attributes.PERMISSION_MASK;
        int gid = caller.gid();
        if ((parent.attributes.permissions() & SET_GROUP_ID) != 0) {
            gid = PosixRule.FOLDER_HANDS_ITS_GROUP_ON.holds() ? parent.attributes.gid() : gid;
            if (what.kind() == FileKind.DIRECTORY && PosixRule.FOLDER_HANDS_SET_GROUP_ID_ON.holds()) {
                permissions |= SET_GROUP_ID;
            }
        }
        Timestamp now = tree.clock.now();
        Attributes attributes = Attributes.of(what.kind(), permissions, caller.uid(), gid, 0, now)
                .withDevice(what.device());
        return what.kind() == FileKind.SYMLINK ? attributes.withSymlinkTarget(what.symlinkTarget()) : attributes;
    }

    private static void requireLiving(Inode directory) throws FsException {
        if (directory.asDirectory().removed) {
            throw new FsException.NotFound("the directory was removed");
        }
    }

    private void requireAllowed(Inode parent, FileName name) throws FsException {
        if (parent == tree.root && name.raw().startsWith(VolumeTree.KEEP_PREFIX)) {
            throw new FsException.NotPermitted(
                    "names that begin with " + VolumeTree.KEEP_PREFIX + " are isle's own at the top of a volume");
        }
    }

    void unlink(Inode parent, FileName name) throws FsException {
        tree.requireWritable();
        loader.load(parent);
        try (TreeLock.Held held = tree.lock.write()) {
            Inode inode = require(parent, name);
            if (inode.isDirectory()) {
                throw new FsException.IsDirectory("is a directory");
            }
            detach(parent.asDirectory().children.get(name));
            tree.forgetIfDead(inode);
            tree.touch(parent, PosixRule.REMOVING_TOUCHES_THE_FOLDER);
        } finally {
            committer.run();
        }
    }

    /** Takes the meaning from a name, journaled. Caller holds the write lock. */
    private void detach(@Nullable Dentry found) throws FsException {
        Dentry slot = Objects.requireNonNull(found);
        Inode inode = Objects.requireNonNull(slot.inode);
        tree.setMeaning(slot, null);
        inode.dentry = null;
        try {
            tree.journalChange(List.of(), List.of(slot));
        } catch (FsException e) {
            tree.setMeaning(slot, inode);
            throw e;
        }
        noteDisplaced(slot, inode);
        noteNameLost(inode);
        tree.dropIfVoid(slot);
    }

    /** Who has it open sees when it lost its name. */
    private void noteNameLost(Inode inode) {
        if (PosixRule.REMOVING_MOVES_CTIME.holds()) {
            inode.attributes = inode.attributes.withCtime(tree.clock.now());
        }
    }

    /** Remembers that the store has an inode's content under a name that is not its own any more. */
    private void noteDisplaced(Dentry slot, Inode inode) {
        Volume.Source stored = inode.stored;
        Volume.Source here = slot.storedHere;
        boolean alive = inode.dentry != null || inode.handles > 0;
        if (tree.isByReference()) {
            return;
        }
        if (alive && stored != null && here != null && stored.ref().equals(here.ref())) {
            tree.displaced.put(stored.ref(), new VolumeTree.Displaced(inode, slot));
        }
    }

    void rmdir(Inode parent, FileName name) throws FsException {
        tree.requireWritable();
        loader.load(parent);
        Inode doomed;
        try (TreeLock.Held held = tree.lock.read()) {
            doomed = require(parent, name);
        }
        doomed.asDirectory();
        loader.load(doomed);
        try (TreeLock.Held held = tree.lock.write()) {
            if (require(parent, name) != doomed) {
                throw new FsException.Busy("the directory was replaced meanwhile");
            }
            requireEmpty(doomed, PosixRule.RMDIR_WANTS_EMPTY);
            detach(parent.asDirectory().children.get(name));
            tree.noteRemoved(doomed, doomed.asDirectory());
            tree.touch(parent, PosixRule.REMOVING_TOUCHES_THE_FOLDER);
        } finally {
            committer.run();
        }
    }

    private static void requireEmpty(Inode directory, PosixRule rule) throws FsException {
        for (Dentry child : directory.asDirectory().children.values()) {
            if (child.inode != null && rule.holds()) {
                throw new FsException.NotEmpty("the directory is not empty");
            }
        }
    }

    private static Inode require(Inode parent, FileName name) throws FsException {
        Inode inode = VolumeTree.child(parent, name);
        if (inode == null) {
            throw new FsException.NotFound("no such name");
        }
        return inode;
    }

    void rename(Inode parent, FileName name, Inode newParent, FileName newName) throws FsException {
        tree.requireWritable();
        loader.load(parent);
        loader.load(newParent);
        loadForReplacement(newParent, newName);
        try (TreeLock.Held held = tree.lock.write()) {
            Inode inode = require(parent, name);
            Inode replaced = VolumeTree.child(newParent, newName);
            if (replaced == inode) {
                return;
            }
            requireLiving(newParent);
            requireAllowed(newParent, newName);
            requireReplaceable(inode, newParent, replaced);
            requirePlaces(inode, newParent, newName);
            move(inode, Objects.requireNonNull(inode.dentry), tree.slot(newParent, newName), replaced);
            tree.touch(parent, PosixRule.RENAMING_TOUCHES_THE_FOLDERS);
            tree.touch(newParent, PosixRule.RENAMING_TOUCHES_THE_FOLDERS);
        } finally {
            committer.run();
        }
    }

    private void loadForReplacement(Inode newParent, FileName newName) throws FsException {
        Inode replaced;
        try (TreeLock.Held held = tree.lock.read()) {
            replaced = VolumeTree.child(newParent, newName);
        }
        if (replaced != null && replaced.isDirectory()) {
            loader.load(replaced);
        }
    }

    private static void requireReplaceable(Inode inode, Inode newParent, @Nullable Inode replaced) throws FsException {
        for (Inode above = newParent; above.dentry != null; above = above.dentry.parent) {
            if (above == inode) {
                throw new FsException.Invalid("a directory cannot be moved into itself");
            }
        }
        if (replaced == null) {
            return;
        }
        if (inode.isDirectory()) {
            replaced.asDirectory();
            requireEmpty(replaced, PosixRule.RENAMING_OVER_WANTS_EMPTY);
        } else if (replaced.isDirectory()) {
            throw new FsException.IsDirectory("the target is a directory");
        }
    }

    /** Checks the new key of an inode and of everything below it that is known. */
    private void requirePlaces(Inode inode, Inode newParent, FileName newName) throws FsException {
        String ref = tree.volume.place(tree.prospectiveRef(newParent), newName, inode.attributes.kind());
        if (inode.isDirectory() && !tree.isByReference()) {
            loader.requirePlacesBelow(inode, ref);
        }
    }

    private void move(Inode inode, Dentry from, Dentry to, @Nullable Inode replaced) throws FsException {
        Attributes before = inode.attributes;
        tree.setMeaning(from, null);
        tree.setMeaning(to, null);
        tree.setMeaning(to, inode);
        inode.attributes = PosixRule.RENAMING_MOVES_CTIME.holds() ? before.withCtime(tree.clock.now()) : before;
        if (replaced != null) {
            replaced.dentry = null;
        }
        try {
            tree.journalChange(List.of(inode), List.of(from, to));
        } catch (FsException e) {
            inode.attributes = before;
            tree.setMeaning(to, replaced);
            tree.setMeaning(from, inode);
            tree.dropIfVoid(to);
            throw e;
        }
        if (replaced != null) {
            noteNameLost(replaced);
            if (replaced.directory != null) {
                tree.noteRemoved(replaced, replaced.directory);
            }
            noteDisplaced(to, replaced);
            tree.forgetIfDead(replaced);
        }
        noteDisplaced(from, inode);
        Volume.Source here = to.storedHere;
        if (here != null && inode.stored != null && here.ref().equals(inode.stored.ref())) {
            tree.displaced.remove(here.ref());
        }
        tree.dropIfVoid(from);
    }

    /** All names of a directory with "." and "..", as they are now. */
    List<DirectoryEntry> list(Inode directory, long parentNumber) throws FsException {
        loader.load(directory);
        List<DirectoryEntry> entries = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            entries.add(new DirectoryEntry(".", directory.id, FileKind.DIRECTORY, 0));
            entries.add(new DirectoryEntry("..", parentNumber, FileKind.DIRECTORY, 1));
            for (Dentry child : directory.asDirectory().children.values()) {
                Inode inode = child.inode;
                if (inode != null) {
                    entries.add(
                            new DirectoryEntry(child.name.raw(), inode.id, inode.attributes.kind(), entries.size()));
                }
            }
        }
        return entries;
    }
}
