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
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The join of the packs of one directory that have been read (R1): what it holds after them, in whatever order and
 * however often they came. It only grows; what it does not hold any more, it knows to be dead. Not safe for several
 * threads.
 */
public final class Directory {

    private final Rules rules;
    private final Map<Id, Pack> packs = new HashMap<>();

    /** Roots of compactions that wait for a part. */
    private final Map<Id, Pack> unfinished = new HashMap<>();

    /** By dot. More than one record only if a device used a dot twice (R7). */
    private final TreeMap<Dot, List<EntryRecord>> records = new TreeMap<>();

    /** Those of them that say where this directory is. */
    private final List<EntryRecord> registers = new ArrayList<>();

    /** Those of them that name directories, by these. */
    private final Map<Id, List<EntryRecord>> folders = new HashMap<>();

    /** Of those of them that change attributes only: the directories, by births. */
    private final Map<Dot, Set<Id>> births = new HashMap<>();

    /** Directories of which something else is said since, in the order in which that was read. */
    private final List<Id> namings = new ArrayList<>();

    /** By name; null until somebody asks for a name, as only those do who write here. */
    private @Nullable Map<String, List<EntryRecord>> names;

    private long lamport;

    /** The latest record at which something came to a name, or went from it. */
    private @Nullable EntryRecord change;

    private final DotSet known = new DotSet();
    private final DotSet gone = new DotSet();
    private final DotSet ended = new DotSet();
    private final Set<Dot> usedTwice = new HashSet<>();
    private final DotSet announced = new DotSet();

    public Directory() {
        this(Rules.ALL);
    }

    Directory(Rules rules) {
        this.rules = rules;
    }

    /** The join of these packs. */
    static Directory of(Collection<Pack> packs, Rules rules) {
        Directory directory = new Directory(rules);
        packs.forEach(directory::add);
        return directory;
    }

    /** Joins one more pack; one that is in already changes nothing. */
    public void add(Pack pack) {
        if (packs.putIfAbsent(pack.id(), pack) != null) {
            return;
        }
        pack.records().forEach(this::add);
        pack.seen().forEach((incarnation, counter) -> {
            if (counter > 0) {
                announced.add(new DotSet.Run(incarnation, 1, counter));
            }
        });
        if (pack.cover() != null) {
            unfinished.put(pack.id(), pack);
        }
        if (!unfinished.isEmpty()) {
            List.copyOf(unfinished.values()).forEach(this::finish);
        }
    }

    private void add(EntryRecord each) {
        List<EntryRecord> same = records.computeIfAbsent(each.dot(), dot -> new ArrayList<>(1));
        if (!same.contains(each) && (same.isEmpty() || rules.keep(Rule.R7_BOTH_ARE_KEPT))) {
            same.add(each);
            addName(each);
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
            noteChange(each);
            if (same.size() > 1) {
                // Which comes first decides what is later, and has to be the same for all readers.
                same.sort(RecordOrder.ORDER);
                usedTwice.add(each.dot());
            }
        }
        known.add(each.dot());
        for (Dot dot : each.supersedes()) {
            gone.add(dot);
            records.getOrDefault(dot, List.of()).forEach(this::noteNaming);
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
        sorted.add(at < 0 ? -at - 1 : at, each);
    }

    private void finish(Pack root) {
        Pack.Cover cover = root.cover();
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
        return records.values().stream()
                .flatMap(List::stream)
                .anyMatch(each -> each.state() instanceof Gone
                        && each.made().host().equals(host)
                        && each.supersedes().contains(dot));
    }

    /** The records that hold now and say that something is there, of all names but {@link EntryRecord#PLACE}. */
    public List<EntryRecord> live() {
        List<EntryRecord> live = new ArrayList<>();
        for (List<EntryRecord> same : records.values()) {
            for (EntryRecord each : same) {
                if (!each.isPlace() && each.state() instanceof Here && isLive(each)) {
                    live.add(each);
                }
            }
        }
        return live;
    }

    /** The records of this name that hold now and say that something is there. */
    List<EntryRecord> live(String name) {
        if (names == null) {
            names = new HashMap<>();
            records.values().forEach(same -> same.forEach(this::addName));
        }
        return names.getOrDefault(name, List.of()).stream()
                .filter(each -> each.state() instanceof Here && isLive(each))
                .toList();
    }

    private void addName(EntryRecord each) {
        if (names != null) {
            names.computeIfAbsent(each.name(), name -> new ArrayList<>(1)).add(each);
        }
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
        for (List<EntryRecord> same : records.values()) {
            for (EntryRecord each : same) {
                if (each.state() instanceof Here here && !here.isDirectory() && !each.isPlace() && isLive(each)) {
                    return true;
                }
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
        return records.values().stream().flatMap(List::stream).toList();
    }

    /** The records of a dot, also if they are gone; more than one only if it was used twice (R7). */
    public List<EntryRecord> find(Dot dot) {
        return List.copyOf(records.getOrDefault(dot, List.of()));
    }

    /** When something last came to a name or went from it, by the clock of who did so; null if nothing ever did. */
    public @Nullable Timestamp changed() {
        return change == null ? null : change.made().time();
    }

    /** The last change may turn out to be a rewrite of this one, which comes after it where packs come in any order. */
    private void noteChange(EntryRecord each) {
        if (change != null && change.supersedes().contains(each.dot()) && !isNaming(change)) {
            change = null;
            records.values().forEach(same -> same.forEach(this::noteIfLatest));
        } else {
            noteIfLatest(each);
        }
    }

    private void noteIfLatest(EntryRecord each) {
        if (isNaming(each) && (change == null || each.isLaterThan(change))) {
            change = each;
        }
    }

    /** Whether the name means something else since, or nothing, as far as is known: what a file contains does not matter. */
    private boolean isNaming(EntryRecord each) {
        if (each.isPlace() || each.isAttributesOnly()) {
            return false;
        }
        return !(each.state() instanceof Here here)
                || each.supersedes().stream()
                        .flatMap(dot -> records.getOrDefault(dot, List.of()).stream())
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
        return !unfinished.isEmpty()
                || packs.values().stream().anyMatch(each -> each.root() != null && !packs.containsKey(each.root()));
    }

    /** Dots that stand for two different records: a device was set back and went on without noticing (R7). */
    public Set<Dot> usedTwice() {
        return Set.copyOf(usedTwice);
    }

    /** The packs that were joined. */
    public Collection<Pack> packs() {
        return List.copyOf(packs.values());
    }

    /** A pack that was joined; null if it was not. */
    public @Nullable Pack pack(Id id) {
        return packs.get(id);
    }

    /** The highest Lamport time of all records that were read. */
    public long lamport() {
        return lamport;
    }
}
