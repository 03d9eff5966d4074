package isle.fs.vfs;

import isle.fs.cache.ReadStream;
import isle.fs.journal.Appended;
import isle.fs.journal.JournalRecord;
import isle.fs.model.Attributes;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.fs.vfs.Handles.FileHandle;
import java.nio.ByteBuffer;
import java.util.function.LongUnaryOperator;

/** Content of the files of one volume: open, read, write, resize. Every change is in the journal before it is seen. */
final class VolumeFiles {
    /** Most bytes of one record of the journal; a larger write takes several. */
    private static final int RECORD_BYTES = 1 << 20;

    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 16;

    private final VolumeTree tree;
    private final Loader loader;
    private final ContentReader reader;
    private final Room room;
    private final Runnable committer;

    VolumeFiles(VolumeTree tree, Loader loader, ContentReader reader, Room room, Runnable committer) {
        this.tree = tree;
        this.loader = loader;
        this.reader = reader;
        this.room = room;
        this.committer = committer;
    }

    FileHandle open(Inode inode, OpenFlags flags) throws FsException {
        if (inode.isDirectory()) {
            throw new FsException.IsDirectory("is a directory");
        }
        if (flags.write() || flags.truncate()) {
            tree.requireWritable();
            requireDescribed(inode);
        }
        FileHandle handle = new FileHandle(this, inode, flags);
        try (TreeLock.Held held = tree.lock.read()) {
            if (tree.inodes.get(inode.id) != inode) {
                throw new FsException.NotFound("the file is gone");
            }
            inode.lock.lock();
            try {
                inode.handles++;
                inode.writers += flags.write() ? 1 : 0;
            } finally {
                inode.lock.unlock();
            }
        }
        if (flags.truncate()) {
            try {
                resize(inode, 0);
            } catch (FsException e) {
                release(handle);
                throw e;
            }
        }
        return handle;
    }

    /** The handle of a file that was made open. */
    FileHandle opened(Inode inode, OpenFlags flags) {
        return new FileHandle(this, inode, flags);
    }

    void requireDescribed(Inode inode) throws FsException {
        loader.describe(inode);
        if (!inode.described) {
            throw new FsException.Unavailable("attributes of a file cannot be fetched, so it cannot be changed now");
        }
    }

