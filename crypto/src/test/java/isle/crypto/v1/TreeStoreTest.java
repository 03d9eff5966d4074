package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.v1.TreeStore.Leaf;
import isle.fs.model.ByteSink;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.store.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class TreeStoreTest {

    private static final Id FILE = new Id(1, 2);
    private static final int FULL = 4 << 20;

    private final SecureRandom draws = Draws.of(18);
    private final Random random = new Random(18);
    private final MemoryObjectStore memory = new MemoryObjectStore(InstantSource.system(), new Random(1));
    private final Sealer sealer = new Sealer(Draws.bytes(draws, Sealer.KEY_BYTES));
    private final PackStore packs = new PackStore(memory, new Id(7, 7), generation -> List.of(sealer));
    private final TreeStore trees = new TreeStore(packs);

    private Id id() {
        return Id.random(draws);
    }

    private List<Block> blocks(int count) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            blocks.add(new Block(id(), 1 + random.nextInt(300), 1 + random.nextInt(FULL)));
        }
        return blocks;
    }

    private Leaf leaf(int count) throws FsException {
        return trees.putLeaf(FILE, id(), 1 + random.nextInt(300), blocks(count));
    }

    @Test
    void thereAndBack() throws FsException {
        for (int count : new int[] {1, 2, 1000, 3000}) {
            List<Block> blocks = blocks(count);
            Leaf leaf = trees.putLeaf(FILE, id(), 3, blocks);
            assertEquals(blocks, trees.blocks(FILE, leaf));
            assertEquals(blocks.stream().mapToLong(Block::length).sum(), leaf.length());
            List<Leaf> leaves = new ArrayList<>();
            for (Block each : blocks) {
                leaves.add(new Leaf(each, 1 + random.nextLong(1L << 50)));
            }
            Content.Tree tree = trees.putRoot(FILE, id(), 4, leaves);
            assertEquals(leaves, trees.leaves(FILE, tree));
            assertEquals(leaves.stream().mapToLong(Leaf::length).sum(), tree.length());
        }
    }

    @Test
    void whatIsTooLongIsNotWritten() {
        assertThrows(FsException.TooLarge.class, () -> trees.putLeaf(FILE, id(), 1, blocks(60_000)));
    }

    private void put(Block object, byte[] bytes) throws FsException {
        memory.put(PackStore.object(object.object()), ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
    }

    private byte[] get(Block object) throws FsException {
        ObjectKey key = PackStore.object(object.object());
        ByteBuffer bytes = ByteBuffer.allocate((int) memory.head(key).summary().size());
        memory.get(key, 0, bytes, null);
        return bytes.array();
    }

    private interface Reading {
        void read() throws FsException;
    }

    private void assertEachChangeIsNoticed(Block object, Reading reading) throws FsException {
        byte[] there = get(object);
        for (int at = 0; at < there.length; at++) {
            byte[] turned = there.clone();
            turned[at] ^= (byte) (1 << random.nextInt(8));
            put(object, turned);
            assertThrows(FsException.Corrupt.class, reading::read, "a bit at " + at);
            put(object, Arrays.copyOf(there, at));
            assertThrows(FsException.Corrupt.class, reading::read, "cut to " + at);
        }
        put(object, there);
        reading.read();
    }

    @Test
    void everyChangeIsNoticed() throws FsException {
        Leaf leaf = leaf(20);
        assertEachChangeIsNoticed(leaf.object(), () -> trees.blocks(FILE, leaf));
        Content.Tree tree = trees.putRoot(FILE, id(), 1, List.of(leaf, leaf(3)));
        assertEachChangeIsNoticed(tree.root(), () -> trees.leaves(FILE, tree));
        memory.delete(PackStore.object(leaf.object().object()));
        assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, leaf), "missing");
    }

    @Test
    void everyOtherBindingIsNoticed() throws FsException {
        Leaf leaf = leaf(5);
        Content.Tree tree = trees.putRoot(FILE, id(), 1, List.of(leaf));
        Block object = leaf.object();
        assertThrows(FsException.Corrupt.class, () -> trees.blocks(id(), leaf), "another file's");
        assertThrows(FsException.Corrupt.class, () -> trees.leaves(id(), tree), "another file's");
        assertThrows(
                FsException.Corrupt.class,
                () -> trees.leaves(FILE, new Content.Tree(object, tree.length())),
                "a leaf as a root");
        assertThrows(
                FsException.Corrupt.class,
                () -> trees.blocks(FILE, new Leaf(tree.root(), leaf.length())),
                "a root as a leaf");
        Leaf other = new Leaf(new Block(object.object(), object.generation() + 1, object.length()), leaf.length());
        assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, other), "another generation");
        Block block = packs.put(FILE, Role.BLOCK, id(), 1, ByteBuffer.allocate(100));
        assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, new Leaf(block, 100)), "a block as a leaf");
    }

    @Test
    void lengthsThatLieAreNoticed() throws FsException {
        Leaf leaf = leaf(5);
        Block object = leaf.object();
        Content.Tree tree = trees.putRoot(FILE, id(), 1, List.of(leaf, leaf(3)));
        for (long length : new long[] {0, 1, -1, Long.MAX_VALUE}) {
            Leaf other = new Leaf(object, length);
            assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, other));
            Content.Tree another = new Content.Tree(tree.root(), length);
            assertThrows(FsException.Corrupt.class, () -> trees.leaves(FILE, another));
        }
        for (int plus : new int[] {1, -1}) {
            Leaf other = new Leaf(object, leaf.length() + plus);
            assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, other));
            Content.Tree another = new Content.Tree(tree.root(), tree.length() + plus);
            assertThrows(FsException.Corrupt.class, () -> trees.leaves(FILE, another));
        }
        for (int bytes : new int[] {0, 1, object.length() - 1, object.length() + 1, 1 << 20, Integer.MAX_VALUE}) {
            Leaf other = new Leaf(new Block(object.object(), object.generation(), bytes), leaf.length());
            assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, other), bytes + " bytes");
        }
    }

    /** A leaf with whatever is put into it, which a member may have sealed. */
    private Leaf made(long length, Consumer<ByteSink> filling) throws FsException {
        ByteSink sink = new ByteSink();
        filling.accept(sink);
        return new Leaf(packs.put(FILE, Role.LEAF, id(), 1, ByteBuffer.wrap(sink.toBytes())), length);
    }

    private static void list(ByteSink sink, int format, long count, Block... blocks) {
        sink.putByte(format);
        sink.putUnsigned(count);
        for (Block each : blocks) {
            RecordCodec.putBlock(sink, each);
        }
    }

    @Test
    void whatDoesNotDecodeIsCorrupt_andTakesNoMemory() throws FsException {
        Block fine = new Block(id(), 1, 10);
        assertEquals(List.of(fine), trees.blocks(FILE, made(10, sink -> list(sink, 1, 1, fine))));
        assertThrows(FsException.Unsupported.class, () -> trees.blocks(FILE, made(10, sink -> list(sink, 2, 1, fine))));
        List<Leaf> wrong = new ArrayList<>();
        wrong.add(made(10, sink -> list(sink, 0, 1, fine)));
        for (long count : new long[] {0, 2, 1L << 31, 1L << 40, Long.MAX_VALUE, -1}) {
            wrong.add(made(10, sink -> list(sink, 1, count, fine)));
        }
        wrong.add(made(10, sink -> {
            list(sink, 1, 1, fine);
            sink.putByte(0);
        }));
        wrong.add(made(10, sink -> list(sink, 1, 1, new Block(fine.object(), 0, 10))));
        wrong.add(made(10, sink -> list(sink, 1, 2, fine, new Block(id(), 1, 0))));
        wrong.add(made(FULL + 1, sink -> list(sink, 1, 1, new Block(id(), 1, FULL + 1))));
        wrong.add(made(10, sink -> sink.putByte(1)));
        for (Leaf each : wrong) {
            assertThrows(FsException.Corrupt.class, () -> trees.blocks(FILE, each));
        }
        Leaf large = new Leaf(fine, Long.MAX_VALUE);
        Content.Tree around = trees.putRoot(FILE, id(), 1, List.of(large, large, new Leaf(fine, 7)));
        assertEquals(5, around.length(), "a sum that has gone round");
        assertThrows(FsException.Corrupt.class, () -> trees.leaves(FILE, around));
        assertThrows(
                FsException.Corrupt.class, () -> trees.leaves(FILE, new Content.Tree(around.root(), Long.MAX_VALUE)));
    }

    /** Sealed by a member, so that the seal tells nothing: they may be another list, and are never another error. */
    @Test
    void anyBytesAreAListOrCorrupt() throws FsException {
        List<Block> blocks = blocks(3);
        long length = blocks.stream().mapToLong(Block::length).sum();
        ByteSink sink = new ByteSink();
        list(sink, 1, 3, blocks.toArray(new Block[0]));
        byte[] plain = sink.toBytes();
        int lists = 0;
        for (int at = 0; at < plain.length; at++) {
            byte[] turned = plain.clone();
            turned[at] ^= (byte) (1 << random.nextInt(8));
            Leaf leaf = new Leaf(packs.put(FILE, Role.LEAF, id(), 1, ByteBuffer.wrap(turned)), length);
            try {
                assertEquals(3, trees.blocks(FILE, leaf).size());
                lists++;
            } catch (FsException.Corrupt | FsException.Unsupported e) {
                // as it should be
            }
        }
        assertTrue(lists >= 3 * Id.BYTES && lists < plain.length, lists + " lists");
    }
}
