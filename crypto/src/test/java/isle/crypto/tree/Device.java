package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A device of a simulated history: what it has read, and what it sends. Its user is a {@link Host}. */
abstract class Device {

    static final Timestamp DAY = new Timestamp(1_800_000_000L, 0);

    private final String name;
    private final Rules rules;
    final Witness witness;
    private final Bucket bucket;
    private final long clockAhead;

    private long incarnation;
    private long lamport;
    private Map<Id, Long> drawn = new HashMap<>();
    Map<Id, Directory> directories = new HashMap<>();
    private @Nullable Tree tree;
    private Set<Id> checked = new TreeSet<>();
    /** What is drafted now keeps a copy. */
    boolean isKeeping;

    /** Packs to be sent, by directory, in the order in which they have to arrive. */
    private final Map<Id, List<Draft>> drafts = new LinkedHashMap<>();

    record Draft(
            String name,
            State state,
            @Nullable Version same,
            boolean contentStays,
            List<Version> replaced,
            @Nullable Map<Id, DotSet> seen) {
        Draft(String name, State state, @Nullable Version same, boolean contentStays, List<Version> replaced) {
            this(name, state, same, contentStays, replaced, null);
        }

        /** Made for what is shown now, whatever was shown when a file was opened. */
        Draft after(Map<Id, DotSet> knowledge) {
            return new Draft(name, state, same, contentStays, replaced, knowledge);
        }
    }

    Device(String name, Rules rules, Bucket bucket, Witness witness, long incarnation, long clockAhead) {
        this.name = name;
        this.rules = rules;
        this.bucket = bucket;
        this.witness = witness;
        this.incarnation = incarnation;
        this.clockAhead = clockAhead;
    }

    Tree tree() {
        if (tree == null) {
            tree = new Tree(directories, Host.ROOT, rules);
        }
        return tree;
    }

    Map<Id, Directory> directories() {
        return directories;
    }

    /** What it has read of a directory. */
    Collection<Pack> packs(Id directory) {
        Directory read = directories.get(directory);
        return read == null ? List.of() : read.packs();
    }

    void read(Collection<Pack> packs) {
        for (Pack pack : packs) {
            Directory directory = directories.computeIfAbsent(pack.directory(), d -> new Directory(rules));
            directory.add(pack);
            lamport = Math.max(lamport, directory.lamport());
        }
        tree = null;
    }

    /** What it knows now of every directory: what a change made now has seen. */
    Map<Id, DotSet> knowledge() {
        Map<Id, DotSet> knowledge = new HashMap<>();
        directories.forEach((id, directory) -> knowledge.put(id, directory.known()));
        return knowledge;
    }

    /** Its local state is what it was at an earlier time; what it had sent since is in the store. */
    void restore(Backup backup) {
        directories = new HashMap<>();
        backup.packs.forEach((id, packs) -> directories.put(id, Directory.of(packs, rules)));
        drawn = new HashMap<>(backup.drawn);
        lamport = backup.lamport;
        incarnation = backup.incarnation;
        checked = new TreeSet<>();
        tree = null;
    }

    record Backup(Map<Id, Collection<Pack>> packs, Map<Id, Long> drawn, long lamport, long incarnation) {}

    Backup backup() {
        Map<Id, Collection<Pack>> packs = new HashMap<>();
        directories.forEach((id, directory) -> packs.put(id, directory.packs()));
        return new Backup(packs, new HashMap<>(drawn), lamport, incarnation);
    }

    /** R7: before the first commit in a directory since start, the newest own dot there has to be the remembered one. */
    private void checkIncarnation(Id directory, Random random) {
        if (!checked.add(directory) || !rules.keep(Rule.R7_NEW_INCARNATION)) {
            return;
        }
        long newest = 0;
        for (Pack pack : bucket.in(directory)) {
            newest = Math.max(
                    newest, Directory.of(List.of(pack), Rules.ALL).known().last(incarnation));
            if (pack.cover() != null) {
                newest = Math.max(newest, pack.cover().dots().last(incarnation));
            }
        }
        if (newest != drawn.getOrDefault(directory, 0L)) {
            incarnation = random.nextLong();
            drawn = new HashMap<>();
        }
    }

