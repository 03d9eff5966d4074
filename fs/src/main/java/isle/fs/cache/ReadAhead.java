package isle.fs.cache;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Fetches what streams are about to read. A request is decided on only when a fetcher and memory are free, from what
 * the stream wants then: there is no queue of requests that a reader could wait behind or that nobody wants any more.
 * Streams take turns, and share the memory.
 */
final class ReadAhead {

    /** Memory with bytes that nobody came for in this time is taken for others. */
    private static final long IDLE_NANOS = 1_000_000_000L;

    /** Pieces that arrived, the consumed start of the oldest among them, take some of the memory too. */
    private static final double SHARE_OF_MEMORY = 0.75;

    /**
     * Requests at once that one stream alone can have. For the same memory more and smaller ones are faster wherever a
     * connection, or the round trip, is the limit: 6 of 2 MiB against 3 of 4 MiB half as fast again at 20 ms.
     */
    private static final int REQUESTS_IN_SHARE = 6;

    /** Makes a piece for blocks, or gives null when there is no memory. */
    @FunctionalInterface
    interface PieceMaker {
        @Nullable Piece make(Content content, long first, long count);
    }

    private enum Served {
        STARTED,
        STARVED,
        NOTHING
    }

    private final TransferArena arena;
    private final Requests requests;
    private final Pace pace;
    private final LongSupplier nanoTime;
    private final int fetchers;

    /** Each piece that has memory here, and its content. At most as many as the arena has cells. */
    private final ConcurrentHashMap<Piece, Content> pieces = new ConcurrentHashMap<>();

    /** How many contents share the memory. */
    private volatile long contents = 1;

    /** Streams that want something; in turn. Guarded by this, as is all below. */
    private final LinkedHashSet<ReadStream> waiting = new LinkedHashSet<>();

    private int running;

    /** Bytes that those ask for. */
    private long flying;

    private boolean closed;

    ReadAhead(TransferArena arena, Requests requests, Pace pace, LongSupplier nanoTime, int fetchers) {
        this.arena = arena;
        this.requests = requests;
        this.pace = pace;
        this.nanoTime = nanoTime;
        this.fetchers = fetchers;
    }

    /** What one stream may have ahead now. */
    AccessPattern.Limits limits() {
        long share = (long) (arena.capacityBytes() * SHARE_OF_MEMORY) / contents;
        long inFlight = pace.bytesInFlight();
        long request = Math.min(share / REQUESTS_IN_SHARE, inFlight / fetchers);
        request = Math.max(Grid.UNIT_BYTES, Math.min(TransferArena.LONGEST_BYTES, request));
        long ahead = inFlight > share / 2 ? share : 2 * inFlight;
        return new AccessPattern.Limits(ahead, request);
    }

    /** A stream may want something. */
    void want(ReadStream stream) {
        if (stream.wantsAhead(limits())) {
            synchronized (this) {
                waiting.add(stream);
            }
            pump();
        }
    }

    /** Starts as many requests as there are fetchers and memory for. To be called when either came free. */
    synchronized void pump() {
        int starved = 0;
        while (!closed && running < fetchers && flying < pace.bytesInFlight() && starved < waiting.size()) {
            ReadStream stream = waiting.iterator().next();
            waiting.remove(stream);
            Served served = serve(stream);
            if (served != Served.NOTHING) {
                waiting.add(stream);
            }
            starved = served == Served.STARVED ? starved + 1 : 0;
        }
    }

    private Served serve(ReadStream stream) {
        AccessPattern.Want want = stream.nextAhead(limits());
        while (want != null) {
            Content.Ahead claimed = stream.content().claimAhead(want.window(), this::make);
            stream.pattern().advance(want, claimed.frontier());
            Piece piece = claimed.piece();
            if (piece != null) {
                start(stream, piece);
                return Served.STARTED;
            }
            if (claimed.starved() && !dropIdle()) {
                return Served.STARVED;
            }
            want = stream.nextAhead(limits());
        }
        return Served.NOTHING;
    }

    private void start(ReadStream stream, Piece piece) {
        running++;
        flying += piece.length();
        requests.ahead(stream.content(), stream.source(), piece, () -> ended(stream, piece));
    }

    private void ended(ReadStream stream, Piece piece) {
        if (!piece.hasArrived()) {
            stream.pattern().setQuiet(true);
        }
        synchronized (this) {
            running--;
            flying -= piece.length();
        }
        pump();
    }

    private @Nullable Piece make(Content content, long first, long count) {
        TransferArena.Lease lease = arena.take(content.ref().lengthOf(first, count));
        if (lease == null) {
            return null;
        }
        long now = nanoTime.getAsLong();
        Piece piece = new Piece(content.ref(), first, count, true, now, lease.buffer(), gone -> {
            pieces.remove(gone);
            countContents();
            arena.giveBack(lease);
        });
        pieces.put(piece, content);
        countContents();
        return piece;
    }

    private void countContents() {
        contents = Math.max(1, pieces.values().stream().distinct().count());
    }

    /** Takes memory from pieces whose reader stays away. What they hold is in the tiers, as far as those took it. */
    private boolean dropIdle() {
        long now = nanoTime.getAsLong();
        boolean dropped = false;
        for (Map.Entry<Piece, Content> entry : pieces.entrySet()) {
            Piece piece = entry.getKey();
            dropped |= now - piece.usedNanos() > IDLE_NANOS && entry.getValue().drop(piece);
        }
        return dropped;
    }

    /** A stream was closed. */
    synchronized void forget(ReadStream stream) {
        waiting.remove(stream);
    }

    synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
