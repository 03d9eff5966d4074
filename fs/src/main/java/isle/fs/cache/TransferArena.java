package isle.fs.cache;

import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The memory that requests for what nobody waits for yet are answered into, and that holds the answers until they are
 * read: a fixed number of cells, given out in rows. That it is fixed bounds all read-ahead of all streams together.
 */
final class TransferArena {

    static final int CELL_BYTES = Grid.UNIT_BYTES;
    private static final int CELLS_PER_SLAB = 32;

    /** The longest row there can be, in bytes: one slab. */
    static final int LONGEST_BYTES = CELL_BYTES * CELLS_PER_SLAB;

    /** A row of cells; goes back once. */
    record Lease(int firstCell, int cells, ByteBuffer buffer) {}

    private final @Nullable ByteBuffer[] slabs;
    private final int cells;
    private final BitSet used;

    TransferArena(long bytes) {
        cells = Math.max(1, Math.toIntExact(bytes / CELL_BYTES));
        slabs = new ByteBuffer[(cells + CELLS_PER_SLAB - 1) / CELLS_PER_SLAB];
        used = new BitSet(cells);
    }

    long capacityBytes() {
        return (long) cells * CELL_BYTES;
    }

    synchronized long usedBytes() {
        return (long) used.cardinality() * CELL_BYTES;
    }

    /** Null when there is no row that long. */
    synchronized @Nullable Lease take(int bytes) {
        int wanted = (bytes + CELL_BYTES - 1) / CELL_BYTES;
        if (wanted > CELLS_PER_SLAB) {
            throw new IllegalArgumentException(bytes + " B are more than " + LONGEST_BYTES);
        }
        int from = used.nextClearBit(0);
        while (from + wanted <= cells) {
            int slabEnd = Math.min(cells, (from / CELLS_PER_SLAB + 1) * CELLS_PER_SLAB);
            int nextUsed = used.nextSetBit(from);
            int end = nextUsed < 0 ? slabEnd : Math.min(slabEnd, nextUsed);
            if (end - from >= wanted) {
                used.set(from, from + wanted);
                int index = from % CELLS_PER_SLAB * CELL_BYTES;
                return new Lease(from, wanted, slab(from / CELLS_PER_SLAB).slice(index, bytes));
            }
            from = used.nextClearBit(end);
        }
        return null;
    }

    private ByteBuffer slab(int index) {
        ByteBuffer slab = slabs[index];
        if (slab == null) {
            slab = ByteBuffer.allocateDirect(Math.min(CELLS_PER_SLAB, cells - index * CELLS_PER_SLAB) * CELL_BYTES);
            slabs[index] = slab;
        }
        return slab;
    }

    synchronized void giveBack(Lease lease) {
        used.clear(lease.firstCell(), lease.firstCell() + lease.cells());
    }
}
