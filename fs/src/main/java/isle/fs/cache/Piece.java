package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some blocks of a content that one request brings: on their way, or arrived and not yet dropped. Its memory goes back
 * when nobody holds it any more: the request holds it until the blocks are on disk, its content until they were read,
 * a reader while it waits and copies.
 */
final class Piece {

    private final ContentRef content;
    private final long first;
    private final long count;
    private final boolean ahead;
    private final long startedNanos;
    private final ByteBuffer memory;
    private final Consumer<Piece> giveBack;
    private final AtomicInteger holders = new AtomicInteger(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Throwable failure;
    private volatile long usedNanos;

    /** Guarded by the content's lock. */
    private boolean givenUp;

    /**
     * @param ahead nobody waits for it yet
     * @param memory of the length of the blocks
     * @param giveBack gets the piece once, when nobody holds it any more
     */
    Piece(
            ContentRef content,
            long first,
            long count,
            boolean ahead,
            long startedNanos,
            ByteBuffer memory,
            Consumer<Piece> giveBack) {
        this.content = content;
        this.first = first;
        this.count = count;
        this.ahead = ahead;
        this.startedNanos = startedNanos;
        this.usedNanos = startedNanos;
        this.memory = memory;
        this.giveBack = giveBack;
    }

    long first() {
        return first;
    }

    long count() {
        return count;
    }

    long end() {
        return first + count;
    }

    boolean ahead() {
        return ahead;
    }

    long startedNanos() {
        return startedNanos;
    }

    long offset() {
        return first * Grid.BLOCK_BYTES;
    }

    int length() {
        return content.lengthOf(first, count);
    }

    /** The bytes of the blocks from index 0 on; its position and limit are the request's. */
    ByteBuffer memory() {
        return memory;
    }

    /** Readers no longer trust that the request ends. */
    void giveUp() {
        givenUp = true;
    }

    boolean isGivenUp() {
        return givenUp;
    }

    void hold() {
        if (holders.getAndIncrement() <= 0) {
            throw new IllegalStateException("piece is gone");
        }
    }

    void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            giveBack.accept(this);
        } else if (left < 0) {
            throw new IllegalStateException("piece released too often");
        }
    }

    void arrived(long nowNanos) {
        usedNanos = nowNanos;
        ended.countDown();
    }

    void failed(Throwable reason) {
        failure = reason;
        ended.countDown();
    }

    /** When it arrived or somebody last came for it. */
    long usedNanos() {
        return usedNanos;
    }

    void used(long nowNanos) {
        usedNanos = nowNanos;
    }

    /** Whether the bytes are here. */
    boolean hasArrived() {
        return ended.getCount() == 0 && failure == null;
    }

    /**
     * Waits for the end of the request.
     *
     * @return false when it has not ended in time
     * @throws FsException what the request failed with
     */
    boolean await(long nanos) throws FsException {
        try {
            if (!ended.await(nanos, TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.Unavailable("interrupted while waiting for the store", e);
        }
        Throwable reason = failure;
        if (reason instanceof FsException known) {
            throw known;
        }
        if (reason != null) {
            throw new IllegalStateException("a source of content broke", reason);
        }
        return true;
    }

    /** Copies from byte {@code position} of the content on, up to {@code end}, as far as the piece goes. */
    int copy(long position, long end, ByteBuffer into) {
        int length = (int) (Math.min(end, offset() + length()) - position);
        into.put(into.position(), memory, (int) (position - offset()), length);
        into.position(into.position() + length);
        return length;
    }
}
