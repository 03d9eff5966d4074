package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Makes the requests to sources, each on a thread of the cache: a reader that waits for one can stop waiting, whatever
 * the source does. That costs a hand-over between threads (about 10 us, measured; a request takes 500 us at least) and
 * buys that no system call hangs with a store.
 *
 * <p>Requests that somebody waits for have threads of their own, so that they never queue behind those made ahead.
 */
final class Requests implements AutoCloseable {

    /** Requests at once that readers wait for, or have stopped waiting for. */
    private static final int MOST_DEMANDED = 128;

    private static final long IDLE_THREAD_SECONDS = 20;
    private static final long CLOSE_SECONDS = 2;

    private final Keeping keeping;
    private final Pace pace;
    private final CacheCounters counters;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads;
    private final Semaphore demanded = new Semaphore(MOST_DEMANDED, true);

    Requests(Keeping keeping, Pace pace, CacheCounters counters, LongSupplier nanoTime, ThreadFactory factory) {
        this.keeping = keeping;
        this.pace = pace;
        this.counters = counters;
        this.nanoTime = nanoTime;
        // Both kinds count their requests before they come here, so there are never more threads than that.
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), factory);
    }

    /** Starts a request that the caller is going to wait for. */
    void demand(Content content, ContentSource source, Piece piece, Deadline deadline) {
        try {
            if (!demanded.tryAcquire(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
                refuse(content, piece, MOST_DEMANDED + " earlier requests to the store have not been answered");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(content, piece, "interrupted while waiting for a thread");
            return;
        }
        start(content, source, piece, demanded::release);
    }

    /**
     * Starts a request that nobody waits for. {@code ended} is called when the request is over, on its thread; or at
     * once, when there is none.
     */
    void ahead(Content content, ContentSource source, Piece piece, Runnable ended) {
        start(content, source, piece, ended);
    }

    private void start(Content content, ContentSource source, Piece piece, Runnable ended) {
        try {
            threads.execute(() -> {
                try {
                    run(content, source, piece);
                } finally {
                    piece.release();
                    ended.run();
                }
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // Closed, or the system gives no more threads.
            refuse(content, piece, "no thread for a request: " + e.getMessage());
            ended.run();
        }
    }

    private static void refuse(Content content, Piece piece, String why) {
        content.failed(piece);
        piece.failed(new FsException.Unavailable(why));
        piece.release();
    }

    /** Ends the piece in any case, and keeps its blocks. */
    private void run(Content content, ContentSource source, Piece piece) {
        ByteBuffer into = piece.memory().duplicate();
        long start = nanoTime.getAsLong();
        long arrivedBefore = pace.arrivedBytes();
        counters.fetches.increment();
        try {
            source.fetch(piece.offset(), into);
            if (into.hasRemaining()) {
                throw new FsException.Failed("the store gave " + into.position() + " of " + piece.length() + " B");
            }
        } catch (FsException | RuntimeException | Error e) {
            counters.failedFetches.increment();
            content.failed(piece);
            piece.failed(e);
            return;
        }
        counters.fetchedBytes.add(piece.length());
        long now = nanoTime.getAsLong();
        pace.arrived(piece.length(), now - start, arrivedBefore);
        piece.arrived(now);
        keeping.keep(content.ref(), piece.first(), piece.count(), piece.memory(), 0, () -> content.settled(piece));
    }

    /** Lets requests that are under way end, for a moment; those that hang are left to their threads. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            boolean unused = threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
