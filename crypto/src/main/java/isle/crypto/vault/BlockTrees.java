package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.fs.model.FsException;
import java.util.List;
import java.util.function.Supplier;

/**
 * The trees that name the blocks of the largest files: a root names leaves, they name the blocks. What was read or written
 * last is remembered. May be used by several threads.
 */
final class BlockTrees {

    /** Remembered together, of all trees: a block takes 64 bytes. */
    private static final int MOST_BLOCKS = 64_000;

    private static final int MOST_LEAVES = 16_000;

    private final TreeStore store;
    private final Supplier<Id> ids;
    private final Recent<Of<Content.Tree>, List<Leaf>> roots = new Recent<>(MOST_LEAVES, List::size);
    private final Recent<Of<Leaf>, List<Block>> leaves = new Recent<>(MOST_BLOCKS, List::size);

    /**
     * How files are divided.
     *
     * @param block plain bytes of a full block
     * @param listed most blocks of a file that has no tree: in a record they take 64 KiB
     * @param leaf blocks of a full leaf
     */
    record Shape(int block, int listed, int leaf) {
        static final Shape USUAL = new Shape(VaultContent.BLOCK_BYTES, 3000, 1000);
    }

    /** With the file that it was sealed for, so that it does not pass for part of another one. */
    private record Of<T>(Id inode, T what) {}

    /** @param ids draws ids that were never used */
    BlockTrees(TreeStore store, Supplier<Id> ids) {
        this.store = store;
        this.ids = ids;
    }

    /** The leaves of a tree, in the order of the file. */
    List<Leaf> leaves(Id inode, Content.Tree tree) throws FsException {
        Of<Content.Tree> key = new Of<>(inode, tree);
        List<Leaf> known = roots.get(key);
        if (known == null) {
            known = store.leaves(inode, tree);
            roots.put(key, known);
        }
        return known;
    }

    /** The blocks of a leaf, in the order of the file. */
    List<Block> blocks(Id inode, Leaf leaf) throws FsException {
        Of<Leaf> key = new Of<>(inode, leaf);
        List<Block> known = leaves.get(key);
        if (known == null) {
            known = store.blocks(inode, leaf);
            leaves.put(key, known);
        }
        return known;
    }

    /** What is read from now on comes from the store. */
    void forget() {
        roots.clear();
        leaves.clear();
    }

    /**
     * Stores a leaf.
     *
     * @param generation of the vault key to seal under
     * @param blocks that are stored
     */
    Leaf putLeaf(Id inode, int generation, List<Block> blocks) throws FsException {
        Leaf leaf = store.putLeaf(inode, ids.get(), generation, blocks);
        leaves.put(new Of<>(inode, leaf), blocks);
        return leaf;
    }

    /**
     * Stores a root.
     *
     * @param generation of the vault key to seal under
     * @param named leaves that are stored
     */
    Content.Tree putRoot(Id inode, int generation, List<Leaf> named) throws FsException {
        Content.Tree tree = store.putRoot(inode, ids.get(), generation, named);
        roots.put(new Of<>(inode, tree), named);
        return tree;
    }
}
