package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.HistoryCodec.Past;
import isle.crypto.v1.HistoryCodec.SealedHistory;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.TreeStore;
import isle.crypto.v1.TreeStore.Leaf;
import isle.crypto.vault.Collector.Collected;
import isle.crypto.vault.Collector.End;
import isle.crypto.vault.VaultCare.Unneeded;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.store.FaultyObjectStore.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** R15: what goes, and all that keeps it. */
class CollectorTest extends CollectorRig {

    @Test
    void whatNothingNamesGoesWhenAllDevicesHaveSaidSoForLong() throws FsException {
        Content.Block spare = block(rig.id());
        days(LONG);
        assertEquals(new Collected(End.DONE, 1, 0, 0), one.run());
        days(LONG, one);
        assertTrue(isThere(spare), "nobody has heard two");
        days(1);
        assertEquals(1, two.run().unneeded());
        days(13, one, two);
        assertTrue(isThere(spare), "two began to say so thirteen days ago");
        days(1);
        assertEquals(0, one.run().gone(), "two has not said so again");
        Collected last = two.run();
        assertEquals(1, last.gone());
        assertEquals(PackStore.sealedBytes(300), last.goneBytes());
        assertFalse(isThere(spare));
        assertEquals(2, marks(), "of each device the last one");
        days(1);
        assertEquals(new Collected(End.DONE, 0, 0, 0), one.run());
    }

    /** It may have learned a name that came and went, and be about to use it. */
    @Test
    void aDeviceThatWasAwayBeginsAnew() throws FsException {
        Content.Block spare = block(rig.id());
        days(LONG);
        days(3, one, two);
        days(8, one);
        for (int day = 0; day < 14; day++) {
            days(1, one, two);
            assertTrue(isThere(spare), "two was away for more than a week");
        }
        days(1, one, two);
        assertFalse(isThere(spare));
    }

    @Test
    void aDeviceSpeaksOnceADay() throws FsException {
        assertEquals(End.DONE, one.run().end());
        now = now.plus(Duration.ofHours(23));
        assertEquals(End.NOT_DUE, one.run().end());
        now = now.plus(Duration.ofHours(2));
        assertEquals(End.DONE, one.run().end());
        assertEquals(1, marks());
    }

    @Test
    void whatAnythingNamesStays() throws FsException {
        Id folder = rig.id();
        Content.Block live = block(rig.id());
        Content.Block sibling = block(rig.id());
        Content.Block replaced = block(rig.id());
        Content.Block past = block(rig.id());
        Content.Block spare = block(rig.id());
        EntryRecord before = file(folder, "old", content(replaced));
        rig.put(ROOT, rig.entry(ROOT, "d", VaultRig.folder(folder)));
        rig.put(folder, rig.madeIn(folder, ROOT, "d"), before, file(folder, "f", content(live)));
        rig.put(folder, file(folder, "f", content(sibling)));
        rig.put(folder, file(folder, "old", Content.NONE, before));
        keep(folder, file(folder, "gone", content(past)));
        // Of a small file that was moved to another directory, and of its pack there is only a copy.
        Id moved = rig.id();
        Id nowhere = rig.id();
        rig.put("b/" + moved + ".256", rig.bytes(600));
        rig.put("b/" + nowhere + ".256", rig.bytes(600));
        rig.put("b/no object of a vault", rig.bytes(5));
        rig.put(ROOT, file(ROOT, "small", new Content.Packed(folder, moved, 1, 0, 10)));
        days(LONG);
        daysOfAll(2 * LONG);
        for (Content.Block each : List.of(live, sibling, replaced, past)) {
            assertTrue(isThere(each));
        }
        assertTrue(rig.keys().contains("b/" + moved + ".256"));
        assertTrue(rig.keys().contains("b/no object of a vault"));
        assertFalse(rig.keys().contains("b/" + nowhere + ".256"));
        assertFalse(isThere(spare));
    }

