package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Compaction;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackKey;
import isle.crypto.vault.Shelf.Item;
import isle.fs.model.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** R12, R13: what becomes one pack, and what may go. */
class ShelfTest {

    private static final Id DIRECTORY = new Id(1, 1);
    private static final Tiers TIERS = new Tiers(4, 12, Duration.ofMinutes(10), 2);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private long ids;
    private long counter;

    private Id id() {
        return new Id(9, ++ids);
    }

    private static Item item(Pack pack, int tier, Instant time) {
        return new Item(new PackKey(DIRECTORY, tier, 1, pack.id(), 256), pack, time);
    }

    private Item commit(Instant time) {
        Dot dot = new Dot(7, ++counter);
        EntryRecord record = new EntryRecord(
                dot,
                "f" + counter,
                new Origin(counter, "here", new Timestamp(0, 0)),
                VaultRig.file(id(), Content.NONE),
                dot,
                List.of(),
                List.of());
        return item(new Pack(id(), DIRECTORY, List.of(record), null, null, Map.of()), 0, time);
    }

    private List<Item> commits(int count, Instant time) {
        List<Item> commits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            commits.add(commit(time));
        }
        return commits;
    }

    /** The root is the last. */
    private List<Item> compacted(List<Item> inputs, int tier, Instant parts, Instant root) {
        List<Item> written = new ArrayList<>();
        List<Pack> read = inputs.stream().map(Item::pack).toList();
        for (Pack each : new Compaction().of(DIRECTORY, read, TIERS.records(), this::id)) {
            written.add(item(each, tier, each.root() == null ? root : parts));
        }
        return written;
    }

    @SafeVarargs
    private static Shelf shelf(List<Item>... items) {
        List<Item> all = new ArrayList<>();
        for (List<Item> each : items) {
            all.addAll(each);
        }
        return new Shelf(all, Set.of());
    }

    private static Set<Item> inputs(Shelf shelf) {
        Set<Item> inputs = new HashSet<>();
        shelf.inputs(TIERS).forEach(unit -> inputs.addAll(unit.items()));
        return inputs;
    }

    private static Set<Item> doomed(Shelf shelf, Instant now) {
        return Set.copyOf(shelf.doomed(TIERS, now).items());
    }

    private static Instant minutes(long minutes) {
        return START.plus(Duration.ofMinutes(minutes));
    }

    @Test
    void aFullTierBecomesOneOfTheNext() {
        List<Item> three = commits(3, START);
        assertEquals(Set.of(), inputs(shelf(three)));
        List<Item> fourth = commits(1, START);
        Shelf full = shelf(three, fourth);
        assertEquals(4, inputs(full).size());
        assertEquals(1, Shelf.tierOf(full.inputs(TIERS)));
    }

    @Test
    void whatWouldFillTheNextTierGoesAlong() {
        List<Item> first = compacted(commits(4, START), 1, START, START);
        List<Item> second = compacted(commits(4, START), 1, START, START);
        List<Item> third = compacted(commits(4, START), 1, START, START);
        List<Item> more = commits(4, START);
        Shelf shelf = shelf(first, second, third, more);
        assertEquals(
                first.size() + second.size() + third.size() + more.size(),
                inputs(shelf).size());
        assertEquals(2, Shelf.tierOf(shelf.inputs(TIERS)));
    }

    @Test
    void whatIsCoveredIsNoInputAgain() {
        List<Item> covered = commits(4, START);
        List<Item> root = compacted(covered, 1, START, START);
        Shelf shelf = shelf(covered, root, commits(3, START));
        assertEquals(Set.of(), inputs(shelf));
        assertEquals(3 + root.size(), shelf.live());
    }

    @Test
    void tooManyInAllBecomeFewer() {
        List<Item> crowd = new ArrayList<>();
        for (int tier = 1; tier <= 3; tier++) {
            for (int i = 0; i < 3; i++) {
                crowd.addAll(compacted(commits(4, START), tier, START, START));
            }
        }
        Shelf shelf = new Shelf(crowd, Set.of());
        assertTrue(shelf.live() > TIERS.most());
        assertTrue(!inputs(shelf).isEmpty() && inputs(shelf).size() < crowd.size());
    }

    @Test
    void whatARootSaysGoesTenMinutesAfterIt() {
        List<Item> inputs = commits(4, START);
        Shelf shelf = shelf(inputs, compacted(inputs, 1, minutes(1), minutes(2)));
        assertEquals(Set.of(), doomed(shelf, minutes(11)));
        assertEquals(Set.copyOf(inputs), doomed(shelf, minutes(12)));
        assertEquals(2, shelf.doomed(TIERS, minutes(12)).founded().size());
        assertTrue(shelf.hasRemains());
    }

    @Test
    void nothingGoesForARootWithoutAPart_orOneThatWasSlow() {
        List<Item> inputs = commits(4, START);
        List<Item> written = compacted(inputs, 1, START, START);
        assertEquals(Set.of(), doomed(shelf(inputs, written.subList(1, written.size())), minutes(59)));
        List<Item> slow = compacted(inputs, 1, START, minutes(31));
        assertEquals(Set.of(), doomed(shelf(inputs, slow), minutes(600)));
        assertEquals(Set.copyOf(inputs), inputs(shelf(inputs, slow)), "they are compacted once more");
    }

    /** Two hosts compacted the same. */
    @Test
    void ofTwoThatSayTheSameOneStays() {
        List<Item> inputs = commits(4, START);
        List<Item> one = compacted(inputs, 1, START, START);
        List<Item> other = compacted(inputs, 1, START, START);
        Set<Item> expected = new HashSet<>(inputs);
        expected.addAll(one);
        assertEquals(expected, doomed(shelf(inputs, one, other), minutes(10)), "ids of the other are larger");
        assertEquals(expected, doomed(shelf(other, one, inputs), minutes(10)));
    }

    @Test
    void onlyARootTakesAway_andNoneThatSaysLess() {
        List<Item> inputs = commits(4, START);
        List<Item> less = compacted(inputs.subList(0, 3), 1, START, START);
        List<Item> all = compacted(inputs, 2, START, START);
        assertEquals(Set.copyOf(inputs.subList(0, 3)), doomed(shelf(inputs, less), minutes(10)));
        Set<Item> expected = new HashSet<>(less);
        assertEquals(expected, doomed(shelf(less, all), minutes(10)));
    }

    @Test
    void whatIsLeftOfACompactionGoesAfterAnHour_ifItIsElsewhere() {
        List<Item> inputs = commits(4, START);
        List<Item> written = compacted(inputs, 1, START, START);
        List<Item> parts = written.subList(0, 1);
        assertEquals(Set.of(), doomed(shelf(inputs, parts), minutes(59)));
        assertEquals(Set.copyOf(parts), doomed(shelf(inputs, parts), minutes(60)));
        assertEquals(Set.of(), doomed(shelf(inputs.subList(2, 4), parts), minutes(60)));
        assertTrue(shelf(inputs.subList(2, 4), parts).lacksAHalf());
        List<Item> root = written.subList(1, 2);
        assertEquals(Set.copyOf(root), doomed(shelf(inputs, root), minutes(60)));
        assertEquals(Set.of(), doomed(shelf(inputs.subList(0, 3), root), minutes(60)), "what it covers is missing");
    }

    /** R7: what a root says of a dot may be the other record of it. */
    @Test
    void aDotThatWasUsedTwiceStays() {
        List<Item> inputs = commits(4, START);
        Dot twice = inputs.get(0).pack().records().get(0).dot();
        List<Item> all = new ArrayList<>(inputs);
        all.addAll(compacted(inputs, 1, START, START));
        Shelf shelf = new Shelf(all, Set.of(twice));
        assertEquals(Set.copyOf(inputs.subList(1, 4)), doomed(shelf, minutes(10)));
    }
}
