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

    /** Those of them that name directories. */
    private final List<EntryRecord> folders = new ArrayList<>();

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
            lamport = Math.max(lamport, each.made().lamport());
            if (each.isPlace()) {
                insert(each, registers);
            } else if (each.state() instanceof Here here && here.isDirectory()) {
                insert(each, folders);
            }
            if (!each.isPlace() && !each.isAttributesOnly() && (change == null || each.isLaterThan(change))) {
                change = each;
            }
            if (same.size() > 1) {
                // Which comes first decides what is later, and has to be the same for all readers.
                same.sort(RecordOrder.ORDER);
                usedTwice.add(each.dot());
            }
        }
        known.add(each.dot());
        each.supersedes().forEach(gone::add);
        each.ends().forEach(ended::add);
        if (each.isAttributesOnly() || each.state() instanceof Gone) {
            ended.add(each.dot());
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
    }

    /** Whether this record holds now: nobody has superseded it, no compaction has left it out. */
    private boolean isLive(EntryRecord each) {
        if (gone.contains(each.dot())) {
            return false;
        }
        return !each.isAttributesOnly() || !ended.contains(each.birth()) || !rules.keep(Rule.R4_ATTRIBUTES_YIELD);
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

    /** The records that hold now and say where this directory is; usually one. */
    public List<EntryRecord> places() {
        return registers.stream().filter(this::isLive).toList();
    }

    /** The records that hold now and name directories. */
    List<EntryRecord> folders() {
        return folders.stream().filter(this::isLive).toList();
    }

    /** Every record that was read, also of what is gone. */
    Collection<EntryRecord> all() {
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

    /** The highest Lamport time of all records that were read. */
    public long lamport() {
        return lamport;
    }
}
