package isle.fs.fuse;

import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.Stat;
import isle.fs.vfs.FileSystem.VolumeSpace;
import java.nio.ByteBuffer;

/**
 * The answer to the request that a loop thread has in hand: given once, by one of the methods. The thread owns it, and
 * the native memory that answers are put together in.
 *
 * <p>Methods that return a boolean say whether the kernel took the answer: it does not when the caller was killed
 * meanwhile, and then the kernel does not hold what it was given.
 */
final class Answer {

    /** Of a request's header: user, group and process. */
    private static final int HEADER_UID = 24;

    private static final int HEADER_GID = 28;
    private static final int HEADER_PID = 32;

    private static final int ENTRY_GENERATION = 8;
    private static final int ENTRY_STAT = 16;

    private static final int STATVFS_SIZE = 128;
    private static final int STATVFS_BLOCK = 4096;
    private static final int STATVFS_NAME_MAX = 80;

    private final Session session;
    private final LibFuse fuse;
    private final StatLayout layout;
    private final KernelNodes nodes;
    private final ByteBuffer scratch;
    private final long entry;
    private final long stat;
    private final long timeouts;
    private final long fileInfo;
    private final long statvfs;

    private TransferBuffers buffers = new TransferBuffers();
    private long request;
    private boolean given;
    private boolean buffersSuspect;

    Answer(Session session, KernelNodes nodes) {
        this.session = session;
        this.fuse = session.fuse();
        this.layout = session.layout();
        this.nodes = nodes;
        int entrySize = ENTRY_STAT + layout.size() + 2 * Double.BYTES;
        scratch = ByteBuffer.allocateDirect(entrySize + FileInfo.SIZE + STATVFS_SIZE);
        entry = Native.address(scratch);
        stat = entry + ENTRY_STAT;
        timeouts = stat + layout.size();
        fileInfo = entry + entrySize;
        statvfs = fileInfo + FileInfo.SIZE;
    }

    TransferBuffers buffers() {
        return buffers;
    }

    /** A request is about to be decoded. */
    void reset() {
        request = 0;
        given = false;
        if (buffersSuspect) {
            buffers = new TransferBuffers();
            buffersSuspect = false;
        }
    }

    void begin(long newRequest) {
        request = newRequest;
    }

    boolean given() {
        return given;
    }

    /**
     * The handler gave up or broke. Whoever it had move bytes may still hold the buffers, and must not write into the
     * next request's.
     */
    void distrustBuffers() {
        buffersSuspect = true;
    }

    /** Who asks. */
    Caller caller() {
        long header = buffers.requestAddress();
        return new Caller(
                Native.getInt(header + HEADER_UID),
                Native.getInt(header + HEADER_GID),
                Native.getInt(header + HEADER_PID));
    }

    void error(int errno) {
        given = true;
        fuse.fuse_reply_err(request, errno);
    }

    void done() {
        error(0);
    }

    /** Ends a request that the kernel wants no answer to. */
    void nothing() {
        given = true;
        fuse.fuse_reply_none(request);
    }

    /** A name leads to this inode. */
    void entry(Stat found) {
        given = true;
        writeEntry(found);
        nodes.handedOut(found.inode());
        if (fuse.fuse_reply_entry(request, entry) != 0) {
            nodes.givenBack(found.inode(), 1);
        }
    }

    /** There is no such name, and the kernel may remember that. */
    void absent() {
        double seconds = session.timeouts().absentSeconds();
        if (seconds == 0) {
            error(LinuxErrno.ENOENT);
            return;
        }
        given = true;
        Native.zero(entry, (int) (fileInfo - entry));
        Native.putDouble(timeouts + Double.BYTES, seconds);
        fuse.fuse_reply_entry(request, entry);
    }

    boolean created(Stat made, long handle) {
        given = true;
        writeEntry(made);
        FileInfo.write(fileInfo, handle, false);
        nodes.handedOut(made.inode());
        boolean taken = fuse.fuse_reply_create(request, entry, fileInfo) == 0;
        if (!taken) {
            nodes.givenBack(made.inode(), 1);
        }
        return taken;
    }

    boolean opened(long handle, boolean keepCache) {
        given = true;
        FileInfo.write(fileInfo, handle, keepCache);
        return fuse.fuse_reply_open(request, fileInfo) == 0;
    }

    void attributes(Stat of) {
        given = true;
        Native.zero(stat, layout.size());
        layout.write(stat, of);
        fuse.fuse_reply_attr(request, stat, session.timeouts().attributeSeconds());
    }

    void bytes(long address, int size) {
        given = true;
        fuse.fuse_reply_buf(request, address, size);
    }

    void written(int count) {
        given = true;
        fuse.fuse_reply_write(request, count);
    }

    /** How large an attribute, or a list of them, is. */
    void size(int bytes) {
        given = true;
        fuse.fuse_reply_xattr(request, bytes);
    }

    void space(VolumeSpace space) {
        given = true;
        Native.zero(statvfs, STATVFS_SIZE);
        long[] members = {
            STATVFS_BLOCK,
            STATVFS_BLOCK,
            space.totalBytes() / STATVFS_BLOCK,
            space.freeBytes() / STATVFS_BLOCK,
            space.freeBytes() / STATVFS_BLOCK,
            space.entries(),
            space.freeEntries(),
            space.freeEntries()
        };
        for (int i = 0; i < members.length; i++) {
            Native.putLong(statvfs + (long) i * Long.BYTES, members[i]);
        }
        Native.putLong(statvfs + STATVFS_NAME_MAX, isle.fs.model.FileName.MAX_BYTES);
        fuse.fuse_reply_statfs(request, statvfs);
    }

    private void writeEntry(Stat found) {
        CacheTimeouts now = session.timeouts();
        Native.zero(entry, (int) (fileInfo - entry));
        Native.putLong(entry, found.inode());
        // Numbers are never used twice, so there is one generation; 0 would be an error.
        Native.putLong(entry + ENTRY_GENERATION, 1);
        layout.write(stat, found);
        Native.putDouble(timeouts, now.attributeSeconds());
        Native.putDouble(timeouts + Double.BYTES, now.nameSeconds());
    }
}
