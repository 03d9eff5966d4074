package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Content.Block;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.crypto.vault.VaultContent.Reuse;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import isle.fs.store.MeteredObjectStore.Snapshot;
import isle.fs.store.StoreOperation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R18: files of so many blocks that a tree names them. */
class BlockTreesTest {

    private static final int BLOCK = 1000;

    /** From five blocks on, three a leaf. */
    private static final BlockTrees.Shape SMALL = new BlockTrees.Shape(BLOCK, 4, 3);

    private static final int SIZE = 20 * BLOCK + 300;
    private static final Volume.Source BEFORE = new Volume.Source("ref", null);

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final Random random = new Random(18);
    private final Id inode = rig.id();
    private final TreeStore trees = new TreeStore(rig.packs);
    private VaultState state;
    private VaultContent content;

    @BeforeEach
    void open() throws FsException {
        state = rig.state(folder);
        content = host(SMALL);
    }

    @AfterEach
    void close() {
        state.close();
        rig.close();
    }

    /** One that has read nothing yet. */
    private VaultContent host(BlockTrees.Shape shape) {
        return new VaultContent(rig.packs, state, Payloads.Promises.NONE, rig.parallel, rig::id, shape);
    }

    /** A file of which the store has a version. */
    private static final class Changed implements Volume.Content {
        private final byte[] before;
        private final byte[] all;
        private final Volume.Source source;

        Changed(byte[] before, byte[] all) {
            this(before, all, BEFORE);
        }

        Changed(byte[] before, byte[] all, Volume.Source source) {
            this.before = before;
            this.all = all;
            this.source = source;
        }

        @Override
        public long size() {
            return all.length;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            into.put(all, (int) offset, into.remaining());
        }

        @Override
        public Volume.@Nullable StoredRange stored(long offset, long length) {
            int from = (int) offset;
            int to = (int) (offset + length);
            return to <= before.length && Arrays.equals(all, from, to, before, from, to)
                    ? new Volume.StoredRange(source, offset)
                    : null;
        }
    }

    private Content upload(byte[] all) throws FsException {
        return content.upload(inode, new Changed(new byte[0], all), 1, Reuse.NONE);
    }

    private Content.Tree tree(byte[] all) throws FsException {
        return assertInstanceOf(Content.Tree.class, upload(all));
    }

