package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The join of the packs of one directory that have been read (R1): what it holds after them, in whatever order and
 * however often they came. It only grows; what it does not hold any more, it knows to be dead. Not safe for several
 * threads.
 *
 * <p>What all of a vault needs at any time (where directories are, which dots are dead) is always in memory; the records
 * of its files may be let go and read again from the packs.
 */
public final class Directory {

    /** Records; fewer are forgotten with the next ones. */
    private static final int WORTH_WHILE = 1000;

    private final Rules rules;
    private final Rest rest;
    private final @Nullable WorkingSet workingSet;

    /** Null while they rest. */
    private @Nullable Records loaded;

    /** The packs that were joined, but those that were forgotten; of parts of compactions their roots. */
    private final Set<Id> joined = new HashSet<>();

    private final Map<Id, Id> rootsOfParts = new HashMap<>();

    /** Still in memory. */
    private final Set<Id> forgotten = new HashSet<>();

    /** Roots of compactions that wait for a part. */
    private final Map<Id, Pack> unfinished = new HashMap<>();

    /** By dot, versions that compactions have dropped and somebody asked for. They are found, and change nothing else. */
    private final Map<Dot, EntryRecord> past = new HashMap<>();

    /** Those of the records that say where this directory is. */
    private final List<EntryRecord> registers = new ArrayList<>();

    /** Those of them that name directories, by these. */
    private final Map<Id, List<EntryRecord>> folders = new HashMap<>();

    /** Of those of them that change attributes only: the directories, by births. */
    private final Map<Dot, Set<Id>> births = new HashMap<>();

    /** Directories of which something else is said since, in the order in which that was read. */
    private final List<Id> namings = new ArrayList<>();

    private long lamport;

    /** The latest record at which something came to a name, or went from it. */
    private @Nullable EntryRecord change;

    private final DotSet known = new DotSet();
    private final DotSet gone = new DotSet();
    private final DotSet ended = new DotSet();
    private final Set<Dot> usedTwice = new HashSet<>();
    private final DotSet announced = new DotSet();

    /** Where the packs of a directory are while nobody looks into it. */
    public interface Rest {
        void put(Collection<Pack> packs);

        /** What was put there. */
        Collection<Pack> take();
    }

    /** One that stays in memory. */
    public Directory() {
        this(Rules.ALL);
    }

    Directory(Rules rules) {
        this(rules, new Unrested(), null);
    }

    /** One whose records go to rest when others need the room. */
    public Directory(Rest rest, WorkingSet workingSet) {
        this(Rules.ALL, rest, workingSet);
    }

    private Directory(Rules rules, Rest rest, @Nullable WorkingSet workingSet) {
        this.rules = rules;
        this.rest = rest;
        this.workingSet = workingSet;
        this.loaded = new Records(rules.keep(Rule.R7_BOTH_ARE_KEPT));
    }

    /** Of one that stays in memory. */
    private static final class Unrested implements Rest {
        @Override
        public void put(Collection<Pack> packs) {
            throw new IllegalStateException("it stays in memory");
        }

        @Override
        public Collection<Pack> take() {
            throw new IllegalStateException("it stays in memory");
        }
    }

    private Records records() {
        Records now = loaded;
        if (now == null) {
            now = recordsOf(rest.take());
            loaded = now;
        }
        if (workingSet != null) {
            workingSet.used(this, now.size());
        }
        return now;
    }

    private Records recordsOf(Collection<Pack> packs) {
        Records records = new Records(rules.keep(Rule.R7_BOTH_ARE_KEPT));
        for (Pack pack : packs) {
            if (!forgotten.contains(pack.id())) {
                records.add(pack);
                pack.records().forEach(records::add);
            }
        }
        forgotten.clear();
        return records;
    }

    /** Somebody else needs the room. */
    void rest() {
        if (loaded != null) {
            rest.put(loaded.packs().values().stream()
                    .filter(pack -> !forgotten.contains(pack.id()))
                    .toList());
            forgotten.clear();
            loaded = null;
        }
    }

    /**
     * Compactions that were joined say all that these packs say. What they drop is no longer in {@link #all} and
     * {@link #find} when there is much of it, or after a rest.
     */
    public void forget(Collection<Id> packs) {
        packs.forEach(joined::remove);
        packs.forEach(rootsOfParts::remove);
        Records now = records();
        packs.stream().filter(now.packs()::containsKey).forEach(forgotten::add);
        long dropped = forgotten.stream()
                .map(now.packs()::get)
                .mapToLong(pack -> pack == null ? 0 : pack.records().size())
                .sum();
        if (dropped > WORTH_WHILE && dropped > now.size() / 2) {
            Records fresh = recordsOf(List.copyOf(now.packs().values()));
            loaded = fresh;
            if (workingSet != null) {
                workingSet.used(this, fresh.size());
            }
        }
    }

