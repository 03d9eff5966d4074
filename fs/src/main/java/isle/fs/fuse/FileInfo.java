package isle.fs.fuse;

import isle.fs.vfs.FileSystem.OpenFlags;

/** Members of {@code struct fuse_file_info}, which have the same places on every 64-bit system. */
final class FileInfo {

    static final int SIZE = 40;

    private static final int FLAGS = 0;
    private static final int BITS = 20;
    private static final int HANDLE = 24;

    private static final int KEEP_CACHE = 2;

    private static final int O_ACCMODE = 3;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int O_EXCL = 0200;
    private static final int O_TRUNC = 01000;
    private static final int O_APPEND = 02000;

    private FileInfo() {}

    static long handle(long address) {
        return Native.getLong(address + HANDLE);
    }

    static OpenFlags openFlags(long address) {
        int flags = Native.getInt(address + FLAGS);
        boolean write = writable(address);
        boolean read = (flags & O_ACCMODE) != O_WRONLY;
        // Also of a file that is opened for reading only: the kernel has looked whether the caller may write.
        return new OpenFlags(read, write, (flags & O_TRUNC) != 0, (flags & O_EXCL) != 0);
    }

    /** Opened for writing; known for a release too. */
    static boolean writable(long address) {
        int mode = Native.getInt(address + FLAGS) & O_ACCMODE;
        return mode == O_WRONLY || mode == O_RDWR;
    }

    /** For a write: the program asked for the end of the file, wherever that is. */
    static boolean appends(long address) {
        return (Native.getInt(address + FLAGS) & O_APPEND) != 0;
    }

    /** The answer to an open. */
    static void write(long address, long handle, boolean keepCache) {
        Native.zero(address, SIZE);
        Native.putLong(address + HANDLE, handle);
        Native.putInt(address + BITS, keepCache ? KEEP_CACHE : 0);
    }
}
