package isle.fs.vfs;

import isle.fs.index.DirectoryState;
import isle.fs.index.Index;
import isle.fs.index.IndexChange;
import isle.fs.model.FsException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes changes of the index off the callers' hands: one thread applies them in the order in which they were decided
 * (under the tree lock), each batch as one transaction, so that no handler ever waits for SQLite. A batch that cannot
 * be applied (disk full) is tried again until it can; nothing depends on it meanwhile but the journal's checkpoints. A
 * damaged index gets nothing more: the next start makes it anew out of the store and the journal. Without an index, of a
 * volume that remembers by itself, it takes nothing.
 */
final class IndexQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IndexQueue.class);
    private static final long RETRY_MILLIS = 1000;

    private final @Nullable Index index;
    private final CommitEvents events;
    private final Deque<List<IndexChange>> queue = new ArrayDeque<>();
    private final Thread thread;

    /** Directories of which names were left out; used by the queue's thread only. */
    private final Set<Long> incomplete = new HashSet<>();

    private long enqueued;
    private long done;
    private boolean failing;
    private boolean damaged;
    private boolean started;
    private boolean closed;

    IndexQueue(String name, @Nullable Index index, CommitEvents events) {
        this.index = index;
        this.events = events;
        this.thread = new Thread(this::work, "index-" + name);
        this.thread.setDaemon(true);
    }

    /** What is in the queue is for an index: without one nothing is. */
    private Index told() {
        return Objects.requireNonNull(index);
    }

    /** Applies from now on in the background; a queue that was not started is applied by who waits for it. */
    synchronized void start() {
        started = true;
        thread.start();
    }

    /** Applies the oldest batches on the caller's thread; for a queue that was not started. */
    synchronized void step(int most) {
        try {
            for (int i = 0; i < most && !queue.isEmpty(); i++) {
                apply(queue.getFirst());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Adds a batch. */
    synchronized void add(List<IndexChange> changes) {
        if (index == null) {
            return;
        }
        if (!changes.isEmpty()) {
            enqueued++;
        }
        if (!changes.isEmpty() && !damaged) {
            queue.addLast(List.copyOf(changes));
            notifyAll();
        }
    }

    /** Waits until everything added so far is applied; false if that takes too long. */
    synchronized boolean barrier(Duration most) {
        if (!started) {
            step(Integer.MAX_VALUE);
        }
        long target = enqueued;
        long end = System.nanoTime() + most.toNanos();
        try {
            while (done < target && !closed && !damaged) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return done >= target;
    }

    private void work() {
        try {
            while (true) {
                List<IndexChange> batch = next();
                if (batch == null) {
                    return;
                }
                apply(batch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable List<IndexChange> next() throws InterruptedException {
        while (queue.isEmpty()) {
            if (closed) {
                return null;
            }
            wait();
        }
        return queue.peekFirst();
    }

    /**
     * A name in a directory that the index has lost cannot be put: it is left out, and comes back when the directory is
     * listed again.
     */
    private void applyAll(List<IndexChange> changes) throws FsException {
        List<IndexChange> honest = changes.stream().map(this::honest).toList();
        try {
            told().apply(honest);
        } catch (FsException.Stale | FsException.NotFound | FsException.Invalid e) {
            if (honest.size() == 1) {
                leaveOut(honest.get(0), e);
                return;
            }
            for (IndexChange change : honest) {
                applyAll(List.of(change));
            }
        }
    }

    private void leaveOut(IndexChange change, FsException reason) throws FsException {
        LOG.debug("left out of the index: {}", reason.getMessage());
        if (change instanceof IndexChange.Put put) {
            incomplete.add(put.entry().parent());
            // It is not where an older row says either.
            told().apply(List.of(new IndexChange.Remove(put.entry().inode())));
        }
    }

    /** A directory of which names were left out is not said to be complete, so that the next run lists it. */
    private IndexChange honest(IndexChange change) {
        if (change instanceof IndexChange.Listed listed
                && incomplete.contains(listed.state().inode())) {
            return new IndexChange.Listed(
                    new DirectoryState(listed.state().inode(), listed.state().listedMillis(), false));
        }
        return change;
    }

    private void apply(List<IndexChange> batch) throws InterruptedException {
        try {
            applyAll(batch);
        } catch (FsException.Corrupt e) {
            giveUp(e);
            return;
        } catch (FsException e) {
            tryLater(e);
            return;
        } catch (RuntimeException e) {
            tryLater(new FsException.Failed("the index failed: " + e, e));
            return;
        }
        boolean again;
        synchronized (this) {
            queue.removeFirst();
            done++;
            again = failing;
            failing = false;
            notifyAll();
        }
        if (again) {
            events.indexWorks();
        }
    }

    private void giveUp(FsException.Corrupt damage) {
        synchronized (this) {
            damaged = true;
            failing = true;
            queue.clear();
            notifyAll();
        }
        try {
            told().condemn();
        } catch (FsException e) {
            LOG.error("{}", e.getMessage());
        }
        events.indexFailing(damage);
        LOG.error("the index is damaged and gets no more changes: {}", damage.getMessage());
    }

    private void tryLater(FsException reason) throws InterruptedException {
        boolean first;
        synchronized (this) {
            first = !failing;
            failing = true;
            if (closed) {
                queue.clear();
                return;
            }
        }
        if (first) {
            events.indexFailing(reason);
            LOG.warn("the index takes no changes, trying again: {}", reason.getMessage());
        }
        pause();
    }

    /** Waits a moment, less when the queue is closed meanwhile. */
    private synchronized void pause() throws InterruptedException {
        long end = System.nanoTime() + RETRY_MILLIS * 1_000_000;
        long left = RETRY_MILLIS;
        while (!closed && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
    }

    /** Applies what is left, if it can be, and ends. */
    @Override
    public void close() {
        barrier(Duration.ofSeconds(5));
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
