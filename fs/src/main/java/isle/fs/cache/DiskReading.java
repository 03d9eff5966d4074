package isle.fs.cache;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Reads blocks from segments, and believes none that it has not checked. What is not good is a miss, and dropped.
 *
 * <p>Whole blocks of a plain volume are read straight into the reader's buffer, checked there, and not given to the
 * memory tier: the system's page cache has them already, and reading from it costs no more than from our own memory.
 */
final class DiskReading {

    /** What a codec may add to the blocks of one unit. */
    private static final int MOST_SEALING_BYTES = 4 << 10;

    /** Buffers that are kept for the next reads; more readers than this at once make new ones. */
    private static final int BUFFERS = 8;

    private final SegmentStore store;
    private final RunIndex index;
    private final CacheEvents events;
    private final CacheCounters counters;
    private final ArrayBlockingQueue<ByteBuffer> buffers = new ArrayBlockingQueue<>(BUFFERS);

    DiskReading(SegmentStore store, RunIndex index, CacheEvents events, CacheCounters counters) {
        this.store = store;
        this.index = index;
        this.events = events;
        this.counters = counters;
    }

    /**
     * Copies bytes from {@code position} on, up to {@code end} or less, as far as good blocks lie in a row.
     *
     * @param into its content behind the bytes that count is undefined afterwards
     * @param memory gets the blocks that had to be opened, or were read for a part of them
     * @return the number of bytes copied, 0 when the first block is not here
     */
    int read(ContentRef ref, long position, long end, ByteBuffer into, MemoryTier memory) {
        long first = Grid.blockOf(position);
        Run run = index.find(ref.key(), first);
        if (run == null) {
            return 0;
        }
        long last = Math.min(run.header().end(), end == ref.size() ? ref.blocks() : Grid.blockOf(end));
        boolean wholeBlocks = position % Grid.BLOCK_BYTES == 0 && last > first;
        if (wholeBlocks && ref.codec() == BlockCodec.PLAIN) {
            return readInto(ref, run, first, last, into);
        }
        long unitEnd = (first / Grid.BLOCKS_PER_UNIT + 1) * Grid.BLOCKS_PER_UNIT;
        last = Math.min(Math.min(run.header().end(), unitEnd), Grid.blocksFor(end));
        ByteBuffer sealed = takeBuffer();
        ByteBuffer opened = takeBuffer();
        try {
            long good = first;
            if (load(ref, run, first, last, sealed.clear())) {
                good = open(ref, run, first, last, sealed, opened);
            }
            memory.insert(ref, first, good - first, opened, 0);
            int length = (int) Math.max(0, Math.min(end, Grid.startOf(good, ref.size())) - position);
            into.put(into.position(), opened, (int) (position - first * Grid.BLOCK_BYTES), length);
            into.position(into.position() + length);
            return length;
        } finally {
            giveBack(sealed);
            giveBack(opened);
        }
    }

    private int readInto(ContentRef ref, Run run, long first, long last, ByteBuffer into) {
        ByteBuffer bytes = into.slice();
        if (!load(ref, run, first, last, bytes)) {
            return 0;
        }
        long good = first;
        while (good < last && isIntact(run, good, bytes, Grid.lengthOf(first, good - first, ref.size()))) {
            good++;
        }
        int length = ref.lengthOf(first, good - first);
        into.position(into.position() + length);
        return length;
    }

    /** Reads sealed blocks. They begin at index 0. */
    private boolean load(ContentRef ref, Run run, long first, long last, ByteBuffer into) {
        RecordCodec.Header header = run.header();
        long from = header.dataOffset(first);
        long length = header.dataOffset(last - 1) + header.sealedBytes(last - 1) - from;
        if (!isOfSize(ref, header, first) || !isOfSize(ref, header, last - 1) || length > into.capacity()) {
            damaged(run, first, "has another size than it should");
            return false;
        }
        run.setUsed();
        try {
            if (run.segment().read(run.offset() + from, into.limit((int) length))) {
                return true;
            }
            if (run.isLive() && !run.segment().isGone()) {
                damaged(run, first, "is cut off");
            }
        } catch (IOException e) {
            damaged(run, first, "cannot be read: " + e.getMessage());
        }
        return false;
    }

    private static boolean isOfSize(ContentRef ref, RecordCodec.Header header, long block) {
        return header.sealedBytes(block) == ref.codec().sealedSize(ref.lengthOf(block, 1));
    }

    /** Checks and opens blocks. Returns the end of those that are good. */
    private long open(ContentRef ref, Run run, long first, long last, ByteBuffer sealed, ByteBuffer opened) {
        RecordCodec.Header header = run.header();
        for (long block = first; block < last; block++) {
            int at = (int) (header.dataOffset(block) - header.dataOffset(first));
            int to = (int) (block - first) * Grid.BLOCK_BYTES;
            boolean good = isIntact(run, block, sealed, at)
                    && open(
                            ref,
                            run,
                            block,
                            sealed.slice(at, header.sealedBytes(block)),
                            opened.clear().position(to));
            if (!good) {
                return block;
            }
        }
        return last;
    }

    private boolean isIntact(Run run, long block, ByteBuffer sealed, int at) {
        RecordCodec.Header header = run.header();
        int checksum = RecordCodec.blockChecksum(header.key(), block, sealed, at, header.sealedBytes(block));
        if (checksum == header.checksums()[(int) (block - header.first())]) {
            return true;
        }
        damaged(run, block, "fails its checksum");
        return false;
    }

    private boolean open(ContentRef ref, Run run, long block, ByteBuffer sealed, ByteBuffer into) {
        try {
            ByteBuffer plain = ref.codec().open(new BlockId(ref.contentId(), block), sealed);
            if (plain.remaining() != ref.lengthOf(block, 1)) {
                throw new FsException.Corrupt("opened to " + plain.remaining() + " B");
            }
            into.put(plain);
            return true;
        } catch (FsException.Corrupt e) {
            damaged(run, block, "is not what was sealed");
            return false;
        } catch (FsException e) {
            // No key just now: the block is as good as not here.
            return false;
        }
    }

    private void damaged(Run run, long block, String what) {
        counters.damagedBlocks.increment();
        store.damaged(run, block);
        events.damageFound("A cached block " + what + "; it is fetched again when needed.");
    }

    private ByteBuffer takeBuffer() {
        ByteBuffer buffer = buffers.poll();
        return buffer != null ? buffer : ByteBuffer.allocateDirect(Grid.UNIT_BYTES + MOST_SEALING_BYTES);
    }

    private void giveBack(ByteBuffer buffer) {
        // A buffer too many is left to the collector.
        boolean unused = buffers.offer(buffer);
    }
}
