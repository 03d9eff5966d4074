package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.State;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
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
    private @Nullable Writer writer;

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
        Set<Id> changed = new TreeSet<>();
        for (Pack pack : packs) {
            Directory directory = directories.computeIfAbsent(pack.directory(), d -> new Directory(rules));
            directory.add(pack);
            changed.add(pack.directory());
            lamport = Math.max(lamport, directory.lamport());
        }
        if (tree != null) {
            tree.joined(changed);
        }
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

    /** Takes the changes of the next commit. */
    Writer writer() {
        if (writer == null) {
            writer = new Writer(tree(), rules);
        }
        return writer;
    }

    /**
     * Sends what was drafted, one pack a directory, as if after everything that was seen up to {@code seen}.
     *
     * @param most how many packs it sends before it dies; its user was told nothing then
     */
    void commit(Map<Id, DotSet> seen, int most, Random random) {
        List<Drafts> packs = writer().drafts();
        writer = null;
        witness.begin(packs.stream()
                .flatMap(each -> each.records().stream())
                .map(Draft::state)
                .toList());
        // What keeps something else is of now, whatever was shown when a file was opened.
        Map<Id, DotSet> now = knowledge();
        int sent = 0;
        for (Drafts each : packs) {
            if (sent++ == most) {
                break;
            }
            checkIncarnation(each.directory(), random);
            Pack pack = seal(each.directory(), each.records(), seen, now);
            bucket.put(pack, true);
            if (random.nextInt(10) == 0) {
                // The acknowledgement was lost.
                boolean isSame = rules.keep(Rule.R6_RETRY_IS_THE_SAME);
                bucket.put(isSame ? pack : seal(each.directory(), elsewhere(each.records()), seen, now), true);
            }
            read(List.of(pack));
        }
    }

    /** Without R6: what is sealed once more has new dots, and its content another place. */
    private static List<Draft> elsewhere(List<Draft> records) {
        List<Draft> moved = new ArrayList<>();
        for (Draft each : records) {
            State state = each.state();
            if (state instanceof Here here && here.content() instanceof Content.Packed packed) {
                Content again =
                        new Content.Packed(Host.ROOT, new Id(8, packed.pack().low()), 1, 0, 1);
                state = new Here(here.inode(), here.attributes(), again);
            }
            moved.add(
                    new Draft(each.name(), state, each.same(), each.contentStays(), each.replaced(), each.isKeeping()));
        }
        return moved;
    }

    private Pack seal(Id directory, List<Draft> records, Map<Id, DotSet> seen, Map<Id, DotSet> now) {
        List<EntryRecord> sealed = new ArrayList<>();
        for (Draft draft : records) {
            Dot dot = new Dot(incarnation, drawn.merge(directory, 1L, Long::sum));
            Timestamp time = new Timestamp(DAY.seconds() + clockAhead + witness.tick(), 0);
            EntryRecord made = draft.record(dot, new Origin(++lamport, name, time));
            sealed.add(made);
            witness.saw(directory, made, draft.isKeeping() ? now : seen);
        }
        Map<Long, Long> joined = new TreeMap<>();
        DotSet known = directories.getOrDefault(directory, new Directory()).known();
        known.incarnations().forEach(each -> joined.put(each, known.last(each)));
        return new Pack(witness.draw(), directory, sealed, null, null, joined);
    }
}
