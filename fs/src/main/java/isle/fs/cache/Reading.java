package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The way of a read: memory, what arrived ahead, disk, a request. */
final class Reading {

    /** The most that one request brings which a reader waits for. */
    static final int MOST_DEMANDED_BYTES = 1 << 20;

    /**
     * A content up to this size is fetched whole when it is read from its start: one request instead of two, for less
     * than a millisecond more on a local network.
     */
    static final int WHOLE_BYTES = 256 << 10;

    /** How often a block may be local when looked for and gone when read, before it is asked for all the same. */
    private static final int TRUST_IN_LOCAL = 2;

    private final CacheSettings settings;
    private final MemoryTier memory;
    private final @Nullable DiskTier disk;
    private final TransferArena arena;
    private final Requests requests;
    private final CacheCounters counters;
    private final LongSupplier nanoTime;

    Reading(
            CacheSettings settings,
            MemoryTier memory,
            @Nullable DiskTier disk,
            TransferArena arena,
            Requests requests,
            CacheCounters counters,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.memory = memory;
        this.disk = disk;
        this.arena = arena;
        this.requests = requests;
        this.counters = counters;
        this.nanoTime = nanoTime;
    }

    Deadline deadline(long bytes) {
        return Deadline.forRead(settings, nanoTime, bytes);
    }

    /** Reads from {@code from} up to {@code end}, both within the content. */
    void read(ReadStream stream, long from, long end, ByteBuffer into, Deadline deadline) throws FsException {
        Content content = stream.content();
        long position = from;
        int empty = 0;
        while (position < end) {
            int copied = readLocal(content.ref(), position, end, into);
            if (copied == 0) {
                copied = content.copyArrived(position, end, into, nanoTime.getAsLong());
            }
            if (copied == 0) {
                copied = request(stream, position, end, into, deadline, empty < TRUST_IN_LOCAL);
            }
            empty = copied == 0 ? empty + 1 : 0;
            position += copied;
        }
    }

    /**
     * Copies what memory or disk has.
     *
     * @return the number of bytes copied, 0 when the byte at {@code position} is not local
     */
    int readLocal(ContentRef ref, long position, long end, ByteBuffer into) {
        int copied = memory.read(ref.key(), position, end, into);
        if (copied > 0) {
            counters.memoryHits.increment();
        } else if (disk != null) {
            copied = disk.read(ref, position, end, into, memory);
            if (copied > 0) {
                counters.diskHits.increment();
            }
        }
        return copied;
    }

    /** Makes a request, or waits for one. 0 when things have changed meanwhile and the caller shall look again. */
    private int request(
            ReadStream stream, long position, long end, ByteBuffer into, Deadline deadline, boolean trustLocal)
            throws FsException {
        Content content = stream.content();
        ContentRef ref = content.ref();
        long first = Grid.blockOf(position);
        boolean whole = first == 0 && ref.size() <= WHOLE_BYTES;
        long wanted = whole ? ref.blocks() : Grid.blocksFor(end);
        Content.Demand found = content.demand(first, wanted, trustLocal, nanoTime.getAsLong(), this::make);
        if (found == null) {
            return 0;
        }
        Piece piece = found.piece();
        try {
            if (found.mine()) {
                requests.demand(content, stream.source(), piece, deadline);
            }
            if (!await(content, piece, deadline)) {
                return 0;
            }
            if (found.mine()) {
                stream.pattern().setQuiet(false);
            }
            piece.used(nanoTime.getAsLong());
            return piece.copy(position, end, into);
        } finally {
            piece.release();
        }
    }

    /**
     * A piece somebody waits for gets memory in any case: that of the heap, where half of the arena is used. So requests
     * that hang cannot take all of it, and what is made ahead cannot keep a reader from its bytes.
     */
    private Piece make(ContentRef ref, long first, long count) {
        int length = ref.lengthOf(first, count);
        long now = nanoTime.getAsLong();
        TransferArena.Lease lease = arena.usedBytes() > arena.capacityBytes() / 2 ? null : arena.take(length);
        if (lease == null) {
            return new Piece(ref, first, count, false, now, ByteBuffer.allocate(length), gone -> {});
        }
        return new Piece(ref, first, count, false, now, lease.buffer(), gone -> arena.giveBack(lease));
    }

    /** False when it was a request made ahead that did not keep its promise: the reader makes its own. */
    private boolean await(Content content, Piece piece, Deadline deadline) throws FsException {
        try {
            long wait = deadline.leftNanos();
            if (piece.ahead()) {
                wait = Math.min(wait, Math.max(0, content.trustNanos(piece, nanoTime.getAsLong())));
            }
            if (piece.await(wait)) {
                return true;
            }
        } catch (FsException e) {
            if (piece.ahead() && e.isTransient() && !deadline.passed()) {
                return false;
            }
            throw e;
        }
        if (piece.ahead() && !deadline.passed()) {
            return false;
        }
        throw new FsException.TimedOut("the store did not answer in time");
    }
}