    /** Of a version that a compaction has dropped. */
    private void keep(Id directory, EntryRecord record) throws FsException {
        SealedHistory sealed =
                rig.packs.historyCodec(1).seal(directory, rig.id(), 0, List.of(new Past(0, List.of(record))));
        rig.packs.put(sealed);
    }

    @Test
    void whatIsYoungStays() throws FsException {
        days(LONG);
        Content.Block young = block(rig.id());
        days(13);
        assertEquals(0, one.run().unneeded());
        days(2);
        assertEquals(1, one.run().unneeded());
        assertTrue(isThere(young));
    }

    /** It may have promised anything, or be about to change what it was shown. */
    @Test
    void aDeviceThatIsAwayHoldsEverything() throws FsException {
        Content.Block needed = block(rig.id());
        SealedPack promised = rig.sealed(ROOT, file(ROOT, "promised", content(needed)));
        two.state.add(List.of(promised));
        days(LONG);
        days(10 * LONG, one);
        assertEquals(List.of(two.device), one.outlook().silent());
        assertEquals(Optional.empty(), one.outlook().from());
        daysOfAll(3 * LONG);
        assertTrue(isThere(needed), "two has not heard that it arrived");
        rig.packs.put(promised);
        one.state.refresh(List.of(ROOT));
        daysOfAll(3 * LONG);
        assertTrue(isThere(needed));
    }

    /** The one that matters: the history above is not safe by chance. */
    @Test
    void withoutTheWordOfAllSomethingIsLost() throws FsException {
        Host hasty = new Host("hasty", new Collecting(Retention.LEAST, Duration.ofDays(1), false, true));
        Content.Block needed = block(rig.id());
        two.state.add(List.of(rig.sealed(ROOT, file(ROOT, "promised", content(needed)))));
        days(LONG);
        days(LONG + 1, hasty);
        assertFalse(isThere(needed));
    }

    /** What a device learns after it has spoken it may name: so it speaks again after the last of the others. */
    @Test
    void theWordOfADeviceIsTakenOnceMoreAfterTheOthersHaveSpoken() throws FsException {
        Content.Block needed = block(rig.id());
        days(LONG);
        one.run();
        days(5 * LONG, two);
        assertTrue(isThere(needed), "one has not spoken since two began to");
        one.run();
        assertTrue(isThere(needed), "one has to say so for as long");
        days(LONG, one, two);
        assertFalse(isThere(needed));
    }

    @Test
    void aNewDeviceIsHeardFirst() throws FsException {
        Content.Block spare = block(rig.id());
        days(LONG);
        daysOfAll(LONG - 2);
        Host three = new Host("three", Collecting.USUAL);
        days(LONG, one, two);
        assertTrue(isThere(spare));
        daysOfAll(LONG + 1);
        assertFalse(isThere(spare));
        devices.remove(three.device);
        days(1);
        assertEquals(End.DOUBT, three.run().end(), "it was revoked");
    }

    @Test
    void aHeaderRecordThatIsNewIsReadFirst() throws FsException {
        days(LONG);
        Id record = rig.id();
        rig.put("h/" + record, rig.bytes(10));
        headers.add(record);
        assertEquals(End.DOUBT, one.run().end());
        days(1);
        assertEquals(End.DONE, one.run().end());
        rig.put("h/" + rig.id(), rig.bytes(10));
        days(1);
        assertEquals(End.DOUBT, one.run().end(), "a later isle may have let somebody in by it");
        days(LONG);
        assertEquals(End.DOUBT, one.run().end());
        assertFalse(one.outlook().held().isEmpty());
    }

    private void assertNoWord(End end) throws FsException {
        days(1);
        long before = marks();
        assertEquals(end, one.run().end());
        assertEquals(before, marks());
    }

