package isle.fs.store;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The right to use a folder: one writer, or any number of readers, in this process and in others. The lock of the
 * system ends with the process, however it ends.
 */
final class FolderLock implements AutoCloseable {

    /**
     * Folders that this process holds. Static, because the system's locks belong to the process: opening the lock file
     * a second time and closing it would silently give up the lock that the first one holds.
     */
    private static final Map<Path, FolderLock> HELD = new HashMap<>();

    private final Path folder;
    private final boolean exclusive;

    /** Null when a reader may not even open the lock file. */
    private final @Nullable FileChannel channel;

    private int users = 1;

    private FolderLock(Path folder, boolean exclusive, @Nullable FileChannel channel) {
        this.folder = folder;
        this.exclusive = exclusive;
        this.channel = channel;
    }

    /**
     * Takes the lock of a folder that exists.
     *
     * @throws FsException.Busy somebody else has it
     */
    static FolderLock take(Path folder, Path lockFile, boolean exclusive) throws IOException {
        synchronized (HELD) {
            Path real = folder.toRealPath();
            FolderLock held = HELD.get(real);
            if (held != null) {
                if (exclusive || held.exclusive) {
                    throw new FsException.Busy("the folder " + folder + " is already in use by this process");
                }
                held.users++;
                return held;
            }
            FolderLock lock = new FolderLock(real, exclusive, lock(folder, lockFile, exclusive));
            HELD.put(real, lock);
            return lock;
        }
    }

    private static @Nullable FileChannel lock(Path folder, Path lockFile, boolean exclusive) throws IOException {
        FileChannel channel;
        try {
            channel = exclusive
                    ? FileChannel.open(
                            lockFile, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)
                    : FileChannel.open(lockFile, StandardOpenOption.READ);
        } catch (NoSuchFileException | AccessDeniedException e) {
            if (exclusive) {
                throw e;
            }
            return null;
        }
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock(0, Long.MAX_VALUE, !exclusive);
            if (lock == null) {
                throw new FsException.Busy(
                        "the folder " + folder + " is in use by another isle process" + owner(lockFile));
            }
            if (exclusive) {
                writeOwner(channel);
            }
            locked = true;
            return channel;
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static void writeOwner(FileChannel channel) {
        String owner = ProcessHandle.current().pid() + "\n";
        try {
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.US_ASCII)), 0);
        } catch (IOException e) {
            // A full disk. It is only for the message to others.
        }
    }

    /** Who wrote the lock file, for people. */
    private static String owner(Path lockFile) {
        try {
            String text = Files.readString(lockFile, StandardCharsets.US_ASCII).strip();
            return text.matches("\\d{1,10}") ? " (process " + text + ")" : "";
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        synchronized (HELD) {
            users--;
            if (users > 0) {
                return;
            }
            HELD.remove(folder);
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    // The lock goes with the process at the latest.
                }
            }
        }
    }
}
