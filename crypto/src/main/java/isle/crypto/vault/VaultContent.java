package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.IntStream;
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
    private final BlockTrees trees;
    private final BlockTrees.Shape shape;
    private final Buffers buffers = new Buffers();
    private final Semaphore hands = new Semaphore(BLOCKS_IN_HAND);

    /**
     * @param state knows where packs are
     * @param promises what the store may not have yet
     * @param ids draws ids that were never used
     */
    VaultContent(PackStore packs, VaultState state, Payloads.Promises promises, Parallel parallel, Supplier<Id> ids) {
        this(packs, state, promises, parallel, ids, BlockTrees.Shape.USUAL);
    }

    /** @param shape how files are divided: a small one can be as a large one */
    VaultContent(
            PackStore packs,
            VaultState state,
            Payloads.Promises promises,
            Parallel parallel,
            Supplier<Id> ids,
            BlockTrees.Shape shape) {
        this.packs = packs;
        this.parallel = parallel;
        this.ids = ids;
        this.payloads = new Payloads(packs, state, promises, headers);
        this.whole = new WholeBlocks(packs, headers, buffers);
        this.trees = new BlockTrees(new TreeStore(packs), ids);
        this.shape = shape;
    }

    /** Tells what the store has already. */
    @FunctionalInterface
    interface Reuse {
        /** Nothing. */
        Reuse NONE = range -> null;

        /**
         * The content of the version that a range is of.
         *
         * @return null if that is not known, or of another file: blocks are sealed for the inode of one
         */
        @Nullable Content content(Volume.StoredRange range);
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
            read(inode, blocks.blocks(), offset, into, isInOrder(into));
        } else if (content instanceof Content.Tree tree && offset < tree.length()) {
            read(inode, tree, offset, into);
        }
    }

    private static boolean isInOrder(ByteBuffer into) {
        return into.remaining() >= WholeBlocks.IN_ORDER_BYTES;
    }

    private void read(Id inode, Content.Tree tree, long offset, ByteBuffer into) throws FsException {
        boolean inOrder = isInOrder(into);
        long start = 0;
        for (Leaf leaf : trees.leaves(inode, tree)) {
            if (!into.hasRemaining()) {
                return;
            }
            long from = Math.max(offset, start);
            if (from < start + leaf.length()) {
                read(inode, trees.blocks(inode, leaf), from - start, into, inOrder);
            }
            start += leaf.length();
        }
    }

    private void read(Id inode, List<Content.Block> blocks, long offset, ByteBuffer into, boolean inOrder)
            throws FsException {
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

    /** From now on what names blocks is read from the store, as an examination has found it. */
    void forgetTrees() {
        trees.forget();
    }

    /** A version of a file that is being sent. */
    private record Sending(Id inode, Volume.Content bytes, int generation, Reused reused) {}

    /**
     * Sends the content of a large file in blocks, each under a new id, but for those that the store has; and what names
     * them, if they are many.
     *
     * @param inode of the file
     * @param generation of the vault key to seal under
     * @throws FsException not all of it was sent; what was is found by nobody
     */
    Content upload(Id inode, Volume.Content bytes, int generation, Reuse reuse) throws FsException {
        if (bytes.size() == 0) {
            return Content.NONE;
        }
        Sending sending = new Sending(inode, bytes, generation, new Reused(inode, reuse, trees));
        int count = Math.toIntExact((bytes.size() + shape.block() - 1) / shape.block());
        Content.Block[] blocks = new Content.Block[count];
        if (count > shape.listed()) {
            return tree(sending, blocks);
        }
        parallel.run(count, index -> blocks[index] = block(sending, index));
        return new Content.Blocks(List.of(blocks));
    }

    /** @param blocks room for all of them */
    private Content tree(Sending sending, Content.Block[] blocks) throws FsException {
        Leaf[] leaves = new Leaf[(blocks.length + shape.leaf() - 1) / shape.leaf()];
        for (int index = 0; index < leaves.length; index++) {
            leaves[index] = storedLeaf(sending, index);
        }
        int[] missing = IntStream.range(0, blocks.length)
                .filter(index -> leaves[index / shape.leaf()] == null)
                .toArray();
        parallel.run(missing.length, index -> blocks[missing[index]] = block(sending, missing[index]));
        parallel.run(leaves.length, index -> {
            if (leaves[index] == null) {
                int from = index * shape.leaf();
                int to = Math.min(blocks.length, from + shape.leaf());
                List<Content.Block> named = List.of(Arrays.copyOfRange(blocks, from, to));
                leaves[index] = trees.putLeaf(sending.inode(), sending.generation(), named);
            }
        });
        return trees.putRoot(sending.inode(), sending.generation(), List.of(leaves));
    }

    private @Nullable Leaf storedLeaf(Sending sending, int index) throws FsException {
        long full = (long) shape.leaf() * shape.block();
        long length = Math.min(full, sending.bytes().size() - index * full);
        Volume.StoredRange range = sending.bytes().stored(index * full, length);
        return range == null ? null : sending.reused().leaf(range, length);
    }

    private Content.Block block(Sending sending, int index) throws FsException {
        long offset = (long) index * shape.block();
        int length = (int) Math.min(shape.block(), sending.bytes().size() - offset);
        Volume.StoredRange range = sending.bytes().stored(offset, length);
        Content.Block stored = range == null ? null : sending.reused().block(range, length);
        return stored == null ? send(sending, offset, length) : stored;
    }

    private Content.Block send(Sending sending, long offset, int length) throws FsException {
        hands.acquireUninterruptibly();
        try {
            ByteBuffer plain = buffers.take(length);
            sending.bytes().read(offset, plain);
            if (plain.hasRemaining()) {
                throw new FsException.Failed("a file to be sent has fewer bytes than it says");
            }
            ByteBuffer sealed = buffers.take(PackStore.sealedBytes(length));
            Content.Block sent = packs.put(sending.inode(), ids.get(), sending.generation(), plain.flip(), sealed);
            // not after a failure: something may still read what it was to send
            buffers.giveBack(plain);
            buffers.giveBack(sealed);
            return sent;
        } finally {
            hands.release();
        }
    }
}