    /** The join of these packs. */
    static Directory of(Collection<Pack> packs, Rules rules) {
        Directory directory = new Directory(rules);
        packs.forEach(directory::add);
        return directory;
    }

    /** Joins one more pack; one that is in already changes nothing. */
    public void add(Pack pack) {
        Records records = records();
        if (!records.add(pack)) {
            return;
        }
        joined.add(pack.id());
        if (pack.root() != null) {
            rootsOfParts.put(pack.id(), pack.root());
        }
        pack.records().forEach(each -> add(each, records));
        pack.seen().forEach((incarnation, counter) -> {
            if (counter > 0) {
                announced.add(new DotSet.Run(incarnation, 1, counter));
            }
        });
        if (pack.cover() != null) {
            unfinished.put(pack.id(), pack);
        }
        if (!unfinished.isEmpty()) {
            List.copyOf(unfinished.values()).forEach(root -> finish(root, records));
        }
        if (workingSet != null) {
            workingSet.used(this, records.size());
        }
    }

    private void add(EntryRecord each, Records records) {
        if (records.add(each)) {
            lamport = Math.max(lamport, each.made().lamport());
            if (each.isPlace()) {
                insert(each, registers);
            } else if (each.state() instanceof Here here && here.isDirectory()) {
                insert(each, folders.computeIfAbsent(here.inode(), inode -> new ArrayList<>(1)));
                namings.add(here.inode());
                if (each.isAttributesOnly()) {
                    births.computeIfAbsent(each.birth(), birth -> new HashSet<>(2))
                            .add(here.inode());
                }
            }
            noteChange(each, records);
            if (records.isUsedTwice(each.dot())) {
                usedTwice.add(each.dot());
            }
        }
        known.add(each.dot());
        for (Dot dot : each.supersedes()) {
            gone.add(dot);
            records.of(dot).forEach(this::noteNaming);
        }
        for (Dot dot : each.ends()) {
            ended.add(dot);
            namings.addAll(births.getOrDefault(dot, Set.of()));
        }
        if (each.isAttributesOnly() || each.state() instanceof Gone) {
            ended.add(each.dot());
            namings.addAll(births.getOrDefault(each.dot(), Set.of()));
        }
    }

    private void noteNaming(EntryRecord each) {
        if (each.state() instanceof Here here && here.isDirectory()) {
            namings.add(here.inode());
        }
    }

    private static void insert(EntryRecord each, List<EntryRecord> sorted) {
        int at = Collections.binarySearch(sorted, each, RecordOrder.ORDER);
        if (at < 0) {
            sorted.add(-at - 1, each);
        }
    }

    private void finish(Pack root, Records records) {
        Pack.Cover cover = root.cover();
        Map<Id, Pack> packs = records.packs();
        if (cover == null || (!packs.keySet().containsAll(cover.parts()) && rules.keep(Rule.R9_PARTS_ARE_NEEDED))) {
            return;
        }
        unfinished.remove(root.id());
        DotSet dead = DotSet.copyOf(cover.dots());
        root.records().forEach(each -> dead.remove(each.dot()));
        for (Id part : cover.parts()) {
            Pack carrying = packs.get(part);
            if (carrying != null) {
                carrying.records().forEach(each -> dead.remove(each.dot()));
            }
        }
        known.addAll(cover.dots());
        gone.addAll(dead);
        gone.addAll(cover.gone());
        ended.addAll(cover.ended());
        namings.addAll(folders.keySet());
    }

    /** Whether this record holds now: nobody has superseded it, no compaction has left it out. */
    private boolean isLive(EntryRecord each) {
        if (gone.contains(each.dot())) {
            return false;
        }
        return !each.isAttributesOnly() || !ended.contains(each.birth()) || !rules.keep(Rule.R4_ATTRIBUTES_YIELD);
    }

    /** Whether a removal that a host of this name wrote has superseded what a dot said. */
    public boolean isTakenAway(Dot dot, String host) {
        if (!gone.contains(dot)) {
            return false;
        }
        return records().all().stream()
                .anyMatch(each -> each.state() instanceof Gone
                        && each.made().host().equals(host)
                        && each.supersedes().contains(dot));
    }

    /** The records that hold now and say that something is there, of all names but {@link EntryRecord#PLACE}. */
    public List<EntryRecord> live() {
        List<EntryRecord> live = new ArrayList<>();
        for (EntryRecord each : records().all()) {
            if (!each.isPlace() && each.state() instanceof Here && isLive(each)) {
                live.add(each);
            }
        }
        return live;
    }

