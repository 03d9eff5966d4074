package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Compaction;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.store.FaultyObjectStore.Fault;
import isle.fs.store.StoreOperation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultStateTest {

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

    private VaultState state() throws FsException {
        VaultState state = rig.state(folder);
        open.add(state);
        return state;
    }

    private VaultState restarted(VaultState before) throws FsException {
        before.close();
        open.remove(before);
        return state();
    }

    private static Set<String> names(VaultState state) {
        return state.list(AT_ROOT).keySet();
    }

    private static List<Kind> problems(VaultState state) {
        return state.problems().stream().map(Problem::kind).toList();
    }

    @Test
    void whatOthersWriteIsSeen() throws FsException {
        VaultState state = state();
        assertFalse(state.known(AT_ROOT));
        assertFalse(state.refresh(AT_ROOT));
        assertTrue(state.known(AT_ROOT));
        rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        long revision = state.revision();
        assertTrue(state.refresh(AT_ROOT));
        assertTrue(state.revision() > revision);
        assertEquals(Set.of("one"), names(state));
        long before = rig.requests();
        assertFalse(state.refresh(AT_ROOT));
        assertEquals(1, rig.requests() - before);
    }

    @Test
    void theTreeIsKnownAtStart_withoutARequest() throws FsException {
        Id child = rig.id();
        rig.put(child, rig.madeIn(child, ROOT, "folder"));
        rig.put(ROOT, rig.entry(ROOT, "folder", VaultRig.folder(child)), rig.entry(ROOT, "one", rig.empty()));
        VaultState state = state();
        state.refresh(AT_ROOT);
        long before = rig.requests();
        VaultState next = restarted(state);
        assertEquals(Set.of("folder", "one"), names(next));
        assertTrue(next.known(List.of(ROOT, child)));
        assertFalse(next.known(List.of(rig.id())));
        assertEquals(0, rig.requests() - before);
        assertFalse(next.incarnation() == state.incarnation());
    }

    @Test
    void aStoreThatIsAwayTakesNothingAway() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        VaultState state = state();
        state.refresh(AT_ROOT);
        rig.faulty.setDown(true);
        assertThrows(FsException.Unavailable.class, () -> state.refresh(AT_ROOT));
        assertEquals(Set.of("one"), names(state));
        rig.faulty.setDown(false);
        rig.put(ROOT, rig.entry(ROOT, "two", rig.empty()));
        rig.put(ROOT, rig.entry(ROOT, "three", rig.empty()));
        rig.faulty.failNext(Fault.UNAVAILABLE, 1, StoreOperation.GET);
        assertThrows(FsException.Unavailable.class, () -> state.refresh(AT_ROOT));
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of("one", "two", "three"), names(state));
    }

    @Test
    void packsThatAreGoneStay_andOnesThatWereMissedAreTold() throws FsException {
        EntryRecord one = rig.entry(ROOT, "one", rig.empty());
        rig.put(ROOT, one);
        VaultState state = state();
        state.refresh(AT_ROOT);
        for (String key : rig.keys()) {
            rig.memory.delete(new isle.fs.model.ObjectKey(key));
        }
        assertFalse(state.refresh(AT_ROOT));
        assertEquals(Set.of("one"), names(state));
        VaultState next = restarted(state);
        assertEquals(Set.of("one"), names(next));
        Pack pack = new Pack(rig.id(), ROOT, List.of(rig.entry(ROOT, "two", rig.empty())), null, null, Map.of(77L, 3L));
        rig.packs.put(rig.packs.codec(1).seal(pack, 0, ByteBuffer.allocate(0)));
        next.refresh(AT_ROOT);
        assertEquals(List.of(Kind.MISSING, Kind.SET_BACK), problems(next));
    }

    /** Each pack says how much its writer had read: until the last one is here, something seems to be missing. */
    @Test
    void nothingIsMissedBeforeEverythingWasRead() throws FsException {
        List<SealedPack> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Map<Long, Long> seen = i == 0 ? Map.of() : Map.of(VaultRig.OTHER_HOST, (long) i);
            Pack pack = new Pack(rig.id(), ROOT, List.of(rig.entry(ROOT, "f" + i, rig.empty())), null, null, seen);
            all.add(rig.packs.codec(1).seal(pack, 0, ByteBuffer.allocate(0)));
            rig.packs.put(all.get(i));
        }
        VaultState state = state();
        Set<Kind> told = ConcurrentHashMap.newKeySet();
        rig.beforeGet = key -> told.addAll(problems(state));
        AtomicInteger gets = new AtomicInteger();
        rig.faulty.failNext(
                Fault.UNAVAILABLE,
                1,
                request -> request.operation() == StoreOperation.GET && gets.incrementAndGet() == 10);
        assertThrows(FsException.Unavailable.class, () -> state.refresh(AT_ROOT));
        assertEquals(List.of(), problems(state), "the store was away");
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of(), told);
        assertEquals(20, names(state).size());

        rig.beforeGet = key -> {};
        rig.memory.delete(all.get(3).key().key());
        VaultState later = rig.state(folder.resolve("later"));
        open.add(later);
        later.refresh(AT_ROOT);
        assertEquals(List.of(Kind.MISSING), problems(later));
    }

    @Test
    void anEntryWhoseFolderIsElsewhereIsLookedAfter_once() throws FsException {
        Id child = rig.id();
        Id other = rig.id();
        EntryRecord made = rig.madeIn(child, ROOT, "folder");
        SealedPack register = rig.sealed(child, made);
        EntryRecord entry = rig.entry(ROOT, "folder", VaultRig.folder(child));
        rig.put(ROOT, entry);
        VaultState state = state();
        state.refresh(AT_ROOT);
        assertEquals(Set.of("folder"), names(state));
        rig.packs.put(register);
        assertTrue(state.refresh(AT_ROOT), "its register came late");
        long quiet = requestsOf(state);
        assertEquals(1, quiet);
        EntryRecord moved = rig.entry(
                child, EntryRecord.PLACE, new Placed(new Place(other, "moved"), new Place(ROOT, "folder")), made);
        rig.put(child, moved);
        rig.put(other, rig.madeIn(other, ROOT, "other"), rig.entry(other, "moved", VaultRig.folder(child)));
        assertTrue(state.refresh(List.of(other, child)));
        assertEquals(Set.of("other"), names(state), "it is hidden where it was");
        assertEquals(
                3, requestsOf(state), "its place is looked at once more, and so is the other, which no entry names");
        assertEquals(1, requestsOf(state), "and not again");
    }

    private long requestsOf(VaultState state) throws FsException {
        long before = rig.requests();
        state.refresh(AT_ROOT);
        return rig.requests() - before;
    }

    @Test
    void whatCannotBeReadHarmsNothingElse_andIsNotAskedForAgain() throws FsException {
        SealedPack bad = rig.put(ROOT, rig.entry(ROOT, "bad", rig.empty()));
        rig.put(ROOT, rig.entry(ROOT, "good", rig.empty()));
        String key = bad.key().key().value();
        byte[] turned = rig.get(key);
        byte[] right = turned.clone();
        turned[100] ^= 1;
        rig.put(key, turned);
        rig.put("d/" + ROOT + "/stranger", new byte[3]);
        VaultState state = state();
        state.refresh(AT_ROOT);
        assertEquals(Set.of("good"), names(state));
        assertEquals(Set.of(Kind.UNREADABLE, Kind.STRANGER), Set.copyOf(problems(state)));
        long gets = rig.gets();
        assertFalse(state.refresh(AT_ROOT));
        assertFalse(state.loadAll(() -> false));
        assertEquals(0, rig.gets() - gets);
        VaultState next = restarted(state);
        next.refresh(AT_ROOT);
        assertEquals(2, rig.gets() - gets, "the next start tries again");
        rig.put(key, right);
        assertTrue(next.refresh(AT_ROOT), "the store has other bytes");
        assertEquals(Set.of("good", "bad"), names(next));
        assertEquals(List.of(Kind.STRANGER), problems(next));
    }

    @Test
    void aBitTurnedOnItsWayIsReadAgain() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        VaultState state = state();
        rig.faulty.failNext(Fault.FLIPPED_BIT, 1, StoreOperation.GET);
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(List.of(), state.problems());
    }

    @Test
    void whatIsSealedUnderAKeyThatIsNotKnownIsTold_andReadWhenItIs() throws FsException {
        Sealer later = new Sealer(Draws.bytes(rig.random, Sealer.KEY_BYTES));
        PackStore others = new PackStore(rig.faulty, ROOT, generation -> List.of(later));
        Pack pack = new Pack(rig.id(), ROOT, List.of(rig.entry(ROOT, "new", rig.empty())), null, null, Map.of());
        others.put(others.codec(2).seal(pack, 0, ByteBuffer.allocate(0)));
        rig.put(ROOT, rig.entry(ROOT, "old", rig.empty()));
        VaultState state = state();
        state.refresh(AT_ROOT);
        assertEquals(List.of(new Problem(Kind.KEY_UNKNOWN, ROOT, pack.id())), state.problems());
        rig.keys.put(2, List.of(later));
        assertFalse(state.refresh(AT_ROOT));
        state.tryAllAgain();
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of("old", "new"), names(state));
    }

    /** A compaction between the list and the get (R12). */
    @Test
    void whatIsTakenInMeanwhileIsFoundInTheNextList() throws FsException {
        EntryRecord one = rig.entry(ROOT, "one", rig.empty());
        EntryRecord two = rig.entry(ROOT, "two", rig.empty());
        List<SealedPack> inputs = List.of(rig.put(ROOT, one), rig.put(ROOT, two));
        List<Pack> read = new ArrayList<>();
        for (SealedPack each : inputs) {
            read.add(rig.packs.read(each.key()).pack());
        }
        AtomicInteger calls = new AtomicInteger();
        rig.beforeGet = key -> {
            if (calls.getAndIncrement() == 0) {
                compact(read, inputs);
            }
        };
        VaultState state = state();
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of("one", "two"), names(state));
        assertEquals(List.of(), state.problems());
    }

    private void compact(List<Pack> packs, List<SealedPack> inputs) {
        try {
            for (Pack pack : new Compaction().of(ROOT, packs, 200, rig::id)) {
                rig.packs.put(rig.packs.codec(1).seal(pack, 1, ByteBuffer.allocate(0)));
            }
            for (SealedPack each : inputs) {
                rig.memory.delete(each.key().key());
            }
        } catch (FsException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsListedAndNotThereIsTold() throws FsException {
        SealedPack one = rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        byte[] bytes = VaultRig.array(one.bytes());
        String name = one.key().key().value();
        rig.beforeGet = key -> {
            try {
                rig.memory.delete(one.key().key());
            } catch (FsException e) {
                throw new AssertionError(e);
            }
        };
        VaultState state = state();
        state.refresh(AT_ROOT);
        assertEquals(List.of(), state.problems(), "it is in no list any more");
        rig.beforeGet = key -> {};
        rig.put(name, bytes);
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of("one"), names(state));
    }

    @Test
    void theMirrorForgetsWhatACompactionHasTakenIn_andNothingElse() throws IOException {
        List<SealedPack> inputs = new ArrayList<>();
        List<Pack> packs = new ArrayList<>();
        EntryRecord[] last = new EntryRecord[0];
        for (int i = 0; i < 20; i++) {
            EntryRecord[] next = new EntryRecord[100];
            for (int n = 0; n < next.length; n++) {
                String name = n + "-" + "long".repeat(50);
                next[n] = last.length == 0
                        ? rig.entry(ROOT, name, rig.empty())
                        : rig.entry(ROOT, name, rig.empty(), last[n]);
            }
            inputs.add(rig.put(ROOT, next));
            packs.add(rig.packs.read(inputs.get(i).key()).pack());
            last = next;
        }
        SealedPack lost = rig.put(ROOT, rig.entry(ROOT, "lost", rig.empty()));
        VaultState state = state();
        state.refresh(AT_ROOT);
        Set<String> names = names(state);
        assertEquals(101, names.size());
        long before = Files.size(folder.resolve(Mirror.FILE));
        compact(packs, inputs);
        rig.memory.delete(lost.key().key());
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(names, names(state));
        assertTrue(Files.size(folder.resolve(Mirror.FILE)) < before / 4);
        long requests = rig.requests();
        assertEquals(names, names(restarted(state)));
        assertEquals(0, rig.requests() - requests);
    }

    @Test
    void everythingIsLoaded_andThatCanBeStopped() throws FsException {
        List<Id> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Id directory = rig.id();
            all.add(directory);
            rig.put(directory, rig.madeIn(directory, ROOT, "folder " + i));
            rig.put(ROOT, rig.entry(ROOT, "folder " + i, VaultRig.folder(directory)));
        }
        all.add(ROOT);
        VaultState state = state();
        long before = rig.gets();
        assertFalse(state.loadAll(() -> true));
        assertEquals(0, rig.gets() - before);
        assertFalse(state.known(all));
        assertTrue(state.loadAll(() -> false));
        assertTrue(state.known(all));
        assertEquals(40, rig.gets() - before);
        assertEquals(20, names(state).size());
        assertEquals(1, requestsOf(state));
        assertFalse(state.loadAll(() -> false));
        assertEquals(40, rig.gets() - before);
    }

    @Test
    void ownPacksAreJoined_andTellTheNextPosition() throws FsException {
        VaultState state = state();
        rig.put(ROOT, rig.entry(ROOT, "theirs", rig.empty()), rig.entry(ROOT, "more", rig.empty()));
        state.refresh(AT_ROOT);
        assertEquals(1, state.nextCounter(ROOT));
        assertEquals(3, state.nextLamport());
        Map<Long, Long> seen = state.seen(ROOT);
        assertEquals(Set.of(2L), Set.copyOf(seen.values()));
        Id child = rig.id();
        Dot dot = new Dot(state.incarnation(), 1);
        Origin made = new Origin(state.nextLamport(), "here", new Timestamp(1, 0));
        EntryRecord own = new EntryRecord(dot, "ours", made, VaultRig.folder(child), dot, List.of(), List.of());
        EntryRecord register = new EntryRecord(
                dot, EntryRecord.PLACE, made, new Placed(new Place(ROOT, "ours"), null), dot, List.of(), List.of());
        List<SealedPack> packs = List.of(rig.sealed(child, register), rig.sealed(ROOT, own));
        state.add(packs);
        state.add(packs);
        assertEquals(Set.of("theirs", "more", "ours"), names(state));
        assertEquals(2, state.nextCounter(ROOT));
        assertEquals(4, state.nextLamport());
        assertEquals(Long.valueOf(1), state.seen(ROOT).get(state.incarnation()));
        assertTrue(state.known(List.of(child)), "who made it knows it");
        long gets = rig.gets();
        for (SealedPack each : packs) {
            rig.packs.put(each);
        }
        assertFalse(state.refresh(List.of(ROOT, child)));
        assertEquals(0, rig.gets() - gets);
        VaultState next = restarted(state);
        assertEquals(Set.of("theirs", "more", "ours"), names(next));
        assertEquals(1, next.nextCounter(ROOT), "a new life begins anew");
        assertTrue(next.known(List.of(child)));
    }

    @Test
    void dotsThatWereUsedTwiceAreTold() throws FsException {
        EntryRecord one = rig.entry(ROOT, "one", rig.empty());
        EntryRecord twin =
                new EntryRecord(one.dot(), "twin", one.made(), new Gone(null), one.dot(), one.supersedes(), one.ends());
        rig.put(ROOT, one);
        rig.put(ROOT, twin);
        VaultState state = state();
        state.refresh(AT_ROOT);
        assertEquals(List.of(new Problem(Kind.USED_TWICE, ROOT, null)), state.problems());
    }

    @Test
    void aDiskThatTakesNoMirrorIsTold_andCostsRequestsOnly() throws FsException {
        rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        VaultRig.SmallDisk disk = new VaultRig.SmallDisk(folder);
        VaultState state = new VaultState(rig.packs, ROOT, disk, rig.parallel, rig.random, VaultRig.FEW_RECORDS);
        open.add(state);
        disk.room = 50;
        assertTrue(state.refresh(AT_ROOT));
        assertEquals(Set.of("one"), names(state));
        assertEquals(List.of(Kind.NOT_MIRRORED), problems(state));
        VaultState next = restarted(state);
        assertFalse(next.known(AT_ROOT));
        assertTrue(next.refresh(AT_ROOT));
        assertEquals(Set.of("one"), names(next));
    }

    /** Questions see one state of everything, whatever is joined meanwhile. */
    @Test
    void manyThreadsAskWhileItGrows() throws Exception {
        VaultState state = state();
        List<Future<Integer>> readers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> {
                    int most = 0;
                    while (most < 100) {
                        state.refresh(AT_ROOT);
                        int now = names(state).size();
                        assertTrue(now >= most, "it only grows");
                        most = now;
                    }
                    return most;
                }));
            }
            for (int i = 0; i < 100; i++) {
                rig.put(ROOT, rig.entry(ROOT, "file " + i, rig.empty()));
            }
            for (Future<Integer> each : readers) {
                assertEquals(100, each.get(60, TimeUnit.SECONDS));
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(List.of(), state.problems());
        assertEquals(100, names(restarted(state)).size());
    }

    @Test
    void theKeyOfAPackIsKnown() throws FsException {
        SealedPack one = rig.put(ROOT, rig.entry(ROOT, "one", rig.empty()));
        VaultState state = state();
        state.refresh(AT_ROOT);
        PackKey key = state.pack(one.key().pack()).orElseThrow().key();
        assertEquals(one.key(), key);
    }
}