    private byte[] read(VaultContent from, Content what, long offset, int length) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(length);
        from.read(inode, what, offset, into);
        return VaultRig.array(into.flip());
    }

    private void assertReads(byte[] expected, Content what) throws FsException {
        assertArrayEquals(expected, read(host(SMALL), what, 0, expected.length + 7));
        assertEquals(expected.length, VaultContent.length(what));
    }

    @Test
    void aLongListIsATree_andReadInParts() throws FsException {
        for (int size : new int[] {1, 4 * BLOCK, 4 * BLOCK + 1, 6 * BLOCK, SIZE}) {
            byte[] all = rig.bytes(size);
            Content where = upload(all);
            assertEquals(size > 4 * BLOCK, where instanceof Content.Tree);
            assertReads(all, where);
            VaultContent host = host(SMALL);
            for (int i = 0; i < 100; i++) {
                int offset = random.nextInt(size + 10);
                int length = random.nextInt(random.nextBoolean() ? 10 : size);
                byte[] expected =
                        offset > size ? new byte[0] : Arrays.copyOfRange(all, offset, Math.min(size, offset + length));
                assertArrayEquals(expected, read(host, where, offset, length));
            }
        }
    }

    @Test
    void aReadOpensTheRootAndOneLeaf_once() throws FsException {
        Content where = tree(rig.bytes(SIZE));
        VaultContent host = host(SMALL);
        long before = rig.requests();
        read(host, where, 10 * BLOCK + 5, 10);
        assertEquals(3, rig.requests() - before);
        read(host, where, 11 * BLOCK + 5, 10);
        assertEquals(4, rig.requests() - before);
        read(host, where, SIZE, 10);
        assertEquals(4, rig.requests() - before);
    }

    /** What it takes to store a file of which the store has another version, for a host that has read nothing. */
    private Snapshot cost(byte[] before, Content was, byte[] all) throws FsException {
        VaultContent host = host(SMALL);
        Snapshot start = rig.metered.snapshot();
        Content where = host.upload(inode, new Changed(before, all), 1, range -> was);
        Snapshot cost = rig.metered.snapshot().since(start);
        assertReads(all, where);
        assertReads(before, was);
        return cost;
    }

    private static void assertCost(int puts, int gets, Snapshot cost) {
        assertEquals(puts, cost.requests(StoreOperation.PUT), "sent");
        assertEquals(gets, cost.requests(StoreOperation.GET), "read");
        assertEquals(puts + gets, cost.totalRequests());
    }

    @Test
    void aChangeSendsABlockALeafAndARoot() throws FsException {
        byte[] before = rig.bytes(SIZE);
        Content was = tree(before);
        byte[] all = before.clone();
        all[10 * BLOCK + 5] ^= 1;
        assertCost(3, 2, cost(before, was, all));

        // the host that sent it knows it
        Snapshot start = rig.metered.snapshot();
        Content.Tree where =
                assertInstanceOf(Content.Tree.class, content.upload(inode, new Changed(before, all), 1, range -> was));
        assertCost(3, 0, rig.metered.snapshot().since(start));
        List<Leaf> old = new ArrayList<>(trees.leaves(inode, (Content.Tree) was));
        List<Leaf> now = new ArrayList<>(trees.leaves(inode, where));
        List<Block> blocks = new ArrayList<>(trees.blocks(inode, old.get(3)));
        blocks.removeAll(trees.blocks(inode, now.get(3)));
        assertEquals(1, blocks.size());
        old.remove(3);
        now.remove(3);
        assertEquals(old, now);
    }

    @Test
    void whatGrowsOrShrinksSendsNoMoreThanItsEnd() throws FsException {
        byte[] before = rig.bytes(SIZE);
        Content was = tree(before);
        assertCost(3, 2, cost(before, was, Arrays.copyOf(before, SIZE + 500)));
        assertCost(2, 2, cost(before, was, Arrays.copyOf(before, 10 * BLOCK)));
        assertCost(1, 1, cost(before, was, Arrays.copyOf(before, 9 * BLOCK)));
        // its list is in its record again
        assertCost(0, 3, cost(before, was, Arrays.copyOf(before, 4 * BLOCK)));
        byte[] few = Arrays.copyOf(before, 4 * BLOCK);
        Content listed = upload(few);
        assertInstanceOf(Content.Blocks.class, listed);
        assertCost(5 + 3 + 1, 0, cost(few, listed, Arrays.copyOf(before, 9 * BLOCK)));
    }

    /** A file that is too large to be made here: the store has what names its blocks, and not the blocks. */
    private Content.Tree simulated(long size) throws FsException {
        List<Leaf> leaves = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        for (long at = 0; at < size; at += VaultContent.BLOCK_BYTES) {
            blocks.add(new Block(rig.id(), 1, (int) Math.min(VaultContent.BLOCK_BYTES, size - at)));
            if (blocks.size() == BlockTrees.Shape.USUAL.leaf() || at + VaultContent.BLOCK_BYTES >= size) {
                leaves.add(trees.putLeaf(inode, rig.id(), 1, blocks));
                blocks.clear();
            }
        }
        return trees.putRoot(inode, rig.id(), 1, leaves);
    }

    /** Zeros, of which 4 KiB are new. */
    private record Huge(long size, long changed) implements Volume.Content {
        @Override
        public void read(long offset, ByteBuffer into) {
            into.put(new byte[into.remaining()]);
        }

        @Override
        public Volume.@Nullable StoredRange stored(long offset, long length) {
            return offset < changed + 4096 && changed < offset + length ? null : new Volume.StoredRange(BEFORE, offset);
        }
    }

    @Test
    void fourKibibytesOfAHugeFile() throws FsException {
        Map<Long, Integer> most = new TreeMap<>(Map.of(100L << 30, 24 << 10, 1L << 40, 32 << 10));
        for (Map.Entry<Long, Integer> each : most.entrySet()) {
            long size = each.getKey();
            Content.Tree was = simulated(size);
            VaultContent host = host(BlockTrees.Shape.USUAL);
            long changed = size / 3;
            Snapshot start = rig.metered.snapshot();
            Content.Tree where =
                    assertInstanceOf(Content.Tree.class, host.upload(inode, new Huge(size, changed), 1, range -> was));
            Snapshot cost = rig.metered.snapshot().since(start);
            assertCost(3, 2, cost);
            assertTrue(cost.bytesSent() <= (4 << 20) + each.getValue(), cost.bytesSent() + " bytes sent");
            assertTrue(cost.bytesReceived() <= each.getValue(), cost.bytesReceived() + " bytes read");
            assertEquals(size, VaultContent.length(where));
            assertArrayEquals(new byte[4096], read(host, where, changed, 4096));
            assertThrows(FsException.Corrupt.class, () -> read(host, where, 0, 1), "which was never there");
        }
    }

    /** @param there what the name means now; null for nothing */
    private Volume.Source publish(Publisher publisher, Volume.@Nullable Source there, Changed bytes) {
        Volume.Change put = new Volume.Change.Put(
                "",
                new FileName("large"),
                there == null ? null : there.version(),
                Attributes.of(FileKind.FILE, 0644, 1, 1, bytes.size(), Timestamp.EPOCH),
                bytes,
                there,
                Volume.After.SOURCE_STAYS,
                false,
                Refs.newNumber(rig.random),
                Timestamp.EPOCH);
        List<Volume.Outcome> outcomes = new ArrayList<>();
        publisher.publish(
                List.of(new Volume.Prepared(put, "a token", List.of())), (change, outcome) -> outcomes.add(outcome));
        return assertInstanceOf(Volume.Outcome.Done.class, outcomes.get(0))
                .stored()
                .orElseThrow();
    }

    @Test
    void aPublicationSendsOfALargeFileWhatHasChanged() throws FsException {
        try (Outbox outbox =
                new Outbox(new LocalDisk(folder.resolve("outbox")), VaultRig.VAULT, rig.packs, rig.parallel)) {
            PastReader past = new PastReader(state, rig.packs, rig.parallel);
            Publisher publisher = new Publisher(
                    new Publisher.Parts(state, rig.packs, outbox, content, rig.parallel, past),
                    new Refs(VaultRig.VAULT),
                    new Publisher.Writing("here", () -> 1, InstantSource.system(), rig.random));
            byte[] before = rig.bytes(100 * BLOCK);
            Volume.Source first = publish(publisher, null, new Changed(new byte[0], before));
            byte[] all = before.clone();
            all[50 * BLOCK] ^= 1;
            Snapshot start = rig.metered.snapshot();
            Volume.Source second = publish(publisher, first, new Changed(before, all, first));
            Snapshot cost = rig.metered.snapshot().since(start);
            assertEquals(3 + 1, cost.requests(StoreOperation.PUT), "a block, a leaf, a root, and a pack");
            assertTrue(cost.bytesSent() < 4 * BLOCK, cost.bytesSent() + " bytes sent");
            EntryVersion version = Objects.requireNonNull(second.version());
            VersionId id = Versions.behind(version).get(0);
            Here now = assertInstanceOf(
                    Here.class,
                    state.ask((known, tree) -> Optional.ofNullable(Commit.find(tree, id)))
                            .orElseThrow()
                            .state());
            ByteBuffer into = ByteBuffer.allocate(all.length);
            host(SMALL).read(now.inode(), now.content(), 0, into);
            assertArrayEquals(all, into.array());
        }
    }

    @Test
    void damageIsNoticed() throws FsException {
        byte[] before = rig.bytes(SIZE);
        Content.Tree older = tree(before);
        byte[] all = rig.bytes(SIZE);
        Content.Tree where = tree(all);
        List<String> own = objects(where);
        List<String> others = new ArrayList<>(objects(older));
        others.addAll(own);
        for (Leaf leaf : trees.leaves(inode, where)) {
            trees.blocks(inode, leaf).forEach(block -> others.add("b/" + block.object()));
        }
        for (String key : own) {
            byte[] there = rig.get(key);
            List<byte[]> attacks = new ArrayList<>();
            for (int at : new int[] {0, 1, 39, 40, there.length / 2, there.length - 1}) {
                byte[] turned = there.clone();
                turned[at] ^= 4;
                attacks.add(turned);
            }
            attacks.add(Arrays.copyOf(there, there.length - 1));
            attacks.add(Arrays.copyOf(there, there.length / 2));
            attacks.add(new byte[0]);
            for (String other : others) {
                if (!other.equals(key)) {
                    attacks.add(rig.get(other));
                }
            }
            for (byte[] attack : attacks) {
                rig.put(key, attack);
                VaultContent host = host(SMALL);
                assertThrows(FsException.Corrupt.class, () -> read(host, where, 0, SIZE));
            }
            rig.put(key, Arrays.copyOf(there, there.length + 1));
            assertReads(all, where);
            rig.memory.delete(new ObjectKey(key));
            VaultContent host = host(SMALL);
            assertThrows(FsException.Corrupt.class, () -> read(host, where, 0, SIZE));
            rig.put(key, there);
            assertArrayEquals(all, read(host, where, 0, SIZE), "nothing of it is remembered");
        }
    }

    /** Its root and its leaves. */
    private List<String> objects(Content.Tree tree) throws FsException {
        List<String> keys = new ArrayList<>();
        keys.add("b/" + tree.root().object());
        trees.leaves(inode, tree).forEach(leaf -> keys.add("b/" + leaf.object().object()));
        return keys;
    }

    @Test
    void aMissingLeafTakesNothingElseAway() throws FsException {
        byte[] all = rig.bytes(SIZE);
        Content.Tree where = tree(all);
        rig.memory.delete(new ObjectKey(objects(where).get(2)));
        VaultContent host = host(SMALL);
        assertThrows(FsException.Corrupt.class, () -> read(host, where, 3 * BLOCK, 1));
        assertArrayEquals(Arrays.copyOf(all, 3 * BLOCK), read(host, where, 0, 3 * BLOCK));
        assertArrayEquals(Arrays.copyOfRange(all, 6 * BLOCK, SIZE), read(host, where, 6 * BLOCK, SIZE));

        // a change there sends what else is here of it, too
        byte[] changed = all.clone();
        changed[3 * BLOCK] ^= 1;
        assertReads(changed, host.upload(inode, new Changed(all, changed), 1, range -> where));
    }

    @Test
    void aTreeOfAnotherFileIsNone() throws FsException {
        Content where = tree(rig.bytes(SIZE));
        read(content, where, 0, SIZE);
        ByteBuffer into = ByteBuffer.allocate(10);
        assertThrows(FsException.Corrupt.class, () -> content.read(rig.id(), where, 0, into));
    }

    @Test
    void aStoreThatIsAwayIsTold() throws FsException {
        byte[] all = rig.bytes(SIZE);
        Content where = tree(all);
        byte[] changed = all.clone();
        changed[0] ^= 1;
        VaultContent host = host(SMALL);
        rig.faulty.setDown(true);
        assertThrows(FsException.Unavailable.class, () -> read(host, where, 0, 1));
        Volume.Content bytes = new Changed(all, changed);
        assertThrows(FsException.Unavailable.class, () -> host.upload(inode, bytes, 1, range -> where));
        rig.faulty.setDown(false);
        assertArrayEquals(all, read(host, where, 0, SIZE));
        assertReads(changed, host.upload(inode, bytes, 1, range -> where));
    }
}
