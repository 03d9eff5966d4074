package isle.fs.vfs;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The face that the virtual file system shows to a transport (the kernel binding, the local API): inodes by number,
 * names by bytes, open files by handle. It has the rules of POSIX that a kernel with {@code default_permissions} leaves
 * to a file system; permission bits on existing inodes are the kernel's business, except where {@link Caller} says
 * otherwise.
 *
 * <p>Every method answers within a bounded time and throws nothing but {@link FsException}. All may be called from any
 * thread. Buffers are used during the call only, by the calling thread.
 *
 * <p>A transport names inodes by number. A number that was handed out once stays good as long as its inode exists, and
 * an inode without a name exists as long as a handle of it is open. NotFound from a method that takes the number of its
 * subject means that the inode is gone, not that a name is missing.
 */
public interface FileSystem {

    /** Number of the root directory. */
    long ROOT = 1;

    /** As offset of a write: wherever the file ends. */
    long END = -1;

    /** The inode of a name in a directory; NotFound if there is none. */
    Stat lookup(long parent, FileName name) throws FsException;

    /**
     * The transport refers to this inode no longer, until it is looked up again: what is held for its sake alone may be
     * dropped from memory.
     */
    default void forget(long inode) {}

    /** Attributes of an inode, with zero links if it has no name any more but is open. */
    Stat getattr(long inode) throws FsException;

    /** Changes those attributes that {@code change} names, at once, and returns the new ones. */
    Stat setattr(long inode, AttributeChange change, Caller caller) throws FsException;

    /** Makes a file, fifo, socket or device node. {@code mode} has the type bits and permissions, umask applied. */
    Stat mknod(long parent, FileName name, int mode, long device, Caller caller) throws FsException;

    Stat mkdir(long parent, FileName name, int permissions, Caller caller) throws FsException;

    /** Makes a symbolic link to {@code target}: raw bytes, one char each. */
    Stat symlink(long parent, FileName name, String target, Caller caller) throws FsException;

    /** Gives an inode one more name; NotPermitted where the volume has no hard links. */
    Stat link(long inode, long newParent, FileName newName) throws FsException;

    /** Target of a symbolic link: raw bytes, one char each. */
    String readlink(long inode) throws FsException;

    /** Removes a name. The inode of an open file lives on, with zero links, until its last handle is released. */
    void unlink(long parent, FileName name, Caller caller) throws FsException;

    void rmdir(long parent, FileName name, Caller caller) throws FsException;

    /**
     * Renames, replacing an existing target as POSIX says; a replaced file that is open lives on as after an unlink.
     * CrossVolume between two volumes.
     */
    void rename(long parent, FileName name, long newParent, FileName newName, Caller caller) throws FsException;

    /** Opens a file. The handle must be released once. */
    long open(long inode, OpenFlags flags, Caller caller) throws FsException;

    /** Makes and opens a file in one step; {@code permissions} with the umask applied. */
    Created create(long parent, FileName name, int permissions, OpenFlags flags, Caller caller) throws FsException;

    /** Attributes of an open file, also when it has no name any more. */
    Stat getattrOf(long handle) throws FsException;

    /** Reads at {@code offset} until {@code into} is full or the file ends; returns how many bytes. */
    int read(long handle, long offset, ByteBuffer into) throws FsException;

    /**
     * Writes all of {@code from} at {@code offset}, or behind the last byte if that is {@link #END}. Appending is a
     * matter of the single write: the kernel writes pages that were changed through a mapping back to their place, by
     * whatever handle of the file is open, and a program may turn O_APPEND on and off.
     */
    void write(long handle, long offset, ByteBuffer from) throws FsException;

    /** One close of a file descriptor: hands what was written to the journal and reports earlier failures once. */
    void flush(long handle) throws FsException;

    /** Returns when everything written to the file so far survives a power loss. */
    void fsync(long handle, boolean dataOnly) throws FsException;

    /** The last close of a handle. */
    void release(long handle) throws FsException;

    /** {@code fallocate(2)}; {@code mode} has Linux's FALLOC_FL bits (KEEP_SIZE 1, PUNCH_HOLE 2, ZERO_RANGE 16). */
    void allocate(long handle, int mode, long offset, long length) throws FsException;