    @Test
    void whileAnythingIsInDoubtNothingIsSaid() throws FsException {
        block(rig.id());
        days(LONG);
        one.right = false;
        assertNoWord(End.DOUBT);
        one.right = true;
        one.quiet = false;
        assertNoWord(End.BUSY);
        one.quiet = true;
        one.clock = Duration.ofMinutes(2);
        assertNoWord(End.CLOCKS);
        one.clock = Duration.ofMinutes(-2);
        assertNoWord(End.CLOCKS);
        one.clock = Duration.ofSeconds(50);
        days(1);
        assertEquals(End.DONE, one.run().end());
        one.clock = Duration.ofDays(-3);
        assertNoWord(End.NOT_DUE);
    }

    private void assertBroken(Class<? extends FsException> expected) throws FsException {
        days(1);
        long before = marks();
        assertThrows(expected, one::run);
        assertEquals(before, marks());
    }

    @Test
    void whatCannotBeReadMayNameAnything() throws FsException {
        block(rig.id());
        rig.put(ROOT, rig.entry(ROOT, "good", rig.empty()));
        days(LONG);
        SealedPack damaged = rig.sealed(ROOT, rig.entry(ROOT, "damaged", rig.empty()));
        byte[] bytes = VaultRig.array(damaged.bytes());
        bytes[100] ^= 1;
        rig.put(damaged.key().key().value(), bytes);
        assertNoWord(End.DOUBT);
        rig.memory.delete(damaged.key().key());
        SealedPack later = rig.later(ROOT);
        rig.packs.put(later);
        assertNoWord(End.DOUBT);
        rig.memory.delete(later.key().key());
        rig.put("d/" + ROOT + "/what is that", rig.bytes(10));
        assertNoWord(End.DOUBT);
        rig.memory.delete(new ObjectKey("d/" + ROOT + "/what is that"));
        rig.put("d/of a later isle", rig.bytes(10));
        assertBroken(FsException.Corrupt.class);
        rig.memory.delete(new ObjectKey("d/of a later isle"));
        for (String key : List.of("x/y", "z", "p/" + ROOT + "/what is that")) {
            rig.put(key, rig.bytes(10));
            assertBroken(key.startsWith("p/") ? FsException.Corrupt.class : FsException.Unsupported.class);
            rig.memory.delete(new ObjectKey(key));
        }
        SealedHistory history = rig.packs
                .historyCodec(1)
                .seal(ROOT, rig.id(), 0, List.of(new Past(0, List.of(file(ROOT, "f", Content.NONE)))));
        byte[] past = VaultRig.array(history.bytes());
        past[70] ^= 1;
        rig.put(history.key().key().value(), past);
        assertBroken(FsException.Unavailable.class);
        rig.memory.delete(history.key().key());
        one.past.recheck();
        rig.put(ROOT, file(ROOT, "tree", new Content.Tree(new Content.Block(rig.id(), 1, 5), 5)));
        assertBroken(FsException.Corrupt.class);
        rig.faulty.setDown(true);
        assertBroken(FsException.Unavailable.class);
    }

    @Test
    void whatATreeNamesStays() throws FsException {
        TreeStore trees = new TreeStore(rig.packs);
        Id inode = rig.id();
        Content.Block shared = block(inode);
        Content.Block old = block(inode);
        Content.Block needed = block(inode);
        Leaf sharedLeaf = trees.putLeaf(inode, rig.id(), 1, List.of(shared));
        Leaf oldLeaf = trees.putLeaf(inode, rig.id(), 1, List.of(old));
        Leaf neededLeaf = trees.putLeaf(inode, rig.id(), 1, List.of(needed));
        Content.Tree before = trees.putRoot(inode, rig.id(), 1, List.of(sharedLeaf, oldLeaf));
        Content.Tree now = trees.putRoot(inode, rig.id(), 1, List.of(sharedLeaf, neededLeaf));
        rig.put(ROOT, rig.entry(ROOT, "large", VaultRig.file(inode, now)));
        days(LONG);
        daysOfAll(4 * LONG);
        for (Content.Block each : List.of(now.root(), sharedLeaf.object(), neededLeaf.object(), shared, needed)) {
            assertTrue(isThere(each));
        }
        for (Content.Block each : List.of(before.root(), oldLeaf.object(), old)) {
            assertFalse(isThere(each));
        }
        rig.memory.delete(new ObjectKey("b/" + neededLeaf.object().object()));
        days(1);
        assertThrows(FsException.Corrupt.class, one::run, "what it named is not known any more");
    }

