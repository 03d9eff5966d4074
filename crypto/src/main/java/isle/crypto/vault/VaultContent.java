package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The bytes of files: reads them from wherever they are, and sends those of large files. May be used by several threads. */
final class VaultContent {

    /** Plain bytes of a full block: 4 MiB in the store. */
    static final int BLOCK_BYTES = 4_193_240;

    /** So many blocks are in memory at once, each twice: plain and sealed. */
    private static final int BLOCKS_IN_HAND = 4;

    private final PackStore packs;
    private final Parallel parallel;
    private final Supplier<Id> ids;
    private final Headers headers = new Headers();
    private final Payloads payloads;
    private final WholeBlocks whole;
    private final Buffers buffers = new Buffers();
    private final Semaphore hands = new Semaphore(BLOCKS_IN_HAND);

    /**
     * @param state knows where packs are
     * @param promises what the store may not have yet
     * @param ids draws ids that were never used
     */
    VaultContent(PackStore packs, VaultState state, Payloads.Promises promises, Parallel parallel, Supplier<Id> ids) {
        this.packs = packs;
        this.parallel = parallel;
        this.ids = ids;
        this.payloads = new Payloads(packs, state, promises, headers);
        this.whole = new WholeBlocks(packs, headers, buffers);
    }

    /** Tells what the store has already. */
    @FunctionalInterface
    interface Reuse {
        /** Nothing. */
        Reuse NONE = (range, length) -> null;

        /**
         * The block that has exactly these bytes.
         *
         * @param range of a version that is stored; of the same file, for whose inode the block is sealed
         * @return null if its blocks begin or end elsewhere
         */
        Content.@Nullable Block block(Volume.StoredRange range, int length);
    }

    /** How many bytes a content has, if it has any of its own. */
    static long length(Content content) {
        if (content instanceof Content.Packed packed) {
            return packed.length();
        }
        if (content instanceof Content.Blocks blocks) {
            return blocks.blocks().stream().mapToLong(Content.Block::length).sum();
        }
        return content instanceof Content.Tree tree ? tree.length() : 0;
    }

    /**
     * Reads until {@code into} is full or the content ends.
     *
     * @param inode of the file
     * @throws FsException.Corrupt its bytes are missing, or not what was written
     * @throws FsException.Unsupported a later isle wrote it
     */
    void read(Id inode, Content content, long offset, ByteBuffer into) throws FsException {
        if (offset < 0) {
            throw new FsException.Invalid("an offset of " + offset);
        }
        if (content instanceof Content.Packed packed) {
            int count = (int) Math.min(into.remaining(), Math.max(0, packed.length() - offset));
            if (count > 0) {
                into.put(payloads.read(packed, (int) offset, count));
            }
        } else if (content instanceof Content.Blocks blocks) {
            read(inode, blocks.blocks(), offset, into);
        } else if (content instanceof Content.Tree) {
            throw new FsException.Unsupported("a file is in a tree of blocks, which this version does not read");
        }
    }

    private void read(Id inode, List<Content.Block> blocks, long offset, ByteBuffer into) throws FsException {
        boolean inOrder = into.remaining() >= WholeBlocks.IN_ORDER_BYTES;
        long start = 0;
        for (Content.Block block : blocks) {
            long end = start + block.length();
            if (!into.hasRemaining()) {
                return;
            }
            long from = Math.max(offset, start);
            if (from < end) {
                int count = (int) Math.min(into.remaining(), end - from);
                read(inode, block, (int) (from - start), into.slice(into.position(), count), inOrder);
                into.position(into.position() + count);
            }
            start = end;
        }
    }

    private void read(Id inode, Content.Block block, int offset, ByteBuffer into, boolean inOrder) throws FsException {
        Headers.Opening<ByteBuffer> opening = source -> packs.open(inode, block, source, offset, into);
        try {
            if (!inOrder || !whole.open(block, into.remaining(), opening)) {
                headers.open(block.object(), packs.bytes(block.object()), opening);
            }
        } catch (FsException.NotFound e) {
            throw new FsException.Corrupt("a block of a file is missing in the store: " + block.object(), e);
        }
    }

    /**
     * Sends the content of a large file in blocks, each under a new id, but for those that the store has.
     *
     * @param inode of the file
     * @param generation of the vault key to seal under
     * @throws FsException not all of it was sent; what was is found by nobody
     */
    Content upload(Id inode, Volume.Content bytes, int generation, Reuse reuse) throws FsException {
        long size = bytes.size();
        if (size == 0) {
            return Content.NONE;
        }
        int count = Math.toIntExact((size + BLOCK_BYTES - 1) / BLOCK_BYTES);
        Content.Block[] blocks = new Content.Block[count];
        parallel.run(count, index -> {
            long offset = (long) index * BLOCK_BYTES;
            int length = (int) Math.min(BLOCK_BYTES, size - offset);
            Content.Block stored = stored(bytes, offset, length, reuse);
            blocks[index] = stored == null ? send(inode, bytes, offset, length, generation) : stored;
        });
        List<Content.Block> all = new ArrayList<>(count);
        for (Content.Block block : blocks) {
            all.add(block);
        }
        return new Content.Blocks(all);
    }

    private static Content.@Nullable Block stored(Volume.Content bytes, long offset, int length, Reuse reuse) {
        Volume.StoredRange range = bytes.stored(offset, length);
        Content.Block block = range == null ? null : reuse.block(range, length);
        return block == null || block.length() != length ? null : block;
    }

    private Content.Block send(Id inode, Volume.Content bytes, long offset, int length, int generation)
            throws FsException {
        hands.acquireUninterruptibly();
        try {
            ByteBuffer plain = buffers.take(length);
            bytes.read(offset, plain);
            if (plain.hasRemaining()) {
                throw new FsException.Failed("a file to be sent has fewer bytes than it says");
            }
            ByteBuffer sealed = buffers.take(PackStore.sealedBytes(length));
            Content.Block sent = packs.put(inode, ids.get(), generation, plain.flip(), sealed);
            // not after a failure: something may still read what it was to send
            buffers.giveBack(plain);
            buffers.giveBack(sealed);
            return sent;
        } finally {
            hands.release();
        }
    }
}
