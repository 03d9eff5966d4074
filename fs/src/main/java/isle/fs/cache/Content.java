package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all open streams of one content share: the pieces that are on their way, and those that arrived ahead of their
 * readers. A piece in the list covers blocks that no other piece in it covers, so a block is asked for once however
 * many wait for it.
 */
final class Content {

    /** After this part of its own patience a reader no longer trusts a request made ahead, and makes its own. */
    private static final int AHEAD_PATIENCE_PART = 10;

    /** So many requests of one content may hang, given up by their readers, before no more are made. */
    static final int MOST_HANGING = 4;

    /** What {@link #demand} found. {@code mine}: the caller has to make the request. */
    record Demand(Piece piece, boolean mine) {}

    /** Makes a piece for blocks that somebody waits for. */
    @FunctionalInterface
    interface DemandMaker {
        Piece make(ContentRef ref, long first, long count);
    }

    /** What {@link #claimAhead} found; {@code frontier} is the block up to which nothing is left to claim. */
    record Ahead(@Nullable Piece piece, long frontier, boolean starved) {}

    /** Blocks to look at, and how many to ask for in one request. {@code backward}: from the end of the range. */
    record Window(long from, long to, long chunk, boolean backward) {}

    private final ContentRef ref;
    private final MemoryTier memory;
    private final @Nullable DiskTier disk;
    private final long patienceNanos;

    // All below is guarded by this.
    /** Each is held by being in here. */
    private final List<Piece> pieces = new ArrayList<>();

    private int streams;
    private int hanging;

    /** @param patienceNanos after this long a request is given up that readers wait for */
    Content(ContentRef ref, MemoryTier memory, @Nullable DiskTier disk, long patienceNanos) {
        this.ref = ref;
        this.memory = memory;
        this.disk = disk;
        this.patienceNanos = patienceNanos;
    }

    ContentRef ref() {
        return ref;
    }

    synchronized void opened() {
        streams++;
    }

    /** Returns true when that was the last stream; what arrived ahead is dropped then. */
    boolean closed() {
        List<Piece> dropped = new ArrayList<>();
        boolean last;
        synchronized (this) {
            last = --streams == 0;
            if (last) {
                pieces.removeIf(piece -> piece.hasArrived() && dropped.add(piece));
            }
        }
        dropped.forEach(Piece::release);
        return last;
    }

    /** Which blocks of a unit can be read without a request, a bit each. */
    int localMask(long unit) {
        int mask = memory.mask(ref.key(), unit);
        if (disk != null && mask != Grid.WHOLE_UNIT) {
            mask |= disk.mask(ref.key(), unit);
        }
        return mask;
    }

    private synchronized int presentMask(long unit) {
        int mask = localMask(unit);
        for (Piece piece : pieces) {
            mask |= Grid.maskOf(piece.first(), piece.end(), unit);
        }
        return mask;
    }

    /**
     * Copies from pieces that arrived already.
     *
     * @return the number of bytes copied, 0 when none of them has the byte at {@code position}
     */
    int copyArrived(long position, long end, ByteBuffer into, long nowNanos) {
        Piece found = null;
        synchronized (this) {
            Piece piece = covering(Grid.blockOf(position));
            if (piece != null && piece.hasArrived()) {
                piece.hold();
                piece.used(nowNanos);
                found = piece;
            }
        }
        if (found == null) {
            return 0;
        }
        try {
            return found.copy(position, end, into);
        } finally {
            found.release();
        }
    }

    private synchronized @Nullable Piece covering(long block) {
        for (Piece piece : pieces) {
            if (piece.first() <= block && block < piece.end()) {
                return piece;
            }
        }
        return null;
    }

    /**
     * Finds the piece that has block {@code first} or will have it, or makes a new one that reaches as far as nothing
     * is there, at most to {@code end}. The caller holds the piece and releases it.
     *
     * @param trustLocal whether to return null when the block is local
     * @throws FsException.Unavailable too many requests of this content hang
     */
    synchronized @Nullable Demand demand(long first, long end, boolean trustLocal, long nowNanos, DemandMaker maker)
            throws FsException {
        Piece running = covering(first);
        if (running != null && isTrusted(running, nowNanos)) {
            running.hold();
            return new Demand(running, false);
        }
        if (running != null) {
            giveUp(running);
        }
        if (trustLocal && isLocal(first)) {
            return null;
        }
        if (hanging >= MOST_HANGING) {
            throw new FsException.Unavailable(hanging + " earlier requests for this file have not been answered");
        }
        long count = Math.max(1, endOfMissing(first, end) - first);
        Piece piece = maker.make(ref, first, count);
        piece.hold();
        keep(piece);
        return new Demand(piece, true);
    }

    private boolean isLocal(long block) {
        long unit = block / Grid.BLOCKS_PER_UNIT;
        return (localMask(unit) & Grid.maskOf(block, block + 1, unit)) != 0;
    }

    /** The piece stays with those who wait for it. If its request ends after all, its blocks are kept. */
    private void giveUp(Piece piece) {
        pieces.remove(piece);
        piece.giveUp();
        hanging++;
        piece.release();
    }

    private boolean isTrusted(Piece piece, long nowNanos) {
        return piece.hasArrived() || trustNanos(piece, nowNanos) > 0;
    }

