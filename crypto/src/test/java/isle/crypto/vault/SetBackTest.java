package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R20: a store that has lost what this host has read, or was set back. */
class SetBackTest {

    private static final Id ROOT = VaultRig.VAULT;
    private static final List<Id> AT_ROOT = List.of(ROOT);

    @TempDir
    Path folder;

    private final VaultRig rig = new VaultRig();
    private final List<VaultState> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(VaultState::close);
        rig.close();
    }

    private VaultState state(String name) throws FsException {
        VaultState state = rig.state(folder.resolve(name));
        open.add(state);
        return state;
    }

    private static List<Kind> problems(VaultState state) {
        return state.problems().stream().map(Problem::kind).toList();
    }

    private static Set<String> names(VaultState state) {
        return state.list(AT_ROOT).keySet();
    }

    private void empty() throws FsException {
        for (String key : rig.keys()) {
            rig.memory.delete(new ObjectKey(key));
        }
    }

    private void send(List<List<SealedPack>> phases) throws FsException {
        for (List<SealedPack> phase : phases) {
            for (SealedPack each : phase) {
                rig.packs.put(each);
            }
        }
    }

    private List<List<SealedPack>> putBack(VaultState state) throws FsException {
        return new PutBack(state, rig.packs, () -> 1, rig::id).of(AT_ROOT);
    }

    @Test
    void isTold_alsoAfterAStart_andUntilItIsMended() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        VaultState state = state("a");
        state.refresh(AT_ROOT);
        List<String> keys = rig.keys();
        byte[] bytes = rig.get(keys.get(0));
        empty();
        state.refresh(AT_ROOT);
        assertEquals(List.of(Kind.SET_BACK), problems(state));
        assertEquals(Set.of("one"), names(state));
        state.close();
        VaultState next = state("a");
        assertEquals(List.of(), problems(next));
        next.loadAll(() -> false);
        assertEquals(List.of(Kind.SET_BACK), problems(next));
        rig.put(keys.get(0), bytes);
        next.refresh(AT_ROOT);
        assertEquals(List.of(), problems(next));
    }

    @Test
    void whatIsPromisedAndNotSentIsNotMissed() throws FsException {
        VaultState state = state("a");
        SealedPack own = rig.sealed(ROOT, rig.entry(ROOT, "own", rig.empty()));
        state.add(List.of(own));
        state.refresh(AT_ROOT);
        assertEquals(List.of(), problems(state));
        rig.packs.put(own);
        state.arrived(List.of(own));
        state.refresh(AT_ROOT);
        assertEquals(List.of(), problems(state));
        empty();
        state.refresh(AT_ROOT);
        assertEquals(List.of(Kind.SET_BACK), problems(state));
    }

    @Test
    void whatThisHostHasIsPutBack_asItWas_orByItsRecords() throws FsException {
        EntryRecord one = rig.entry(ROOT, "one", rig.empty());
        SealedPack bare = rig.put(ROOT, one);
        EntryRecord two = rig.entry(ROOT, "two", rig.empty());
        Pack full = new Pack(rig.id(), ROOT, List.of(two), null, null, Map.of());
        SealedPack loaded = rig.packs.codec(1).seal(full, 0, ByteBuffer.wrap(rig.bytes(500)));
        rig.packs.put(loaded);
        VaultState state = state("a");
        state.refresh(AT_ROOT);
        empty();
        state.refresh(AT_ROOT);
        send(putBack(state));
        assertEquals(2, rig.keys().size());
        assertTrue(rig.keys().contains(bare.key().key().value()));
        assertFalse(rig.keys().contains(loaded.key().key().value()), "never other bytes under a key");
        state.refresh(AT_ROOT);
        assertEquals(List.of(), problems(state));
        assertEquals(List.of(), putBack(state));
        VaultState other = state("b");
        other.refresh(AT_ROOT);
        assertEquals(Set.of("one", "two"), names(other));
        assertEquals(List.of(), problems(other));
        // Should the store find the old one again, nothing changes.
        rig.packs.put(loaded);
        other.refresh(AT_ROOT);
        assertEquals(Set.of("one", "two"), names(other));
        assertEquals(List.of(), problems(other));
    }

    @Test
    void whatNobodyHereEverSawIsAccepted_andCountsWhenItComes() throws FsException {
        EntryRecord hidden = rig.entry(ROOT, "hidden", rig.empty());
        EntryRecord after = rig.entry(ROOT, "after", rig.empty());
        long incarnation = hidden.dot().incarnation();
        Pack pack = new Pack(rig.id(), ROOT, List.of(after), null, null, Map.of(incarnation, 1L));
        rig.packs.put(rig.packs.codec(1).seal(pack, 0, ByteBuffer.allocate(0)));
        VaultState state = state("a");
        state.refresh(AT_ROOT);
        assertEquals(List.of(Kind.MISSING), problems(state));
        assertEquals(1, state.accept(AT_ROOT));
        assertEquals(List.of(), problems(state));
        state.close();
        VaultState next = state("a");
        next.refresh(AT_ROOT);
        assertEquals(List.of(), problems(next));
        rig.put(ROOT, hidden);
        next.refresh(AT_ROOT);
        assertEquals(Set.of("hidden", "after"), names(next));
    }
}
