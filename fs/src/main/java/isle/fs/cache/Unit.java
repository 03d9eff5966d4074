package isle.fs.cache;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Those blocks of one unit of a content that are in memory. Blocks are added and never taken out one by one; all pages
 * go back together when nobody holds the unit any more. The memory tier holds it as long as it is in its map, a reader
 * while it copies.
 */
final class Unit {

    private static final int NO_PAGE = -1;

    private final PageArena arena;
    private final int[] pages = new int[Grid.BLOCKS_PER_UNIT];
    private final AtomicInteger holders = new AtomicInteger(1);
    private volatile int mask;

    Unit(PageArena arena) {
        this.arena = arena;
        Arrays.fill(pages, NO_PAGE);
    }

    /** Bit i is set when block i of the unit is here. */
    int mask() {
        return mask;
    }

    int weight() {
        return Integer.bitCount(mask) * Grid.BLOCK_BYTES;
    }

    /** Adds a block whose page is filled already. False when the unit has that block. Called by one thread at a time. */
    boolean add(int block, int page) {
        if ((mask & 1 << block) != 0) {
            return false;
        }
        pages[block] = page;
        // The write of the mask publishes the page number and what was written into the page before.
        mask = mask | 1 << block;
        return true;
    }

    /** False when the unit is gone. Who got true calls {@link #release}. */
    boolean hold() {
        int now = holders.get();
        while (now > 0) {
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
            now = holders.get();
        }
        return false;
    }

    void release() {
        if (holders.decrementAndGet() > 0) {
            return;
        }
        for (int page : pages) {
            if (page != NO_PAGE) {
                arena.giveBack(page);
            }
        }
    }

    /**
     * Copies from byte {@code from} of the unit on, up to byte {@code to}, but only as far as blocks are here without a
     * gap. To be called by a holder.
     *
     * @return the number of bytes copied
     */
    int copy(int from, int to, ByteBuffer into) {
        int here = mask;
        int at = from;
        while (at < to && (here & 1 << (at / Grid.BLOCK_BYTES)) != 0) {
            int first = at / Grid.BLOCK_BYTES;
            int last = first;
            while ((last + 1) * Grid.BLOCK_BYTES < to
                    && (here & 1 << (last + 1)) != 0
                    && pages[last + 1] == pages[last] + 1
                    && pages[last + 1] % Grid.BLOCKS_PER_UNIT != 0) {
                last++;
            }
            int end = Math.min(to, (last + 1) * Grid.BLOCK_BYTES);
            arena.copy(pages[first], at - first * Grid.BLOCK_BYTES, end - at, into);
            at = end;
        }
        return at - from;
    }
}
