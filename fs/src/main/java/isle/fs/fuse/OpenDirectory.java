package isle.fs.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import java.util.List;

/**
 * A directory that is open. The kernel asks for a page of entries at a time, about a hundred; the file system gives
 * thousands: what it gave last is kept. A position is where the entry behind it begins, so that seeking works.
 */
final class OpenDirectory {

    /** Of {@code struct fuse_dirent}: number, position, length of the name, kind, name. */
    private static final int DIRENT_OFFSET = 8;

    private static final int DIRENT_NAME_LENGTH = 16;
    private static final int DIRENT_KIND = 20;
    private static final int DIRENT_NAME = 24;
    private static final int DIRENT_ALIGNMENT = 8;

    /** From {@code st_mode} to {@code d_type}. */
    /** The kernel asks for the attributes when it has to know. */
    private static final int DT_UNKNOWN = 0;

    private static final int KIND_SHIFT = 12;

    private final FileSystem fs;
    private final long inode;

    @GuardedBy("this") private long handle;

    @GuardedBy("this") private boolean wasRead;

    @GuardedBy("this") private List<DirectoryEntry> kept = List.of();

    OpenDirectory(FileSystem fs, long inode) throws FsException {
        this.fs = fs;
        this.inode = inode;
        this.handle = fs.openDirectory(inode);
    }

    /** Fills the buffer with entries from an offset on; returns how many bytes, 0 at the end. */
    synchronized int list(long offset, long buffer, int room) throws FsException {
        if (offset == 0 && wasRead) {
            rewind();
        }
        wasRead = true;
        int used = 0;
        long position = offset;
        while (true) {
            List<DirectoryEntry> entries = from(position);
            if (entries.isEmpty()) {
                return used;
            }
            for (DirectoryEntry entry : entries) {
                int size = size(entry);
                if (used + size > room) {
                    return used;
                }
                write(buffer + used, entry, size);
                used += size;
                position = entry.position() + 1;
            }
        }
    }

    /** A program that rewinds wants to see what was added meanwhile. */
    @GuardedBy("this") private void rewind() throws FsException {
        long fresh = fs.openDirectory(inode);
        long old = handle;
        handle = fresh;
        kept = List.of();
        fs.releaseDirectory(old);
    }

    @GuardedBy("this") private List<DirectoryEntry> from(long position) throws FsException {
        if (!kept.isEmpty()) {
            long index = position - kept.get(0).position();
            if (index >= 0 && index < kept.size() && kept.get((int) index).position() == position) {
                return kept.subList((int) index, kept.size());
            }
        }
        kept = fs.readDirectory(handle, position);
        return kept;
    }

    private static int size(DirectoryEntry entry) {
        int size = DIRENT_NAME + entry.rawName().length();
        return (size + DIRENT_ALIGNMENT - 1) / DIRENT_ALIGNMENT * DIRENT_ALIGNMENT;
    }

    private static void write(long address, DirectoryEntry entry, int size) {
        // The last word first: it holds the padding, which must be zero, and perhaps the end of the name.
        Native.putLong(address + size - Long.BYTES, 0);
        Native.putLong(address, entry.inode());
        Native.putLong(address + DIRENT_OFFSET, entry.position() + 1);
        Native.putInt(address + DIRENT_NAME_LENGTH, entry.rawName().length());
        FileKind kind = entry.kind();
        Native.putInt(address + DIRENT_KIND, kind == null ? DT_UNKNOWN : kind.modeBits() >>> KIND_SHIFT);
        Native.putString(address + DIRENT_NAME, entry.rawName());
    }

    synchronized void sync() throws FsException {
        fs.fsyncDirectory(handle);
    }

    synchronized void close() throws FsException {
        fs.releaseDirectory(handle);
    }
}
