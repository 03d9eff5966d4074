package isle.fs.cache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells runs of reads from random ones. Remembers a few places in the content where somebody reads on, since several
 * threads may share one handle; a read that continues none of them starts a new one in place of the one used longest
 * ago. Nothing is fetched ahead of a place before a second read continued it; from then on three requests, each of twice
 * what was read there, until limits are reached.
 *
 * <p>Thread-safe.
 */
final class AccessPattern {

    /** Readers of one handle that are told apart. */
    private static final int CURSORS = 4;

    /** What is fetched ahead at least, once a run is seen. */
    private static final long LEAST_AHEAD = Grid.UNIT_BYTES;

    /**
     * How far from the expected place a read still belongs to a run: the kernel hands requests of one reader to several
     * threads, and they arrive in any order.
     */
    private static final long SLACK_BYTES = 1 << 20;

    /** Readers backwards are rare, and their memory is the others' too. */
    private static final long MOST_BACKWARD = 1 << 20;

    /** A request asks for so many times what was read in the run so far. */
    private static final int REQUEST_GROWTH = 2;

    /** What is ahead is so many times what was read in the run so far. */
    private static final int AHEAD_GROWTH = 6;

    private static final class Cursor {
        /** The range that was read. */
        private long low;

        private long high;

        /** Bytes read in order, those of the first read too. */
        private long runBytes;

        /** 1 forward, -1 backward, 0 not known yet. */
        private int direction;

        /** Up to here all is claimed or local; a block. */
        private long frontier;

        private long lastUse;
    }

    /** Limits that depend on what other streams do and how fast the store is, in bytes. */
    record Limits(long ahead, long request) {}

    /** A window to claim from, and where to tell how far that went. */
    record Want(Content.Window window, Object cursor) {}

    private final long size;
    private final List<Cursor> cursors = new ArrayList<>(CURSORS);
    private long uses;
    private boolean quiet;

    AccessPattern(long size) {
        this.size = size;
    }

    /** Notes a read. Returns true when it went backwards in a run. */
    synchronized boolean record(long offset, long end) {
        uses++;
        Cursor cursor = find(offset, end);
        if (cursor == null) {
            cursor = newCursor();
            cursor.low = offset;
            cursor.high = end;
            cursor.runBytes = end - offset;
            cursor.direction = 0;
            cursor.frontier = Grid.blocksFor(end);
        } else if (end > cursor.high && cursor.direction >= 0) {
            cursor.runBytes += Math.min(end - cursor.high, end - offset);
            cursor.high = end;
            cursor.direction = 1;
        } else if (offset < cursor.low && cursor.direction <= 0) {
            cursor.frontier = cursor.direction == 0 ? Grid.blockOf(offset) : cursor.frontier;
            cursor.runBytes += Math.min(cursor.low - offset, end - offset);
            cursor.low = offset;
            cursor.direction = -1;
        }
        cursor.lastUse = uses;
        return cursor.direction < 0;
    }

    private @Nullable Cursor find(long offset, long end) {
        Cursor best = null;
        for (Cursor cursor : cursors) {
            if (continues(cursor, offset, end) && (best == null || distance(cursor, offset) < distance(best, offset))) {
                best = cursor;
            }
        }
        return best;
    }

    private static boolean continues(Cursor cursor, long offset, long end) {
        return switch (cursor.direction) {
            case 1 -> offset <= cursor.high + SLACK_BYTES && offset >= cursor.high - SLACK_BYTES;
            case -1 -> end >= cursor.low - SLACK_BYTES && end <= cursor.low + SLACK_BYTES;
            default -> offset <= cursor.high && end >= cursor.low;
        };
    }

    private static long distance(Cursor cursor, long offset) {
        return Math.abs(offset - (cursor.direction < 0 ? cursor.low : cursor.high));
    }

    private Cursor newCursor() {
        if (cursors.size() == CURSORS) {
            Cursor oldest = cursors.get(0);
            for (Cursor cursor : cursors) {
                oldest = cursor.lastUse < oldest.lastUse ? cursor : oldest;
            }
            cursors.remove(oldest);
        }
        Cursor cursor = new Cursor();
        cursors.add(cursor);
        return cursor;
    }

    /** What should be fetched ahead now; null for nothing. */
    synchronized @Nullable Want want(Limits limits) {
        if (quiet) {
            return null;
        }
        Want newest = null;
        long newestUse = 0;
        for (Cursor cursor : cursors) {
            if (cursor.direction != 0 && cursor.lastUse > newestUse) {
                Content.Window window = window(cursor, limits);
                if (window != null) {
                    newest = new Want(window, cursor);
                    newestUse = cursor.lastUse;
                }
            }
        }
        return newest;
    }

    private Content.@Nullable Window window(Cursor cursor, Limits limits) {
        long ahead = Math.max(LEAST_AHEAD, Math.min(AHEAD_GROWTH * cursor.runBytes, limits.ahead()));
        long request = Math.min(REQUEST_GROWTH * cursor.runBytes, limits.request());
        long chunk = Math.max(1, request / Grid.UNIT_BYTES) * Grid.BLOCKS_PER_UNIT;
        if (cursor.direction > 0) {
            long blocks = Grid.blocksFor(size);
            long reach = Grid.blockOf(cursor.high + ahead);
            // Whole units only: they lie in memory and on disk in one row.
            long to = Math.min(blocks, reach - reach % Grid.BLOCKS_PER_UNIT);
            long from = Math.max(cursor.frontier, Grid.blockOf(cursor.high));
            boolean enough = to - from > chunk - Grid.BLOCKS_PER_UNIT || to == blocks;
            return from < to && enough ? new Content.Window(from, to, chunk, false) : null;
        }
        long from = Grid.blockOf(Math.max(0, cursor.low - Math.min(ahead, MOST_BACKWARD)));
        long to = Math.min(cursor.frontier, Grid.blocksFor(cursor.low));
        boolean enough = to - from >= chunk || from == 0;
        return from < to && enough ? new Content.Window(from, to, chunk, true) : null;
    }

    /** All of a window of {@link #want} up to this block is claimed or local. */
    synchronized void advance(Want want, long frontier) {
        Cursor cursor = (Cursor) want.cursor();
        boolean backward = want.window().backward();
        cursor.frontier = backward ? Math.min(cursor.frontier, frontier) : Math.max(cursor.frontier, frontier);
    }

    /** A request ahead failed, or after that one went well: while quiet nothing more is wanted ahead. */
    synchronized void setQuiet(boolean quiet) {
        this.quiet = quiet;
    }
}