    /** Opens a directory for reading: a snapshot of its names, complete with "." and "..". */
    long openDirectory(long inode) throws FsException;

    /**
     * Entries of an open directory from a position on.
     *
     * @param offset 0 at the beginning, else the position of the entry last seen plus one
     * @return at most a few thousand entries; empty at the end
     */
    List<DirectoryEntry> readDirectory(long handle, long offset) throws FsException;

    void releaseDirectory(long handle) throws FsException;

    /** Returns when the names in the directory so far survive a power loss. */
    void fsyncDirectory(long handle) throws FsException;

    /** Value of an extended attribute, raw bytes as chars; NoAttribute if it is not set. */
    String getxattr(long inode, String name) throws FsException;

    /** Sets one. {@code mode}: 0, or XATTR_CREATE 1, or XATTR_REPLACE 2. */
    void setxattr(long inode, String name, String value, int mode, Caller caller) throws FsException;

    List<String> listxattr(long inode) throws FsException;

    void removexattr(long inode, String name, Caller caller) throws FsException;

    /** Figures of the volume that the inode is in. */
    VolumeSpace statfs(long inode) throws FsException;

    /**
     * Who asks.
     *
     * @param uid effective user
     * @param gid effective group
     * @param pid process (thread) id, 0 if unknown
     */
    record Caller(int uid, int gid, int pid) {}

    /**
     * What {@code stat} says.
     *
     * @param blocks allocated units of 512 bytes
     * @param atime last access as far as it is kept
     */
    record Stat(
            long inode,
            FileKind kind,
            int permissions,
            int links,
            int uid,
            int gid,
            long device,
            long size,
            long blocks,
            Timestamp atime,
            Timestamp mtime,
            Timestamp ctime) {
        /** {@code st_mode}. */
        public int mode() {
            return kind.modeBits() | permissions;
        }
    }

    /** Attributes to be changed; what is empty stays. A time of {@link TimeChange#NOW} is the file system's now. */
    record AttributeChange(
            Optional<Integer> permissions,
            Optional<Integer> uid,
            Optional<Integer> gid,
            Optional<Long> size,
            Optional<TimeChange> atime,
            Optional<TimeChange> mtime) {
        public static final AttributeChange NONE = new AttributeChange(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());

        public static AttributeChange chmod(int permissions) {
            return new AttributeChange(Optional.of(permissions), NONE.uid, NONE.gid, NONE.size, NONE.atime, NONE.mtime);
        }

        public static AttributeChange chown(Optional<Integer> uid, Optional<Integer> gid) {
            return new AttributeChange(NONE.permissions, uid, gid, NONE.size, NONE.atime, NONE.mtime);
        }

        public static AttributeChange truncate(long size) {
            return new AttributeChange(NONE.permissions, NONE.uid, NONE.gid, Optional.of(size), NONE.atime, NONE.mtime);
        }

        public static AttributeChange times(Optional<TimeChange> atime, Optional<TimeChange> mtime) {
            return new AttributeChange(NONE.permissions, NONE.uid, NONE.gid, NONE.size, atime, mtime);
        }
    }

    /** A time to be set: a given one, or the file system's own now. */
    record TimeChange(Optional<Timestamp> value) {
        public static final TimeChange NOW = new TimeChange(Optional.empty());
    }

    /**
     * How a file is opened.
     *
     * @param exclusive O_EXCL of a create
     */
    record OpenFlags(boolean read, boolean write, boolean truncate, boolean exclusive) {}

    /** A new or opened file and its handle. */
    record Created(Stat stat, long handle) {}

    /**
     * One name of a directory.
     *
     * @param rawName bytes, one char each; also "." and ".."
     * @param kind what it is; null if only its name is known yet
     * @param position of this entry in the open directory, counted from 0
     */
    record DirectoryEntry(
            String rawName, long inode, @Nullable FileKind kind, long position) {}

    /** Bytes and entries, all and free; real figures, or the best that is known. */
    record VolumeSpace(long totalBytes, long freeBytes, long entries, long freeEntries) {}
}