    /** The store lost a pack that only one host has read; the other does not miss it. */
    @Test
    void whatOnlyOneHostKnowsIsNeeded() throws FsException {
        Content.Block needed = block(rig.id());
        SealedPack lost = rig.put(ROOT, file(ROOT, "f", content(needed)));
        two.state.refresh(List.of(ROOT));
        rig.memory.delete(lost.key().key());
        days(LONG);
        daysOfAll(4 * LONG);
        assertTrue(isThere(needed));
    }

    @Test
    void aMarkThatWasBroughtFromElsewhereIsNobodysWord() throws FsException {
        Content.Block spare = block(rig.id());
        days(LONG);
        two.run();
        String mark = rig.keys().stream()
                .filter(key -> key.startsWith("m/"))
                .findFirst()
                .orElseThrow();
        one.run();
        assertTrue(one.outlook().silent().isEmpty());
        days(LONG);
        // A store that was copied, or a request that was long on its way.
        rig.put(mark, rig.get(mark));
        one.run();
        assertEquals(List.of(two.device), one.outlook().silent());
        assertTrue(isThere(spare));
    }

    /** Whatever is broken off when, the next runs come to the same end, and nothing else is touched. */
    @Test
    void aRunMayBreakOffAnywhere() throws FsException {
        Content.Block needed = block(rig.id());
        rig.put(ROOT, file(ROOT, "f", content(needed)));
        Content.Block spare = block(rig.id());
        days(LONG);
        int broken = 0;
        for (int failing = 0; failing < 60; failing++) {
            days(1);
            for (Host host : List.of(one, two)) {
                int skipped = failing;
                int[] seen = {0};
                Fault fault = failing % 2 == 0 ? Fault.LOST_REPLY : Fault.UNAVAILABLE;
                rig.faulty.failNext(fault, 1, request -> seen[0]++ == skipped / 2);
                try {
                    host.run();
                } catch (FsException e) {
                    broken++;
                }
                rig.faulty.calm();
            }
            assertTrue(isThere(needed));
        }
        assertTrue(broken > 15, broken + " runs broke off");
        daysOfAll(2 * LONG);
        assertFalse(isThere(spare));
        assertTrue(isThere(needed));
        assertEquals(2, marks());
    }

    @Test
    void whatIsToBeExpectedIsTold() throws FsException {
        block(rig.id());
        days(LONG);
        assertEquals(new Unneeded(0, 0, Optional.empty(), sorted(), ""), one.outlook());
        one.run();
        assertEquals(new Unneeded(0, 0, Optional.empty(), List.of(two.device), ""), one.outlook());
        days(1);
        two.run();
        long bytes = PackStore.sealedBytes(300);
        assertEquals(new Unneeded(1, bytes, Optional.of(now.plus(Retention.LEAST)), List.of(), ""), one.outlook());
        days(8, two);
        assertEquals(List.of(one.device), one.outlook().silent(), "who says it that seldom begins anew each time");
    }

    private List<Id> sorted() {
        return devices.stream().sorted().toList();
    }

    /** Both may collect at once, and one may have been faster. */
    @Test
    void whatIsGoneAlreadyIsNoFailure() throws FsException {
        Content.Block spare = block(rig.id());
        days(LONG);
        daysOfAll(LONG - 1);
        days(1);
        one.run();
        rig.memory.delete(new ObjectKey("b/" + spare.object()));
        assertEquals(End.DONE, two.run().end());
        assertEquals(Map.of(), rig.marks.content());
    }
}
