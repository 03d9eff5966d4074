package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.tree.Content;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The objects that name the blocks of the largest files: {@code FORMAT.md}, "Trees of blocks". */
public final class TreeStore {

    /** Plain bytes of a root or a leaf: what a number claims takes no more memory than that. */
    static final int MOST_BYTES = 1 << 20;

    /** First byte of every one. */
    static final int FORMAT = 1;

    private final PackStore packs;

    /**
     * What a root names.
     *
     * @param object the leaf itself
     * @param length bytes of the file that its blocks have together
     */
    public record Leaf(Content.Block object, long length) {}

    public TreeStore(PackStore packs) {
        this.packs = packs;
    }

    /**
     * The leaves of a tree, in the order of the file.
     *
     * @param file inode that they are sealed for
     * @throws FsException.Corrupt the root is missing, or not what was written, or has another length than the tree
     * @throws FsException.Unsupported a later isle has written it
     */
    public List<Leaf> leaves(Id file, Content.Tree tree) throws FsException {
        List<Leaf> leaves = read(file, Role.ROOT, tree.root(), TreeStore::leaf);
        return checked(leaves, Leaf::length, tree.length());
    }

    /**
     * The blocks of a leaf, in the order of the file.
     *
     * @param file inode that they are sealed for
     * @throws FsException.Corrupt the leaf is missing, or not what was written, or has another length than its root says
     * @throws FsException.Unsupported a later isle has written it
     */
    public List<Content.Block> blocks(Id file, Leaf leaf) throws FsException {
        List<Content.Block> blocks = read(file, Role.LEAF, leaf.object(), RecordCodec::getBlock);
        for (Content.Block each : blocks) {
            PackStore.length(each);
        }
        return checked(blocks, Content.Block::length, leaf.length());
    }

    /**
     * Seals and stores a leaf.
     *
     * @param object an id that was never used
     */
    public Leaf putLeaf(Id file, Id object, int generation, List<Content.Block> blocks) throws FsException {
        long length = blocks.stream().mapToLong(Content.Block::length).sum();
        return new Leaf(put(file, Role.LEAF, object, generation, encoded(blocks, RecordCodec::putBlock)), length);
    }

    /**
     * Seals and stores a root, whose leaves are there.
     *
     * @param object an id that was never used
     */
    public Content.Tree putRoot(Id file, Id object, int generation, List<Leaf> leaves) throws FsException {
        long length = leaves.stream().mapToLong(Leaf::length).sum();
        byte[] plain = encoded(leaves, (sink, leaf) -> {
            RecordCodec.putBlock(sink, leaf.object());
            sink.putUnsigned(leaf.length());
        });
        return new Content.Tree(put(file, Role.ROOT, object, generation, plain), length);
    }

    private Content.Block put(Id file, Role role, Id object, int generation, byte[] plain) throws FsException {
        if (plain.length > MOST_BYTES) {
            throw new FsException.TooLarge("a list of blocks of " + plain.length + " bytes");
        }
        return packs.put(file, role, object, generation, ByteBuffer.wrap(plain));
    }

    private static <T> byte[] encoded(List<T> all, BiConsumer<ByteSink, T> codec) {
        ByteSink sink = new ByteSink();
        sink.putByte(FORMAT);
        sink.putUnsigned(all.size());
        all.forEach(each -> codec.accept(sink, each));
        return sink.toBytes();
    }

    private static Leaf leaf(ByteSource source) {
        return new Leaf(RecordCodec.getBlock(source), IndexCodec.natural(source.getUnsigned()));
    }

    private <T> List<T> read(Id file, Role role, Content.Block object, Function<ByteSource, T> codec)
            throws FsException {
        if (object.length() > MOST_BYTES) {
            throw new FsException.Corrupt("no list of blocks has " + object.length() + " bytes");
        }
        try {
            ByteBuffer plain = packs.read(file, role, object);
            byte[] bytes = new byte[plain.remaining()];
            plain.get(bytes);
            return decoded(bytes, codec);
        } catch (FsException.NotFound e) {
            throw new FsException.Corrupt("a list of blocks of a file is missing in the store: " + object.object(), e);
        }
    }

    private static <T> List<T> decoded(byte[] bytes, Function<ByteSource, T> codec) throws FsException {
        try {
            ByteSource source = new ByteSource(bytes);
            int format = source.getByte();
            if (format > FORMAT) {
                throw new FsException.Unsupported(
                        "a list of blocks of format " + format + "; this isle knows up to " + FORMAT);
            }
            if (format != FORMAT) {
                throw new IllegalArgumentException("another format");
            }
            List<T> all = new ArrayList<>();
            for (int n = IndexCodec.count(source, RecordCodec.LEAST_BLOCK_BYTES); n > 0; n--) {
                all.add(codec.apply(source));
            }
            source.expectEnd();
            return List.copyOf(all);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new FsException.Corrupt("a list of blocks does not decode", e);
        }
    }

    /** A sum of numbers that were read may be larger than any number: they are taken away from what it should be. */
    private static <T> List<T> checked(List<T> all, ToLongFunction<T> length, long expected)
            throws FsException.Corrupt {
        long left = expected;
        for (T each : all) {
            long bytes = length.applyAsLong(each);
            if (bytes < 1 || bytes > left) {
                throw new FsException.Corrupt("a list of blocks has other bytes than what names it says");
            }
            left -= bytes;
        }
        if (left != 0) {
            throw new FsException.Corrupt("a list of blocks has fewer bytes than what names it says");
        }
        return all;
    }
}
