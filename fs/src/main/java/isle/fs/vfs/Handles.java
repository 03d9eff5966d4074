package isle.fs.vfs;

import isle.fs.cache.ReadStream;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The open files and directories, by number. */
final class Handles {

    /** One open file. */
    static final class FileHandle {
        final VolumeFiles files;
        final Inode inode;
        final boolean read;
        final boolean write;

        /** The pattern of its reads, and the content that it is about; guarded by this. */
        @Nullable ReadStream stream;

        @Nullable String streamContent;

        FileHandle(VolumeFiles files, Inode inode, FileSystem.OpenFlags flags) {
            this.files = files;
            this.inode = inode;
            this.read = flags.read();
            this.write = flags.write();
        }
    }

    /** Lists a directory anew. */
    interface Lister {
        List<DirectoryEntry> list() throws FsException;
    }

    /** One open directory: the names as they were when reading began. */
    static final class DirectoryHandle {
        private final Lister lister;
        private @Nullable List<DirectoryEntry> entries;

        DirectoryHandle(Lister lister) {
            this.lister = lister;
        }

        synchronized List<DirectoryEntry> from(long offset, int most) throws FsException {
            List<DirectoryEntry> all = entries;
            if (all == null || offset == 0 || !PosixRule.LISTING_IS_OF_ONE_MOMENT.holds()) {
                all = lister.list();
                entries = all;
            }
            int start = (int) Math.min(offset, all.size());
            return all.subList(start, Math.min(all.size(), start + most));
        }
    }

    private final AtomicLong next = new AtomicLong(1);
    private final Map<Long, FileHandle> files = new ConcurrentHashMap<>();
    private final Map<Long, DirectoryHandle> directories = new ConcurrentHashMap<>();

    long add(FileHandle handle) {
        long number = next.getAndIncrement();
        files.put(number, handle);
        return number;
    }

    long add(DirectoryHandle handle) {
        long number = next.getAndIncrement();
        directories.put(number, handle);
        return number;
    }

    FileHandle file(long number) throws FsException {
        FileHandle handle = files.get(number);
        if (handle == null) {
            throw new FsException.BadHandle("file handle " + number + " is not open");
        }
        return handle;
    }

    DirectoryHandle directory(long number) throws FsException {
        DirectoryHandle handle = directories.get(number);
        if (handle == null) {
            throw new FsException.BadHandle("directory handle " + number + " is not open");
        }
        return handle;
    }

    @Nullable FileHandle removeFile(long number) {
        return files.remove(number);
    }

    void removeDirectory(long number) {
        directories.remove(number);
    }

    int openFiles() {
        return files.size();
    }
}
