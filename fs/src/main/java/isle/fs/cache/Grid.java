package isle.fs.cache;

/**
 * The pieces that contents are cut into. A <em>block</em> is the least that is fetched, checked and sealed; a
 * <em>unit</em> is what the memory tier weighs and evicts as one; a <em>group</em> is the most that one record on disk
 * holds. All are aligned in the content, and only a content's last block may be short.
 */
final class Grid {

    static final int BLOCK_BYTES = 16 << 10;
    static final int BLOCKS_PER_UNIT = 8;
    static final int UNIT_BYTES = BLOCK_BYTES * BLOCKS_PER_UNIT;
    static final int WHOLE_UNIT = (1 << BLOCKS_PER_UNIT) - 1;
    static final int BLOCKS_PER_GROUP = 64;
    static final int UNITS_PER_GROUP = BLOCKS_PER_GROUP / BLOCKS_PER_UNIT;

    private Grid() {}

    /** The block that the byte at {@code offset} lies in. */
    static long blockOf(long offset) {
        return offset / BLOCK_BYTES;
    }

    /** How many blocks hold {@code bytes} bytes from the start of a block. */
    static long blocksFor(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
    }

    /** Where a block begins; for the block after the last one, where the content ends. */
    static long startOf(long block, long contentSize) {
        return Math.min(block * BLOCK_BYTES, contentSize);
    }

    /** Bytes in {@code count} blocks from {@code first} on. */
    static int lengthOf(long first, long count, long contentSize) {
        return (int) (startOf(first + count, contentSize) - startOf(first, contentSize));
    }

    /** The bits of the blocks {@code first} (inclusive) to {@code end} (exclusive) that lie in {@code unit}. */
    static int maskOf(long first, long end, long unit) {
        int from = (int) Math.max(0, first - unit * BLOCKS_PER_UNIT);
        int to = (int) Math.min(BLOCKS_PER_UNIT, end - unit * BLOCKS_PER_UNIT);
        return from >= to ? 0 : ((1 << to) - 1) & -(1 << from);
    }
}