    /** The records of this name that hold now and say that something is there. */
    List<EntryRecord> live(String name) {
        return records().named(name).stream()
                .filter(each -> each.state() instanceof Here && isLive(each))
                .toList();
    }

    /** The records that hold now and say where this directory is; usually one. */
    public List<EntryRecord> places() {
        return registers.stream().filter(this::isLive).toList();
    }

    /** The records that hold now and name this directory. */
    List<EntryRecord> folders(Id child) {
        return folders.getOrDefault(child, List.of()).stream()
                .filter(this::isLive)
                .toList();
    }

    /** Whether something that is there is no directory. */
    boolean holdsFiles() {
        for (EntryRecord each : records().all()) {
            if (each.state() instanceof Here here && !here.isDirectory() && !each.isPlace() && isLive(each)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The directories that records name, each again whenever records of it come, hold no longer, or may do so. Grows at its
     * end only: who remembers how long it was knows what has changed since.
     */
    List<Id> namings() {
        return Collections.unmodifiableList(namings);
    }

    /** Every record that was read, also of what is gone. */
    public Collection<EntryRecord> all() {
        return Collections.unmodifiableCollection(records().all());
    }

    /** The records of a dot, also if they are gone; more than one only if it was used twice (R7). */
    public List<EntryRecord> find(Dot dot) {
        List<EntryRecord> joined = records().of(dot);
        EntryRecord dropped = past.get(dot);
        return joined.isEmpty() && dropped != null ? List.of(dropped) : List.copyOf(joined);
    }

    /**
     * Lets a record be found that a compaction has dropped. It does not join it: whatever superseded it need not have been
     * read here.
     */
    public void remember(EntryRecord dropped) {
        past.put(dropped.dot(), dropped);
    }

    /** The records that were given to {@link #remember}. */
    public Collection<EntryRecord> remembered() {
        return List.copyOf(past.values());
    }

    /** When something last came to a name or went from it, by the clock of who did so; null if nothing ever did. */
    public @Nullable Timestamp changed() {
        return change == null ? null : change.made().time();
    }

    /** The last change may turn out to be a rewrite of this one, which comes after it where packs come in any order. */
    private void noteChange(EntryRecord each, Records records) {
        if (change != null && change.supersedes().contains(each.dot()) && !isNaming(change, records)) {
            change = null;
            records.all().forEach(one -> noteIfLatest(one, records));
        } else {
            noteIfLatest(each, records);
        }
    }

    private void noteIfLatest(EntryRecord each, Records records) {
        if (isNaming(each, records) && (change == null || each.isLaterThan(change))) {
            change = each;
        }
    }

    /** Whether the name means something else since, or nothing, as far as is known: what a file contains does not matter. */
    private static boolean isNaming(EntryRecord each, Records records) {
        if (each.isPlace() || each.isAttributesOnly()) {
            return false;
        }
        return !(each.state() instanceof Here here)
                || each.supersedes().stream()
                        .flatMap(dot -> records.of(dot).stream())
                        .noneMatch(was -> was.name().equals(each.name())
                                && was.state() instanceof Here before
                                && before.inode().equals(here.inode()));
    }

    /** All dots that were read or are covered by a compaction that was read. */
    public DotSet known() {
        return DotSet.copyOf(known);
    }

    DotSet gone() {
        return DotSet.copyOf(gone);
    }

    DotSet ended() {
        return DotSet.copyOf(ended);
    }

    /** Dots of which a writer or a compaction said that it had joined them, and that are missing here (R8). */
    public DotSet missing() {
        DotSet missing = DotSet.copyOf(announced);
        for (Pack root : unfinished.values()) {
            if (root.cover() != null) {
                missing.addAll(root.cover().dots());
            }
        }
        missing.removeAll(known);
        return missing;
    }

    /** Whether a compaction was read in part only: a part without its root, or a root without a part. */
    public boolean hasHalfACompaction() {
        return !unfinished.isEmpty() || rootsOfParts.values().stream().anyMatch(root -> !joined.contains(root));
    }

    /** Dots that stand for two different records: a device was set back and went on without noticing (R7). */
    public Set<Dot> usedTwice() {
        return Set.copyOf(usedTwice);
    }

    /** The packs that were joined. */
    public Collection<Pack> packs() {
        return List.copyOf(records().packs().values());
    }

    /** A pack that was joined; null if it was not. */
    public @Nullable Pack pack(Id id) {
        return records().packs().get(id);
    }

    /** The highest Lamport time of all records that were read. */
    public long lamport() {
        return lamport;
    }
}