    /** How much longer a piece that is on its way is waited for before another request is made. */
    long trustNanos(Piece piece, long nowNanos) {
        long patience = piece.ahead() ? patienceNanos / AHEAD_PATIENCE_PART : patienceNanos;
        return patience - (nowNanos - piece.startedNanos());
    }

    /** Claims the next blocks of a window that are not there, as one piece whose memory is from {@code memory}. */
    synchronized Ahead claimAhead(Window window, ReadAhead.PieceMaker maker) {
        return window.backward() ? claimBackward(window, maker) : claimForward(window, maker);
    }

    private Ahead claimForward(Window window, ReadAhead.PieceMaker maker) {
        long from = firstMissing(window.from(), window.to());
        long limit = Math.min(window.to(), from + window.chunk());
        long aligned = limit - limit % Grid.BLOCKS_PER_UNIT;
        long to = endOfMissing(from, limit < ref.blocks() && aligned > from ? aligned : limit);
        boolean cutByWindow = to == window.to() && to < ref.blocks();
        if (from == to || (cutByWindow && to - from <= window.chunk() - Grid.BLOCKS_PER_UNIT)) {
            return new Ahead(null, from, false);
        }
        Piece piece = keep(maker.make(this, from, to - from));
        return piece == null ? new Ahead(null, from, true) : new Ahead(piece, to, false);
    }

    private Ahead claimBackward(Window window, ReadAhead.PieceMaker maker) {
        long to = endOfLastMissing(window.from(), window.to());
        long from = startOfMissing(Math.max(window.from(), to - window.chunk()), to);
        boolean windowCutIt = from == window.from() && from > 0 && to - from < window.chunk();
        if (from == to || windowCutIt) {
            return new Ahead(null, to, false);
        }
        Piece piece = keep(maker.make(this, from, to - from));
        return piece == null ? new Ahead(null, to, true) : new Ahead(piece, from, false);
    }

    private @Nullable Piece keep(@Nullable Piece piece) {
        if (piece != null) {
            piece.hold();
            pieces.add(piece);
        }
        return piece;
    }

    private long firstMissing(long from, long to) {
        return search(from, to, false);
    }

    private long endOfMissing(long from, long to) {
        return search(from, to, true);
    }

    /** The first block whose presence is {@code present}, or {@code to}. */
    private long search(long from, long to, boolean present) {
        long block = from;
        while (block < to) {
            long unit = block / Grid.BLOCKS_PER_UNIT;
            int mask = present ? presentMask(unit) : ~presentMask(unit);
            int found = mask & Grid.maskOf(block, to, unit);
            if (found != 0) {
                return unit * Grid.BLOCKS_PER_UNIT + Integer.numberOfTrailingZeros(found);
            }
            block = (unit + 1) * Grid.BLOCKS_PER_UNIT;
        }
        return to;
    }

    private long endOfLastMissing(long from, long to) {
        return searchBack(from, to, false);
    }

    private long startOfMissing(long from, long to) {
        return searchBack(from, to, true);
    }

    /** The end of the last block whose presence is {@code present}, or {@code from}. */
    private long searchBack(long from, long to, boolean present) {
        long end = to;
        while (end > from) {
            long unit = (end - 1) / Grid.BLOCKS_PER_UNIT;
            int mask = present ? presentMask(unit) : ~presentMask(unit);
            int found = mask & Grid.maskOf(from, end, unit);
            if (found != 0) {
                return unit * Grid.BLOCKS_PER_UNIT + Integer.SIZE - Integer.numberOfLeadingZeros(found);
            }
            end = unit * Grid.BLOCKS_PER_UNIT;
        }
        return from;
    }

    /** The request of a piece brought it, and its blocks are kept in memory as far as that takes them. */
    void settled(Piece piece) {
        boolean dropped = false;
        synchronized (this) {
            if (piece.isGivenUp()) {
                hanging--;
            } else if (!piece.ahead() || streams == 0) {
                dropped = pieces.remove(piece);
            }
        }
        if (dropped) {
            piece.release();
        }
    }

    /** The request of a piece failed: the next reader makes a new one. */
    void failed(Piece piece) {
        boolean dropped = false;
        synchronized (this) {
            if (piece.isGivenUp()) {
                hanging--;
            } else {
                dropped = pieces.remove(piece);
            }
        }
        if (dropped) {
            piece.release();
        }
    }

    /** Drops pieces that arrived ahead and were read to their end now. True when there were any. */
    boolean consumed(long position, long end, boolean backward) {
        List<Piece> dropped = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Piece> i = pieces.iterator(); i.hasNext(); ) {
                Piece piece = i.next();
                long last = backward ? piece.offset() : piece.offset() + piece.length() - 1;
                if (piece.ahead() && piece.hasArrived() && position <= last && last < end) {
                    i.remove();
                    dropped.add(piece);
                }
            }
        }
        dropped.forEach(Piece::release);
        return !dropped.isEmpty();
    }

    /** Drops a piece that arrived ahead. False when it has not arrived, or is gone already. */
    boolean drop(Piece piece) {
        synchronized (this) {
            if (!piece.hasArrived() || !pieces.remove(piece)) {
                return false;
            }
        }
        piece.release();
        return true;
    }
}
