package isle.fs.cache;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Brings pinned contents to disk, one after another: there is no hurry, and readers come first. */
final class Pins implements AutoCloseable {

    /** What one request brings. The memory for it is besides the cap, and there only while something is fetched. */
    private static final int PIECE_BYTES = 4 << 20;

    private static final long IDLE_THREAD_SECONDS = 5;
    private static final long CLOSE_SECONDS = 2;

    private final Reading reading;
    private final @Nullable DiskTier disk;
    private final CacheCounters counters;
    private final ExecutorService worker;
    private volatile boolean closed;

    Pins(Reading reading, @Nullable DiskTier disk, CacheCounters counters, ThreadFactory threads) {
        this.reading = reading;
        this.disk = disk;
        this.counters = counters;
        ThreadPoolExecutor single = new ThreadPoolExecutor(
                1, 1, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
        single.allowCoreThreadTimeOut(true);
        worker = single;
    }

    void pin(ContentRef ref, ContentSource source, PinListener listener) {
        DiskTier target = disk;
        if (target == null) {
            listener.failed(new FsException.Unsupported("nothing can be pinned: the cache has no folder"));
            return;
        }
        try {
            // At once, so that what is read from now on goes there.
            target.pin(ref.key());
            worker.execute(() -> run(target, ref, source, listener));
        } catch (IOException e) {
            listener.failed(new FsException.Failed("the cache's disk takes no file to pin to", e));
        } catch (RejectedExecutionException e) {
            listener.failed(new FsException.Unavailable("the cache is closed", e));
        }
    }

    private void run(DiskTier target, ContentRef ref, ContentSource source, PinListener listener) {
        try {
            target.awaitScan();
            fetch(target, ref, source, listener);
            target.store().pinComplete(ref.key());
            listener.complete();
        } catch (FsException e) {
            listener.failed(e);
        } catch (IOException e) {
            listener.failed(new FsException.Failed("the cache's disk failed", e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            listener.failed(new FsException.Unavailable("interrupted", e));
        }
    }

    private void fetch(DiskTier target, ContentRef ref, ContentSource source, PinListener listener) throws FsException {
        listener.progress(0, ref.size());
        ByteBuffer buffer = null;
        long perPiece = PIECE_BYTES / Grid.BLOCK_BYTES;
        for (long first = 0; first < ref.blocks(); first += perPiece) {
            long end = Math.min(ref.blocks(), first + perPiece);
            if (!target.hasPinned(ref.key(), first, end)) {
                if (buffer == null) {
                    buffer = ByteBuffer.allocateDirect((int) Math.min(PIECE_BYTES, ref.size()));
                }
                fill(ref, source, first, end, buffer);
                target.write(ref, first, end - first, buffer, 0);
                checkGoesOn(target, ref, first, end);
            }
            listener.progress(Grid.startOf(end, ref.size()), ref.size());
        }
    }

    private void checkGoesOn(DiskTier target, ContentRef ref, long first, long end) throws FsException {
        if (closed) {
            throw new FsException.Unavailable("the cache is closed");
        }
        if (!target.store().isPinned(ref.key())) {
            throw new FsException.Invalid("it was unpinned meanwhile");
        }
        if (!target.hasPinned(ref.key(), first, end)) {
            throw new FsException.NoSpace("the cache's disk takes no data");
        }
    }

    /** What is local is taken from here; the rest is asked for, in as few requests as there are gaps. */
    private void fill(ContentRef ref, ContentSource source, long first, long end, ByteBuffer buffer)
            throws FsException {
        long start = first * Grid.BLOCK_BYTES;
        long stop = Grid.startOf(end, ref.size());
        buffer.clear().limit((int) (stop - start));
        long gap = -1;
        for (long position = start; position < stop; ) {
            int at = (int) (position - start);
            buffer.limit((int) (stop - start)).position(at);
            int copied = reading.readLocal(ref, position, stop, buffer);
            if (copied == 0) {
                gap = gap < 0 ? position : gap;
                position = Math.min(stop, position + Grid.BLOCK_BYTES);
            } else {
                request(source, start, gap, position, buffer);
                gap = -1;
                position += copied;
            }
        }
        request(source, start, gap, stop, buffer);
    }

    private void request(ContentSource source, long start, long from, long to, ByteBuffer buffer) throws FsException {
        if (from < 0) {
            return;
        }
        counters.fetches.increment();
        ByteBuffer into = buffer.slice((int) (from - start), (int) (to - from));
        try {
            source.fetch(from, into);
        } catch (FsException e) {
            counters.failedFetches.increment();
            throw e;
        }
        if (into.hasRemaining()) {
            throw new FsException.Failed("the store gave " + into.position() + " of " + (to - from) + " B");
        }
        counters.fetchedBytes.add(to - from);
    }

    void unpin(ContentKey content) {
        if (disk != null) {
            disk.store().unpin(content);
        }
    }

    @Override
    public void close() {
        closed = true;
        worker.shutdown();
        try {
            boolean unused = worker.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
