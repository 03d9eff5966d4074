package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import isle.fs.store.FaultyObjectStore.Fault;
import isle.fs.store.MeteredObjectStore;
import isle.fs.store.StoreOperation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultContentTest {

    private static final Id ROOT = VaultRig.VAULT;

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final Random random = new Random(4);
    private VaultState state;
    private VaultContent content;

    @BeforeEach
    void open() throws FsException {
        open("here");
    }

    private void open(String host) throws FsException {
        state = rig.state(folder.resolve(host));
        content = new VaultContent(rig.packs, state, Payloads.Promises.NONE, rig.parallel, rig::id);
    }

    @AfterEach
    void close() {
        state.close();
        rig.close();
    }

    /** Bytes of a file as a publication has them. */
    static final class Bytes implements Volume.Content {
        private final byte[] all;
        private final Volume.@Nullable StoredRange stored;

        Bytes(byte[] all, Volume.@Nullable StoredRange stored) {
            this.all = all;
            this.stored = stored;
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
            return offset == 0 ? stored : null;
        }
    }

    private byte[] read(Id inode, Content what, long offset, int length) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(length);
        content.read(inode, what, offset, into);
        return VaultRig.array(into.flip());
    }

    private List<Content> committed(List<byte[]> files) throws FsException {
        PackBuilder builder = new PackBuilder(ROOT, 1, rig.packs, rig::id);
        List<Content> contents = new ArrayList<>();
        for (byte[] each : files) {
            Content where = builder.content(ByteBuffer.wrap(each));
            contents.add(where);
            builder.add(rig.entry(ROOT, "file " + contents.size(), VaultRig.file(rig.id(), where)));
        }
        for (SealedPack each : builder.seal(Map.of())) {
            rig.packs.put(each);
        }
        return contents;
    }

    private List<byte[]> files(int count, int most) {
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(rig.bytes(1 + random.nextInt(most)));
        }
        return files;
    }

    @Test
    void aThousandSmallFilesTakeAHandfulOfRequests() throws FsException {
        List<byte[]> files = files(1000, 1000);
        List<Content> contents = committed(files);
        state.refresh(List.of(ROOT));
        long before = rig.requests();
        for (int i = 0; i < files.size(); i++) {
            byte[] expected = files.get(i);
            assertArrayEquals(expected, read(ROOT, contents.get(i), 0, expected.length + 5));
        }
        assertTrue(rig.requests() - before <= 3, rig.requests() - before + " requests");
    }

    @Test
    void filesOfALargePackAreReadInPartAtFirst() throws FsException {
        List<byte[]> files = files(100, PackBuilder.LONGEST_CONTENT);
        List<Content> contents = committed(files);
        state.refresh(List.of(ROOT));
        MeteredObjectStore.Snapshot before = rig.metered.snapshot();
        byte[] expected = files.get(50);
        assertArrayEquals(
                Arrays.copyOfRange(expected, 3, expected.length - 1),
                read(ROOT, contents.get(50), 3, expected.length - 4));
        MeteredObjectStore.Snapshot once = rig.metered.snapshot().since(before);
        assertTrue(once.bytesReceived() <= 3 * Sealer.SEGMENT_BYTES, once.bytesReceived() + " bytes");
        for (int i = 0; i < files.size(); i++) {
            assertArrayEquals(files.get(i), read(ROOT, contents.get(i), 0, files.get(i).length));
        }
        MeteredObjectStore.Snapshot all = rig.metered.snapshot().since(before);
        assertTrue(all.totalRequests() <= 6, all.totalRequests() + " requests");
    }

    @Test
    void contentOfAPackThatACompactionTookInIsReadApart() throws FsException {
        List<byte[]> files = files(50, 30_000);
        List<Content> contents = committed(files);
        state.refresh(List.of(ROOT));
        takeIn(true);
        assertArrayEquals(files.get(7), read(ROOT, contents.get(7), 0, files.get(7).length));
        state.close();
        open("a host that never saw the packs");
        for (int i = 0; i < files.size(); i++) {
            assertArrayEquals(files.get(i), read(ROOT, contents.get(i), 0, files.get(i).length));
        }
    }

    /** What a compaction does with the packs of the root: their payload goes to an object of its own. */
    private void takeIn(boolean keep) throws FsException {
        for (PackKey key : rig.packs.list(ROOT).packs()) {
            byte[] all = rig.get(key.key().value());
            if (keep) {
                rig.put("b/" + key.pack() + "." + key.indexBytes(), all);
            }
            rig.memory.delete(key.key());
        }
    }

    @Test
    void contentOfADirectoryThatWasNotReadIsFound() throws FsException {
        List<byte[]> files = files(3, 300);
        List<Content> contents = committed(files);
        assertArrayEquals(files.get(1), read(ROOT, contents.get(1), 0, files.get(1).length));
    }

    @Test
    void whatIsNowhereIsTold_withoutAName() throws FsException {
        List<Content> contents = committed(files(3, 300));
        state.refresh(List.of(ROOT));
        takeIn(false);
        FsException.Corrupt e = assertThrows(FsException.Corrupt.class, () -> read(ROOT, contents.get(0), 0, 1));
        assertTrue(String.valueOf(e.getMessage()).contains("missing in the store"), e.toString());
        Content none = new Content.Blocks(List.of(new Content.Block(rig.id(), 1, 10)));
        assertThrows(FsException.Corrupt.class, () -> read(ROOT, none, 0, 1));
        rig.faulty.setDown(true);
        assertThrows(FsException.Unavailable.class, () -> read(ROOT, contents.get(0), 0, 1));
    }

    @Test
    void aDamagedPayloadIsNotServed() throws FsException {
        byte[] file = rig.bytes(500);
        Content where = committed(List.of(file)).get(0);
        state.refresh(List.of(ROOT));
        rig.faulty.failNext(Fault.FLIPPED_BIT, 1, StoreOperation.GET);
        assertThrows(FsException.Corrupt.class, () -> read(ROOT, where, 0, 500));
        assertArrayEquals(file, read(ROOT, where, 0, 500));
        Content.Packed packed = assertInstanceOf(Content.Packed.class, where);
        Content beyond = new Content.Packed(packed.directory(), packed.pack(), 1, 400, 200);
        assertThrows(FsException.Corrupt.class, () -> read(ROOT, beyond, 0, 200));
    }

    @Test
    void aLargeFileIsInBlocks_andReadInParts() throws FsException {
        byte[] all = rig.bytes(2 * VaultContent.BLOCK_BYTES + 300_000);
        Id inode = rig.id();
        Content where = content.upload(inode, new Bytes(all, null), 1, VaultContent.Reuse.NONE);
        assertEquals(all.length, VaultContent.length(where));
        List<Content.Block> blocks =
                assertInstanceOf(Content.Blocks.class, where).blocks();
        assertEquals(3, blocks.size());
        assertEquals(4 << 20, rig.get("b/" + blocks.get(0).object()).length);
        for (int i = 0; i < 40; i++) {
            int offset = random.nextInt(all.length);
            MeteredObjectStore.Snapshot before = rig.metered.snapshot();
            byte[] found = read(inode, where, offset, 4096);
            MeteredObjectStore.Snapshot cost = rig.metered.snapshot().since(before);
            assertArrayEquals(Arrays.copyOfRange(all, offset, Math.min(all.length, offset + 4096)), found);
            assertTrue(cost.bytesReceived() <= 2 * Sealer.SEGMENT_BYTES + 2 * Sealer.HEADER_BYTES);
        }
        int mib = 1 << 20;
        for (int offset = 0; offset < all.length; offset += mib) {
            MeteredObjectStore.Snapshot before = rig.metered.snapshot();
            byte[] found = read(inode, where, offset, mib);
            MeteredObjectStore.Snapshot cost = rig.metered.snapshot().since(before);
            assertArrayEquals(Arrays.copyOfRange(all, offset, Math.min(all.length, offset + mib)), found);
            assertTrue(cost.totalRequests() <= 2, cost.totalRequests() + " requests");
            assertTrue(cost.bytesReceived() <= mib + 3 * Sealer.SEGMENT_BYTES, cost.bytesReceived() + " bytes");
        }
        assertThrows(FsException.Corrupt.class, () -> read(rig.id(), where, 0, 1), "another file's");
    }

    @Test
    void blocksThatTheStoreHasAreNotSentAgain() throws FsException {
        byte[] all = rig.bytes(VaultContent.BLOCK_BYTES + 100_000);
        Id inode = rig.id();
        Content before = content.upload(inode, new Bytes(all, null), 1, VaultContent.Reuse.NONE);
        Content.Block first =
                assertInstanceOf(Content.Blocks.class, before).blocks().get(0);
        all[all.length - 1] ^= 1;
        Volume.StoredRange range = new Volume.StoredRange(new Volume.Source("ref", null), 0);
        long sent = rig.metered.snapshot().bytesSent();
        Content after = content.upload(inode, new Bytes(all, range), 1, asked -> {
            assertEquals(range, asked);
            return before;
        });
        assertTrue(rig.metered.snapshot().bytesSent() - sent < 120_000);
        assertEquals(
                first, assertInstanceOf(Content.Blocks.class, after).blocks().get(0));
        assertArrayEquals(all, read(inode, after, 0, all.length));
        Content other = new Content.Blocks(List.of(new Content.Block(first.object(), 1, first.length() - 1)));
        Content anew = content.upload(inode, new Bytes(all, range), 1, asked -> other);
        assertArrayEquals(all, read(inode, anew, 0, all.length));
    }

    @Test
    void anUploadThatFailedIsRepeatedUnderNewIds() throws FsException {
        byte[] all = rig.bytes(3 * VaultContent.BLOCK_BYTES);
        Id inode = rig.id();
        rig.faulty.failNext(Fault.LOST_REPLY, 1, StoreOperation.PUT);
        Bytes bytes = new Bytes(all, null);
        assertThrows(FsException.Unavailable.class, () -> content.upload(inode, bytes, 1, VaultContent.Reuse.NONE));
        Set<String> orphans = new HashSet<>(rig.keys());
        Content where = content.upload(inode, bytes, 1, VaultContent.Reuse.NONE);
        for (Content.Block block : assertInstanceOf(Content.Blocks.class, where).blocks()) {
            assertTrue(!orphans.contains("b/" + block.object()));
        }
        assertArrayEquals(all, read(inode, where, 0, all.length));
    }

    @Test
    void aCommitOfManyFilesIsInPacksOfBoundedSize() throws FsException {
        List<byte[]> files = files(400, PackBuilder.LONGEST_CONTENT);
        files.set(5, new byte[0]);
        List<Content> contents = committed(files);
        List<PackKey> keys = rig.packs.list(ROOT).packs();
        long total = files.stream().mapToLong(each -> each.length).sum();
        assertTrue(keys.size() <= total / (PackBuilder.MOST_PAYLOAD - PackBuilder.LONGEST_CONTENT) + 1);
        for (PackKey key : keys) {
            assertTrue(rig.packs.read(key).payloadBytes() <= PackBuilder.MOST_PAYLOAD);
        }
        state.refresh(List.of(ROOT));
        assertEquals(400, state.list(List.of(ROOT)).size());
        assertEquals(List.of(), state.problems());
        for (int i = 0; i < files.size(); i++) {
            assertArrayEquals(files.get(i), read(ROOT, contents.get(i), 0, files.get(i).length));
        }
    }

    @Test
    void manyRecordsAreInSeveralPacks() throws FsException {
        PackBuilder builder = new PackBuilder(ROOT, 1, rig.packs, rig::id);
        for (int i = 0; i < 2 * PackBuilder.MOST_RECORDS + 1; i++) {
            builder.add(rig.entry(ROOT, "file " + i, rig.empty()));
        }
        List<SealedPack> packs = builder.seal(Map.of());
        assertEquals(3, packs.size());
        state.add(packs);
        assertEquals(2 * PackBuilder.MOST_RECORDS + 1, state.list(List.of(ROOT)).size());
    }
}