    void release(FileHandle handle) {
        Inode inode = handle.inode;
        synchronized (handle) {
            ReadStream stream = handle.stream;
            if (stream != null) {
                stream.close();
                handle.stream = null;
            }
        }
        boolean last;
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                inode.handles--;
                inode.writers -= handle.write ? 1 : 0;
                last = inode.handles == 0 && inode.dentry == null;
            } finally {
                inode.lock.unlock();
            }
        }
        if (last) {
            try (TreeLock.Held held = tree.lock.write()) {
                tree.forgetIfDead(inode);
            }
        }
        if (handle.write || last) {
            committer.run();
        }
    }

    int read(FileHandle handle, long offset, ByteBuffer into) throws FsException {
        if (!handle.read) {
            throw new FsException.BadHandle("the file is not open for reading");
        }
        int start = into.position();
        reader.read(handle.inode, handle, offset, into);
        return into.position() - start;
    }

    void write(FileHandle handle, long offset, ByteBuffer from) throws FsException {
        if (!handle.write) {
            throw new FsException.BadHandle("the file is not open for writing");
        }
        tree.refusal.check();
        Inode inode = handle.inode;
        while (from.hasRemaining()) {
            int length = Math.min(from.remaining(), RECORD_BYTES);
            ByteBuffer data = from.slice(from.position(), length);
            room.await(length);
            long written;
            while (true) {
                try {
                    written = append(inode, offset, data);
                    break;
                } catch (FsException.NoSpace e) {
                    data.rewind();
                    room.awaitAfterFull(length, e);
                }
            }
            offset = offset < 0 ? offset : written;
            from.position(from.position() + length);
        }
    }

    /** Journals one write; returns the offset behind it. {@code offset} negative: the end of the file. */
    private long append(Inode inode, long offset, ByteBuffer data) throws FsException {
        int length = data.remaining();
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                FileContent content = inode.content();
                long at = offset < 0 ? content.size() : offset;
                requireStorable(at, length);
                Timestamp now = tree.clock.now();
                tree.introduce(inode);
                Appended appended = tree.append(new JournalRecord.Write(inode.id, at, now), data);
                content.write(appended.sequence(), at, appended.location(), tree.freed(inode));
                changed(inode, content.size(), now, appended.sequence(), PosixRule.WRITING_MOVES_TIMES);
                return at + length;
            } finally {
                inode.lock.unlock();
            }
        }
    }

    private void requireStorable(long offset, long length) throws FsException {
        long most = tree.volume.traits().maxFileBytes();
        if (offset > most - length) {
            throw new FsException.TooLarge("a file has at most " + most + " bytes here");
        }
    }

    private void changed(Inode inode, long size, Timestamp now, long sequence, PosixRule times) {
        Attributes before = inode.attributes;
        inode.attributes = times.holds() ? before.withContentChange(size, now) : before.withSize(size);
        if (inode.changedAt <= inode.storedUpTo) {
            inode.dirtyNanos = tree.clock.nanos();
        }
        inode.changedAt = sequence;
        Dentry dentry = inode.dentry;
        if (dentry != null) {
            tree.dirty.add(dentry);
        }
    }

    void resize(Inode inode, long size) throws FsException {
        if (size < 0) {
            throw new FsException.Invalid("a negative size");
        }
        requireStorable(size, 0);
        resize(inode, before -> size);
    }

    /** @param wanted the new size by the one that it has, which others may change until then; asked once */
    private void resize(Inode inode, LongUnaryOperator wanted) throws FsException {
        tree.requireWritable();
        requireDescribed(inode);
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                FileContent content = inode.content();
                Timestamp now = tree.clock.now();
                tree.introduce(inode);
                long size = wanted.applyAsLong(content.size());
                long sequence = tree.append(new JournalRecord.Resize(inode.id, size, now));
                content.resize(sequence, size, tree.freed(inode));
                changed(inode, size, now, sequence, PosixRule.RESIZING_MOVES_TIMES);
            } finally {
                inode.lock.unlock();
            }
        }
        committer.run();
    }

    void allocate(FileHandle handle, int mode, long offset, long length) throws FsException {
        if (!handle.write) {
            throw new FsException.BadHandle("the file is not open for writing");
        }
        if (offset < 0 || length <= 0) {
            throw new FsException.Invalid("an empty or negative range");
        }
        requireStorable(offset, length);
        boolean punch = mode == (PUNCH_HOLE | KEEP_SIZE);
        boolean zero = (mode & ~KEEP_SIZE) == ZERO_RANGE;
        if (mode != 0 && mode != KEEP_SIZE && !punch && !zero) {
            throw new FsException.Unsupported("this mode of fallocate does not exist here");
        }
        Inode inode = handle.inode;
        long end = offset + length;
        boolean grow = (mode & KEEP_SIZE) == 0 || !PosixRule.ALLOCATION_MAY_KEEP_THE_SIZE.holds();
        boolean grows = grow && end > sizeOf(inode);
        if (grows) {
            resize(inode, size -> Math.max(size, end));
        }
        boolean cleared = (punch || zero) && zero(inode, offset, end);
        if (!grows && !cleared) {
            // Nothing is reserved or cleared, and yet the times move, as on ext4.
            resize(inode, size -> size);
        }
    }

    private static long sizeOf(Inode inode) {
        inode.lock.lock();
        try {
            return inode.attributes.size();
        } finally {
            inode.lock.unlock();
        }
    }

    /** False if the file ends before. */
    private boolean zero(Inode inode, long offset, long end) throws FsException {
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                FileContent content = inode.content();
                long length = Math.min(end, content.size()) - offset;
                if (length <= 0) {
                    return false;
                }
                Timestamp now = tree.clock.now();
                tree.introduce(inode);
                long sequence = tree.append(new JournalRecord.Zero(inode.id, offset, length, now));
                content.zero(sequence, offset, length, tree.freed(inode));
                changed(inode, content.size(), now, sequence, PosixRule.CLEARING_MOVES_TIMES);
            } finally {
                inode.lock.unlock();
            }
        }
        committer.run();
        return true;
    }

    void flush(FileHandle handle) throws FsException {
        reportRefusal(handle.inode, handle.write);
    }

    void fsync(FileHandle handle) throws FsException {
        tree.journal().force();
        Inode inode = handle.inode;
        inode.lock.lock();
        try {
            inode.syncRequested = true;
        } finally {
            inode.lock.unlock();
        }
        reportRefusal(inode, handle.write);
        committer.run();
    }

    private static void reportRefusal(Inode inode, boolean writer) throws FsException {
        FsException refused = inode.refused;
        if (writer && refused != null) {
            throw refused;
        }
    }

    boolean isReadOnly() {
        return tree.readOnly;
    }
}
