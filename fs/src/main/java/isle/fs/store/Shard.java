package isle.fs.store;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One of the directories that the objects of a store are spread over. Whoever changes an object in it holds its lock;
 * readers do not.
 */
final class Shard {

    private final Disk disk;
    private final Path parent;
    private final Path directory;
    final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("this") private boolean made;

    /** Files that should be gone and could not be removed. */
    @GuardedBy("lock") private final List<Path> leftovers = new ArrayList<>();

    /** Superseded files were removed, and a power cut may bring them back. */
    @GuardedBy("lock") private boolean unforced;

    @GuardedBy("lock") private long lastDeletedMillis = Long.MIN_VALUE;

    Shard(Disk disk, Path parent, Path directory) {
        this.disk = disk;
        this.parent = parent;
        this.directory = directory;
    }

    Path directory() {
        return directory;
    }

    /** Makes the directory before the first file is written into it. */
    synchronized void make() throws IOException {
        if (!made) {
            disk.makeDirectory(directory);
            disk.forceDirectory(parent);
            made = true;
        }
    }

    /**
     * Removes files of a version that was superseded or came to nothing, its header first. That need not be durable, only before the
     * version that superseded it is removed too: see {@link #settle}.
     */
    @GuardedBy("lock")
    void remove(List<Path> files) {
        boolean failed = false;
        for (Path file : files) {
            // A header that stays needs its content, which comes after it.
            failed = failed || !disk.discard(file);
            if (failed) {
                leftovers.add(file);
            }
        }
        unforced = true;
    }

    /**
     * To be called before a newest version is removed: nothing older may be left that would then take its place at the
     * next start.
     */
    @GuardedBy("lock")
    void settle() throws IOException {
        for (Path file : leftovers) {
            disk.unlink(file);
        }
        leftovers.clear();
        if (unforced) {
            force();
        }
    }

    @GuardedBy("lock")
    void force() throws IOException {
        disk.forceDirectory(directory);
        unforced = false;
    }

    /** The stamp of a new version: later than that of any version of the key before it, also when it was deleted. */
    @GuardedBy("lock") long stampMillis(long nowMillis, long previousMillis) {
        return Math.max(nowMillis, Math.max(previousMillis, lastDeletedMillis) + 1);
    }

    @GuardedBy("lock")
    void deleted(Entry entry) {
        lastDeletedMillis = Math.max(lastDeletedMillis, entry.lastModifiedMillis());
    }
}