    void draft(Id directory, Draft draft) {
        drafts.computeIfAbsent(directory, d -> new ArrayList<>()).add(isKeeping ? draft.after(knowledge()) : draft);
    }

    /**
     * Sends what was drafted, one pack a directory, as if after everything that was seen up to {@code seen}.
     *
     * @param most how many packs it sends before it dies; its user was told nothing then
     */
    void commit(Map<Id, DotSet> seen, int most, Random random) {
        witness.begin(
                drafts.values().stream().flatMap(List::stream).map(Draft::state).toList());
        int sent = 0;
        for (Map.Entry<Id, List<Draft>> each : inOrder()) {
            if (sent++ == most) {
                break;
            }
            checkIncarnation(each.getKey(), random);
            Pack pack = seal(each.getKey(), each.getValue(), seen);
            bucket.put(pack, true);
            if (random.nextInt(10) == 0) {
                // The acknowledgement was lost.
                bucket.put(
                        rules.keep(Rule.R6_RETRY_IS_THE_SAME) ? pack : sealAgain(each.getKey(), each.getValue(), seen),
                        true);
            }
            read(List.of(pack));
        }
        drafts.clear();
    }

    /** What goes away goes last, if need be in a pack of its own: who dies in between has a file twice, and not nowhere. */
    private List<Map.Entry<Id, List<Draft>>> inOrder() {
        if (drafts.size() < 2) {
            return List.copyOf(drafts.entrySet());
        }
        List<Map.Entry<Id, List<Draft>>> packs = new ArrayList<>();
        for (boolean goes : new boolean[] {false, true}) {
            drafts.forEach((directory, records) -> {
                List<Draft> some = records.stream()
                        .filter(each -> each.state() instanceof Gone == goes)
                        .toList();
                if (!some.isEmpty()) {
                    packs.add(Map.entry(directory, some));
                }
            });
        }
        return packs;
    }

    /** Without R6: what is sealed once more has new dots, and its content another place. */
    private Pack sealAgain(Id directory, List<Draft> records, Map<Id, DotSet> seen) {
        List<Draft> moved = new ArrayList<>();
        for (Draft each : records) {
            State state = each.state;
            if (state instanceof Here here && here.content() instanceof Content.Packed packed) {
                Content again =
                        new Content.Packed(Host.ROOT, new Id(8, packed.pack().low()), 1, 0, 1);
                state = new Here(here.inode(), here.attributes(), again);
            }
            moved.add(new Draft(each.name, state, each.same, each.contentStays, each.replaced, each.seen));
        }
        return seal(directory, moved, seen);
    }

    private Pack seal(Id directory, List<Draft> records, Map<Id, DotSet> seen) {
        List<EntryRecord> sealed = new ArrayList<>();
        for (Draft draft : records) {
            Dot dot = new Dot(incarnation, drawn.merge(directory, 1L, Long::sum));
            Timestamp time = new Timestamp(DAY.seconds() + clockAhead + witness.tick(), 0);
            Version same = draft.same;
            TreeSet<Dot> supersedes = new TreeSet<>();
            TreeSet<Dot> ends = new TreeSet<>();
            for (Version each : draft.replaced) {
                supersedes.add(each.entry().dot());
                ends.add(each.entry().birth());
            }
            // Of several births none can be kept: somebody else would keep another one, and each would end the other's.
            Dot birth = same != null && draft.contentStays && ends.size() == 1
                    ? same.entry().birth()
                    : dot;
            ends.remove(birth);
            EntryRecord made = new EntryRecord(
                    dot,
                    draft.name,
                    new Origin(++lamport, name, time),
                    draft.state,
                    birth,
                    List.copyOf(supersedes),
                    List.copyOf(ends));
            sealed.add(made);
            witness.saw(directory, made, draft.seen == null ? seen : draft.seen);
        }
        Map<Long, Long> joined = new TreeMap<>();
        DotSet known = directories.getOrDefault(directory, new Directory()).known();
        known.incarnations().forEach(each -> joined.put(each, known.last(each)));
        return new Pack(witness.draw(), directory, sealed, null, null, joined);
    }
}
