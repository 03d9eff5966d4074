package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.fs.model.FsException;
import isle.fs.store.FaultyObjectStore.Fault;
import isle.fs.store.StoreOperation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large files that are read in order. */
class WholeBlocksTest {

    private static final int PIECE = 2 << 20;
    private static final int BLOCKS = 5;

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final Id inode = rig.id();
    private final byte[] all = rig.bytes((BLOCKS - 1) * VaultContent.BLOCK_BYTES + 1_500_000);
    private VaultState state;
    private VaultContent content;
    private Content where;

    @BeforeEach
    void write() throws FsException {
        state = rig.state(folder);
        content = new VaultContent(rig.packs, state, Payloads.Promises.NONE, rig.parallel, rig::id);
        where = content.upload(inode, new VaultContentTest.Bytes(all, null), 1, VaultContent.Reuse.NONE);
    }

    @AfterEach
    void close() {
        state.close();
        rig.close();
    }

    private void read(int offset, ByteBuffer into) throws FsException {
        int length = Math.min(PIECE, all.length - offset);
        content.read(inode, where, offset, into.clear().limit(length));
        assertEquals(length, into.position());
        byte[] found = new byte[length];
        into.flip().get(found);
        assertArrayEquals(Arrays.copyOfRange(all, offset, offset + length), found);
    }

    private void readInOrder() throws FsException {
        ByteBuffer into = ByteBuffer.allocateDirect(PIECE);
        for (int offset = 0; offset < all.length; offset += PIECE) {
            read(offset, into);
        }
    }

    @Test
    void eachBlockIsFetchedOnce() throws FsException {
        for (int time = 0; time < 3; time++) {
            long before = rig.gets();
            readInOrder();
            assertEquals(BLOCKS, rig.gets() - before);
        }
    }

    @Test
    void manyPiecesAtOnce() throws Exception {
        List<Integer> offsets = new ArrayList<>();
        for (int time = 0; time < 6; time++) {
            for (int offset = 0; offset < all.length; offset += PIECE) {
                offsets.add(offset);
            }
        }
        Collections.shuffle(offsets, new Random(3));
        List<Callable<Boolean>> reads = new ArrayList<>();
        offsets.forEach(offset -> reads.add(() -> {
            read(offset, ByteBuffer.allocate(PIECE));
            return true;
        }));
        ExecutorService readers = Executors.newFixedThreadPool(8);
        try {
            for (Future<Boolean> each : readers.invokeAll(reads)) {
                assertTrue(each.get());
            }
        } finally {
            readers.shutdown();
        }
    }

    @Test
    void whatIsDamagedOnItsWayIsAskedForAgain() throws FsException {
        ByteBuffer into = ByteBuffer.allocate(PIECE);
        for (int time = 0; time < 5; time++) {
            rig.faulty.failNext(Fault.FLIPPED_BIT, 1, StoreOperation.GET);
            for (int offset = 0; offset < all.length; offset += PIECE) {
                read(offset, into);
            }
        }
        assertEquals(5, rig.faulty.injected().get(Fault.FLIPPED_BIT));
        eachBlockIsFetchedOnce();
    }

    @Test
    void aStoreThatIsGoneIsTold() throws FsException {
        rig.faulty.setDown(true);
        for (int offset = 0; offset < all.length; offset += PIECE) {
            int at = offset;
            assertThrows(FsException.Unavailable.class, () -> read(at, ByteBuffer.allocate(PIECE)));
        }
        rig.faulty.setDown(false);
        readInOrder();
    }

    @Test
    void aBlockThatIsCutInTheStoreIsDamaged() throws FsException {
        Content.Block first = ((Content.Blocks) where).blocks().get(0);
        byte[] sealed = rig.get("b/" + first.object());
        rig.put("b/" + first.object(), Arrays.copyOf(sealed, sealed.length - 1));
        read(0, ByteBuffer.allocate(PIECE));
        assertThrows(FsException.Corrupt.class, () -> read(PIECE, ByteBuffer.allocate(PIECE)));
        rig.put("b/" + first.object(), sealed);
        readInOrder();
    }
}
