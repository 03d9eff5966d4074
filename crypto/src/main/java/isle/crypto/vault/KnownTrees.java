package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.fs.model.FsException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What the trees of blocks that a vault names have in them, for who looks at all of it: each root and each leaf is read
 * once. One that cannot be read takes nothing away from the others.
 */
final class KnownTrees {

    /** Before any was read. */
    static final KnownTrees NONE = new KnownTrees();

    private final Map<Content.Tree, List<Leaf>> roots = new ConcurrentHashMap<>();
    private final Map<Leaf, List<Block>> leaves = new ConcurrentHashMap<>();

    /**
     * A piece of a file.
     *
     * @param object a block; or what would name blocks, if it cannot be read
     * @param length bytes of the file
     */
    record Piece(Block object, long length, boolean isBlock) {}

    private interface Reading<T> {
        List<T> read() throws FsException;
    }

    private KnownTrees() {}

    /**
     * Reads trees.
     *
     * @param inodes of the files that they are the content of
     * @throws FsException the store is away
     */
    static KnownTrees read(TreeStore store, Map<Content.Tree, Id> inodes, Parallel parallel) throws FsException {
        KnownTrees known = new KnownTrees();
        List<Map.Entry<Content.Tree, Id>> trees = List.copyOf(inodes.entrySet());
        Map<Leaf, Id> found = new ConcurrentHashMap<>();
        parallel.run(trees.size(), index -> {
            Content.Tree tree = trees.get(index).getKey();
            Id inode = trees.get(index).getValue();
            put(known.roots, tree, () -> store.leaves(inode, tree));
            known.roots.getOrDefault(tree, List.of()).forEach(leaf -> found.put(leaf, inode));
        });
        List<Map.Entry<Leaf, Id>> leaves = List.copyOf(found.entrySet());
        parallel.run(leaves.size(), index -> {
            Leaf leaf = leaves.get(index).getKey();
            Id inode = leaves.get(index).getValue();
            put(known.leaves, leaf, () -> store.blocks(inode, leaf));
        });
        return known;
    }

    private static <K, T> void put(Map<K, List<T>> known, K key, Reading<T> reading) throws FsException {
        try {
            known.put(key, reading.read());
        } catch (FsException.Corrupt | FsException.Unsupported | FsException.AccessDenied e) {
            // it stays unknown
        }
    }

    /** The pieces of a content that is in objects of its own, in their order. */
    void forEach(Content content, Consumer<Piece> sink) {
        if (content instanceof Content.Blocks listed) {
            blocks(listed.blocks(), sink);
        } else if (content instanceof Content.Tree tree) {
            List<Leaf> named = roots.get(tree);
            if (named == null) {
                sink.accept(new Piece(tree.root(), tree.length(), false));
                return;
            }
            for (Leaf leaf : named) {
                List<Block> blocks = leaves.get(leaf);
                if (blocks == null) {
                    sink.accept(new Piece(leaf.object(), leaf.length(), false));
                } else {
                    blocks(blocks, sink);
                }
            }
        }
    }

    private static void blocks(List<Block> blocks, Consumer<Piece> sink) {
        blocks.forEach(each -> sink.accept(new Piece(each, each.length(), true)));
    }

    /** Whether all that names blocks of it could be read. */
    boolean isWhole(Content.Tree tree) {
        List<Leaf> named = roots.get(tree);
        return named != null && named.stream().allMatch(leaves::containsKey);
    }

    /** Leaves that are named, also those that cannot be read. */
    Set<Id> leaves() {
        Set<Id> objects = new HashSet<>();
        roots.values()
                .forEach(
                        named -> named.forEach(leaf -> objects.add(leaf.object().object())));
        return objects;
    }
}
