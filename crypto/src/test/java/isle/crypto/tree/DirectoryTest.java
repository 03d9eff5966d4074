package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DirectoryTest {

    private static final Id DIRECTORY = new Id(0, 1);
    private int packs;

    private static Dot dot(long incarnation, long counter) {
        return new Dot(incarnation, counter);
    }

    private static EntryRecord file(Dot dot, Dot birth, long content, List<Dot> supersedes) {
        Attributes attributes = Attributes.of(FileKind.FILE, 0644, 0, 0, 0, Timestamp.EPOCH);
        Here here = new Here(new Id(5, 5), attributes, new Content.Packed(Host.ROOT, new Id(9, content), 1, 0, 1));
        List<Dot> ends = supersedes.stream().filter(each -> !each.equals(birth)).toList();
        return new EntryRecord(dot, "f", origin(dot), here, birth, supersedes, ends);
    }

    private static EntryRecord removal(Dot dot, Dot superseded) {
        return new EntryRecord(dot, "f", origin(dot), new Gone(null), dot, List.of(superseded), List.of(superseded));
    }

    private static Origin origin(Dot dot) {
        return new Origin(dot.counter(), "host", Timestamp.EPOCH);
    }

    private Pack pack(EntryRecord... records) {
        return pack(Map.of(), records);
    }

    private Pack pack(Map<Long, Long> seen, EntryRecord... records) {
        return new Pack(new Id(2, ++packs), DIRECTORY, List.of(records), null, null, seen);
    }

    private static Directory joined(Pack... packs) {
        return Directory.of(List.of(packs), Rules.ALL);
    }

    @Test
    void r1_orderAndRepetitionDoNotMatter() {
        for (long seed = 0; seed < 300; seed++) {
            List<Pack> all = SomePacks.of(DIRECTORY, seed);
            Directory expected = Directory.of(all, Rules.ALL);
            List<Pack> shuffled = new ArrayList<>(all);
            shuffled.addAll(all.subList(0, all.size() / 2));
            Collections.shuffle(shuffled, new Random(seed));
            assertSame(expected, Directory.of(shuffled, Rules.ALL), "seed " + seed);
        }
    }

    @Test
    void whoRestsForgetsNothing() {
        WorkingSet workingSet = new WorkingSet(2);
        for (long seed = 0; seed < 300; seed++) {
            Directory expected = new Directory(Rules.ALL);
            Directory found = new Directory(new Shelved(), workingSet);
            Directory other = new Directory(new Shelved(), workingSet);
            for (Pack each : SomePacks.of(DIRECTORY, seed)) {
                expected.add(each);
                found.add(each);
                other.add(each);
                assertSame(expected, found, "seed " + seed);
                assertEquals(List.copyOf(expected.all()), List.copyOf(found.all()), "seed " + seed);
                assertEquals(Set.copyOf(expected.packs()), Set.copyOf(found.packs()), "seed " + seed);
                assertEquals(expected.changed(), found.changed(), "seed " + seed);
                assertEquals(expected.missing(), found.missing(), "seed " + seed);
                assertEquals(expected.hasHalfACompaction(), found.hasHalfACompaction(), "seed " + seed);
            }
            assertEquals(Set.copyOf(expected.live()), Set.copyOf(other.live()), "seed " + seed);
            assertTrue(workingSet.records() <= Math.max(2, other.all().size()), "seed " + seed);
        }
    }

    private static final class Shelved implements Directory.Rest {
        private List<Pack> packs = List.of();

        @Override
        public void put(Collection<Pack> all) {
            packs = List.copyOf(all);
        }

        @Override
        public Collection<Pack> take() {
            return packs;
        }
    }

    static void assertSame(Directory expected, Directory found, String what) {
        assertEquals(Set.copyOf(expected.live()), Set.copyOf(found.live()), what);
        assertEquals(Set.copyOf(expected.places()), Set.copyOf(found.places()), what);
        assertEquals(expected.known(), found.known(), what);
    }

    @Test
    void r2_onlyWhatARecordNamesGoes() {
        EntryRecord one = file(dot(1, 1), dot(1, 1), 1, List.of());
        EntryRecord other = file(dot(2, 1), dot(2, 1), 2, List.of());
        Directory directory = joined(pack(one), pack(other), pack(removal(dot(3, 1), dot(1, 1))));
        assertEquals(List.of(other), directory.live());
    }

    @Test
    void r4a_attributesDoNotBringBackWhatHasEnded() {
        EntryRecord one = file(dot(1, 1), dot(1, 1), 1, List.of());
        EntryRecord mode = file(dot(2, 1), dot(1, 1), 1, List.of(dot(1, 1)));
        assertEquals(List.of(mode), joined(pack(one), pack(mode)).live());
        assertEquals(
                List.of(),
                joined(pack(one), pack(mode), pack(removal(dot(1, 2), dot(1, 1))))
                        .live());
    }

    @Test
    void r7_twoRecordsOfOneDotAreBothKeptAndTold() {
        EntryRecord one = file(dot(1, 1), dot(1, 1), 1, List.of());
        EntryRecord other = file(dot(1, 1), dot(1, 1), 2, List.of());
        Directory directory = joined(pack(one), pack(other));
        assertEquals(Set.of(one, other), Set.copyOf(directory.live()));
        assertEquals(Set.of(dot(1, 1)), directory.usedTwice());
        assertEquals(2, new Tree(Map.of(DIRECTORY, directory), DIRECTORY).list().size());
        Rules without = Rules.without(Rule.R7_BOTH_ARE_KEPT);
        assertEquals(1, Directory.of(directory.packs(), without).live().size());
    }

    @Test
    void r8_whatAWriterHadSeenAndIsMissingIsTold() {
        Directory directory = joined(pack(Map.of(1L, 3L), file(dot(2, 1), dot(2, 1), 1, List.of())));
        assertEquals(DotSet.of(List.of(dot(1, 1), dot(1, 2), dot(1, 3))), directory.missing());
        directory.add(pack(file(dot(1, 1), dot(1, 1), 2, List.of()), removal(dot(1, 2), dot(1, 1))));
        assertEquals(DotSet.of(List.of(dot(1, 3))), directory.missing());
    }

    @Test
    void r9_aRootWithoutOneOfItsPartsSaysNothing() {
        EntryRecord one = file(dot(1, 1), dot(1, 1), 1, List.of());
        Pack input = pack(one, removal(dot(1, 2), dot(5, 5)));
        Pack part = pack(one);
        Pack.Cover cover =
                new Pack.Cover(DotSet.of(List.of(dot(1, 1), dot(1, 2))), new DotSet(), new DotSet(), Set.of(part.id()));
        Pack root = new Pack(new Id(3, 1), DIRECTORY, List.of(), cover, null, Map.of());
        assertEquals(List.of(one), joined(input, root).live());
        assertEquals(List.of(one), joined(root, part).live());
        assertTrue(joined(root).known().isEmpty());
    }

    @Test
    void r7_twoRecordsOfOneDotShowAlikeInAnyOrder() {
        Pack one = pack(file(dot(1, 1), dot(1, 1), 1, List.of()));
        Pack other = pack(file(dot(1, 1), dot(1, 1), 2, List.of()));
        assertEquals(
                new Tree(Map.of(DIRECTORY, joined(one, other)), DIRECTORY).list(),
                new Tree(Map.of(DIRECTORY, joined(other, one)), DIRECTORY).list());
    }

    @Test
    void r8_aPartThatIsMissingIsTold() {
        EntryRecord one = file(dot(1, 1), dot(1, 1), 1, List.of());
        EntryRecord other = file(dot(2, 1), dot(2, 1), 2, List.of());
        Pack part = pack(one);
        Pack.Cover cover =
                new Pack.Cover(DotSet.of(List.of(dot(1, 1), dot(2, 1))), new DotSet(), new DotSet(), Set.of(part.id()));
        Pack root = new Pack(new Id(3, 1), DIRECTORY, List.of(other), cover, null, Map.of());
        assertEquals(DotSet.of(List.of(dot(1, 1))), joined(root).missing());
        assertTrue(joined(root, part).missing().isEmpty());
    }
}
