package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.fs.model.FsException;
import isle.fs.store.FaultyObjectStore.Fault;
import isle.fs.store.StoreOperation;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R9, R11, R12 on real packs, step by step. */
class CompactorTest {

    private static final Id ROOT = VaultRig.VAULT;

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final List<Content> contents = new ArrayList<>();
    private final List<byte[]> files = new ArrayList<>();
    private VaultState state;
    private PastReader past;

    @BeforeEach
    void open() throws FsException {
        state = rig.state(folder.resolve("here"));
        past = new PastReader(state, rig.packs, rig.parallel);
        for (int i = 0; i < 3; i++) {
            save("file " + i, 300);
        }
    }

    @AfterEach
    void close() {
        state.close();
        rig.close();
    }

    private void save(String name, int length) throws FsException {
        PackBuilder builder = new PackBuilder(ROOT, 1, rig.packs, rig::id);
        byte[] bytes = rig.bytes(length);
        Content content = builder.content(ByteBuffer.wrap(bytes));
        EntryRecord record = rig.entry(ROOT, name, VaultRig.file(rig.id(), content));
        builder.add(record);
        for (SealedPack each : builder.seal(Map.of())) {
            rig.packs.put(each);
        }
        contents.add(content);
        files.add(bytes);
    }

    private Compactor compactor(Duration grace) {
        Tiers tiers = new Tiers(3, 10, grace, 2);
        return new Compactor(
                state,
                rig.packs,
                rig.parallel,
                tiers,
                () -> 1,
                rig::id,
                new PastWriter(rig.packs, past, rig.parallel, tiers, () -> 1, rig::id, InstantSource.system()));
    }

    private long count(String prefix) throws FsException {
        return rig.keys().stream().filter(key -> key.startsWith(prefix)).count();
    }

    /** Of a host that knows nothing. */
    private void assertAllReadable(String host) throws FsException {
        try (VaultRigState other = new VaultRigState(rig.state(folder.resolve(host)))) {
            other.state.refresh(List.of(ROOT));
            assertEquals(files.size(), other.state.list(List.of(ROOT)).size());
            VaultContent content =
                    new VaultContent(rig.packs, other.state, Payloads.Promises.NONE, rig.parallel, rig::id);
            for (int i = 0; i < files.size(); i++) {
                ByteBuffer into = ByteBuffer.allocate(files.get(i).length);
                content.read(ROOT, contents.get(i), 0, into);
                assertArrayEquals(files.get(i), into.array());
            }
        }
    }

    private record VaultRigState(VaultState state) implements AutoCloseable {
        @Override
        public void close() {
            state.close();
        }
    }

    @Test
    void inputsStayForAWhile_andGoWithTheirContentKept() throws FsException {
        state.refresh(List.of(ROOT));
        assertTrue(compactor(Duration.ZERO).isFull(ROOT));
        compactor(Duration.ofMinutes(10)).run(ROOT);
        assertEquals(5, count("d/"), "a part and a root beside their inputs");
        compactor(Duration.ofMinutes(10)).run(ROOT);
        assertEquals(5, count("d/"));
        assertTrue(compactor(Duration.ZERO).hasRemains(ROOT));
        compactor(Duration.ZERO).run(ROOT);
        assertEquals(2, count("d/"));
        assertEquals(3, count("b/"));
        assertAllReadable("other");
        compactor(Duration.ZERO).run(ROOT);
        assertEquals(2, count("d/"));
    }

    @Test
    void aRootThatDoesNotComeBackTakesNothingAway() throws FsException {
        state.refresh(List.of(ROOT));
        compactor(Duration.ofMinutes(10)).run(ROOT);
        rig.faulty.failNext(Fault.FLIPPED_BIT, 1, StoreOperation.GET);
        assertThrows(FsException.Corrupt.class, () -> compactor(Duration.ZERO).run(ROOT));
        assertEquals(5, count("d/"));
        compactor(Duration.ZERO).run(ROOT);
        assertEquals(2, count("d/"));
    }

    @Test
    void aPackOfWhichThereIsNoCopyStays() throws FsException {
        state.refresh(List.of(ROOT));
        compactor(Duration.ofMinutes(10)).run(ROOT);
        rig.faulty.failNext(Fault.NO_SPACE, 1, StoreOperation.COPY);
        assertThrows(FsException.NoSpace.class, () -> compactor(Duration.ZERO).run(ROOT));
        assertEquals(5, count("d/"));
        assertAllReadable("other");
    }

    @Test
    void aRunThatBreaksOffIsTakenUp() throws FsException {
        state.refresh(List.of(ROOT));
        rig.faulty.failNext(Fault.UNAVAILABLE, 1, request -> request.operation() == StoreOperation.PUT);
        assertThrows(
                FsException.Unavailable.class, () -> compactor(Duration.ZERO).run(ROOT));
        for (int failing = 0; failing < 8; failing++) {
            int skipped = failing;
            int[] seen = {0};
            rig.faulty.failNext(Fault.LOST_REPLY, 1, request -> seen[0]++ == skipped);
            try {
                compactor(Duration.ZERO).run(ROOT);
            } catch (FsException.Unavailable e) {
                assertAllReadable("after " + failing);
            }
            rig.faulty.calm();
        }
        compactor(Duration.ZERO).run(ROOT);
        assertAllReadable("in the end");
        assertEquals(List.of(), state.problems());
    }

    @Test
    void nothingIsDoneWhileAPackCannotBeRead() throws FsException {
        SealedPack damaged = rig.sealed(ROOT, rig.entry(ROOT, "damaged", rig.empty()));
        byte[] bytes = VaultRig.array(damaged.bytes());
        bytes[100] ^= 1;
        rig.put(damaged.key().key().value(), bytes);
        state.refresh(List.of(ROOT));
        compactor(Duration.ZERO).run(ROOT);
        assertEquals(4, count("d/"));
        assertEquals(0, count("b/"));
    }

    /** What another host wrote since is read first. */
    @Test
    void whatIsNewIsReadFirst() throws FsException {
        state.refresh(List.of(ROOT));
        save("new", 20);
        compactor(Duration.ofMinutes(10)).run(ROOT);
        compactor(Duration.ZERO).run(ROOT);
        assertEquals(2, count("d/"), "a part and a root");
        assertAllReadable("other");
    }

    @Test
    void theMirrorForgetsWhatWasTakenIn() throws FsException {
        state.refresh(List.of(ROOT));
        compactor(Duration.ofMinutes(10)).run(ROOT);
        compactor(Duration.ZERO).run(ROOT);
        state.close();
        List<Integer> kept = new ArrayList<>();
        Mirror.open(new LocalDisk(folder.resolve("here")), ROOT, (key, index) -> kept.add(key.tier()))
                .close();
        state = rig.state(folder.resolve("here"));
        assertEquals(3, state.list(List.of(ROOT)).size());
        assertTrue(kept.stream().filter(tier -> tier == 1).count() == 2, kept.toString());
    }
}
