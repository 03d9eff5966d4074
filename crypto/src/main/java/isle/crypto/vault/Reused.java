package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.TreeStore.Leaf;
import isle.fs.model.FsException;
import isle.fs.spi.Volume.StoredRange;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What of a file the store has when the file is sent: blocks of earlier versions, and leaves of their trees. For one
 * upload; may be used by several threads.
 */
final class Reused {

    private final Id inode;
    private final VaultContent.Reuse reuse;
    private final BlockTrees trees;

    /** Held while a tree is read: blocks of one leaf are asked for side by side. */
    private final ReentrantLock lock = new ReentrantLock();

    Reused(Id inode, VaultContent.Reuse reuse, BlockTrees trees) {
        this.inode = inode;
        this.reuse = reuse;
        this.trees = trees;
    }

    /** Looks something up in what a root names. */
    private interface Search<T> {
        @Nullable T in(List<Leaf> leaves) throws FsException;
    }

    /**
     * The block that has exactly these bytes.
     *
     * @return null if there is none: blocks of that version begin or end elsewhere, or what names them cannot be read
     * @throws FsException the store is away
     */
    @Nullable Block block(StoredRange range, int length) throws FsException {
        Content content = reuse.content(range);
        if (content instanceof Content.Blocks listed) {
            return at(listed.blocks(), range.offset(), length);
        }
        return content instanceof Content.Tree tree
                ? found(tree, leaves -> blockAt(leaves, range.offset(), length))
                : null;
    }

    /**
     * The leaf whose blocks have together exactly these bytes.
     *
     * @return null if there is none
     * @throws FsException the store is away
     */
    @Nullable Leaf leaf(StoredRange range, long length) throws FsException {
        return reuse.content(range) instanceof Content.Tree tree
                ? found(tree, leaves -> leafAt(leaves, range.offset(), length))
                : null;
    }

    private <T> @Nullable T found(Content.Tree tree, Search<T> search) throws FsException {
        lock.lock();
        try {
            return search.in(trees.leaves(inode, tree));
        } catch (FsException e) {
            if (e.isTransient()) {
                throw e;
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private static @Nullable Leaf leafAt(List<Leaf> leaves, long offset, long length) {
        long start = 0;
        for (Leaf each : leaves) {
            if (start >= offset) {
                return start == offset && each.length() == length ? each : null;
            }
            start += each.length();
        }
        return null;
    }

    private @Nullable Block blockAt(List<Leaf> leaves, long offset, int length) throws FsException {
        long start = 0;
        for (Leaf each : leaves) {
            if (offset < start + each.length()) {
                return at(trees.blocks(inode, each), offset - start, length);
            }
            start += each.length();
        }
        return null;
    }

    private static @Nullable Block at(List<Block> blocks, long offset, int length) {
        long start = 0;
        for (Block each : blocks) {
            if (start >= offset) {
                return start == offset && each.length() == length ? each : null;
            }
            start += each.length();
        }
        return null;
    }
}
