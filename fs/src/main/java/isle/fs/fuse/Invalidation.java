package isle.fs.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the kernel that what it remembers no longer holds. Whoever makes the file system show something that did not
 * come through this mount (a change of another host, a put by the command line) says so here, after the file system
 * shows it. All methods only queue and may be called anywhere, also under locks.
 *
 * <p>The telling is done by a thread of its own that holds no lock: the kernel takes the lock of the directory for it,
 * and a program that holds that lock may be waiting for one of our handlers. Done in a handler it hangs both for good,
 * beyond the reach of kill -9.
 */
public final class Invalidation {

    /** Changes that may wait; beyond it everything is invalidated, which covers them. */
    static final int QUEUE_LIMIT = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(Invalidation.class);

    /** How long closing waits for a call into the kernel that is under way. */
    private static final long CLOSE_MILLIS = 5_000;

    private final Session session;
    private final FileSystem fs;
    private final KernelNodes nodes;
    private final Thread thread = new Thread(this::work, "isle-fuse-invalidate");
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();

    @GuardedBy("lock") private final ArrayDeque<Change> queue = new ArrayDeque<>();

    @GuardedBy("lock") private boolean closed;

    private enum Kind {
        CONTENT,
        ATTRIBUTES,
        NAME,
        EVERYTHING,
        MARK
    }

    /** One thing to tell, or a mark that completes when it is reached. */
    private record Change(Kind kind, long inode, String name, CompletableFuture<Void> mark) {
        private static final CompletableFuture<Void> NONE = CompletableFuture.completedFuture(null);

        static Change of(Kind kind, long inode) {
            return new Change(kind, inode, "", NONE);
        }
    }

    Invalidation(Session session, FileSystem fs, KernelNodes nodes) {
        this.session = session;
        this.fs = fs;
        this.nodes = nodes;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** The inode has other content: its attributes and all pages of it are forgotten. */
    public void content(long inode) {
        add(Change.of(Kind.CONTENT, inode));
    }

    /** The inode has other attributes, but the same content. */
    public void attributes(long inode) {
        add(Change.of(Kind.ATTRIBUTES, inode));
    }

    /** The name now leads elsewhere, or nowhere, or is new. */
    public void name(long parent, FileName name) {
        add(new Change(Kind.NAME, parent, name.raw(), Change.NONE));
    }

    /**
     * Anything may have changed: all that the kernel remembers is forgotten. A program whose working directory is a
     * top-level folder may see getcwd(2) fail until somebody looks up that folder again.
     */
    public void everything() {
        add(Change.of(Kind.EVERYTHING, FileSystem.ROOT));
    }

    /** Completes when the kernel has been told all that was queued before, or the mount has ended. */
    public CompletableFuture<Void> settled() {
        CompletableFuture<Void> mark = new CompletableFuture<>();
        add(new Change(Kind.MARK, 0, "", mark));
        return mark;
    }

    private void add(Change change) {
        lock.lock();
        try {
            if (!closed) {
                if (queue.size() >= QUEUE_LIMIT) {
                    queue.removeIf(waiting -> waiting.kind != Kind.MARK);
                    queue.addFirst(Change.of(Kind.EVERYTHING, FileSystem.ROOT));
                }
                queue.addLast(change);
                arrived.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        change.mark.complete(null);
    }

    /** Ends the thread; false if the kernel still holds it, and the session must not be freed. */
    boolean close() {
        List<Change> left;
        lock.lock();
        try {
            closed = true;
            left = List.copyOf(queue);
            queue.clear();
            arrived.signal();
        } finally {
            lock.unlock();
        }
        left.forEach(change -> change.mark.complete(null));
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private void work() {
        long buffer = Native.allocate(FileName.MAX_BYTES + 1);
        try {
            for (Change change = next(); change != null; change = next()) {
                try {
                    tell(change, buffer);
                } catch (Throwable e) {
                    // This thread must not end before the mount does; what it failed to tell, time-outs heal.
                    LOG.warn("invalidation: {}", e.getClass().getName());
                }
            }
        } finally {
            Native.free(buffer);
        }
    }

    private @Nullable Change next() {
        lock.lock();
        try {
            while (queue.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
            }
            return queue.pollFirst();
        } finally {
            lock.unlock();
        }
    }

    private void tell(Change change, long buffer) throws FsException {
        switch (change.kind) {
            case CONTENT -> tellInode(change.inode, 0);
            case ATTRIBUTES -> tellInode(change.inode, -1);
            case NAME -> tellName(change.inode, change.name, buffer);
            case EVERYTHING -> tellEverything(buffer);
            case MARK -> change.mark.complete(null);
        }
    }

    private void tellInode(long inode, long offset) {
        check(session.fuse().fuse_lowlevel_notify_inval_inode(session.channel(), inode, offset, 0));
    }

    private void tellName(long parent, String name, long buffer) {
        Native.putString(buffer, name);
        Native.putByte(buffer + name.length(), (byte) 0);
        check(session.fuse().fuse_lowlevel_notify_inval_entry(session.channel(), parent, buffer, name.length()));
    }

    /**
     * With a top-level name the kernel drops every name below it that nobody uses at the moment, absent ones too, and
     * with them what it holds of their inodes. What is left are inodes in use.
     */
    private void tellEverything(long buffer) throws FsException {
        for (String name : topLevelNames()) {
            tellName(FileSystem.ROOT, name, buffer);
        }
        for (long inode : nodes.all()) {
            tellInode(inode, 0);
        }
        tellInode(FileSystem.ROOT, -1);
    }

    private List<String> topLevelNames() throws FsException {
        List<String> names = new ArrayList<>();
        long handle = fs.openDirectory(FileSystem.ROOT);
        try {
            long position = 0;
            for (List<DirectoryEntry> entries = fs.readDirectory(handle, position);
                    !entries.isEmpty();
                    entries = fs.readDirectory(handle, position)) {
                for (DirectoryEntry entry : entries) {
                    position = entry.position() + 1;
                    if (!entry.rawName().equals(".") && !entry.rawName().equals("..")) {
                        names.add(entry.rawName());
                    }
                }
            }
        } finally {
            fs.releaseDirectory(handle);
        }
        return names;
    }

    /** That the kernel does not know the inode or the name is as good as success. */
    private static void check(int result) {
        if (result != 0 && result != -LinuxErrno.ENOENT) {
            LOG.debug("invalidation: error {}", -result);
        }
    }
}
