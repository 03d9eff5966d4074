package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.TreeStore;
import isle.crypto.vault.DamagedContent.Damage;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks after a vault: what is wrong with it, what it takes, what it was, and gives the store back what that has lost.
 * Paths are lists of names in raw bytes, one char each. May be used by several threads.
 */
public final class VaultCare {

    private final Parts parts;
    private final Id root;
    private final ReentrantLock examining = new ReentrantLock();

    /** What it works with. */
    record Parts(
            VaultState state,
            PackStore packs,
            Publisher publisher,
            VaultContent content,
            Parallel parallel,
            DamagedContent damages,
            PutBack putBack,
            LostAndFound lost,
            Examined examined,
            PastReader past,
            Collector collector,
            InstantSource clock) {}

    VaultCare(Parts parts, Id root) {
        this.parts = parts;
        this.root = root;
    }

    /**
     * What the store has of a vault.
     *
     * @param packs how many, and their bytes in the store; small files are in them
     * @param objects outside of packs, and their bytes in the store
     * @param liveBytes plain bytes of the files that are shown
     * @param historyBytes plain bytes that only earlier versions have
     * @param historyPacks objects that say what earlier versions were, and their bytes in the store
     * @param orphans objects that nothing names, and their bytes in the store
     * @param unneeded what of that all devices have said they do not need
     */
    public record Usage(
            long packs,
            long packBytes,
            long objects,
            long objectBytes,
            long liveBytes,
            long historyBytes,
            long historyPacks,
            long historyPackBytes,
            long orphans,
            long orphanBytes,
            Unneeded unneeded) {}

    /**
     * What is to be taken away (R15).
     *
     * @param objects how many, and their bytes in the store
     * @param from not before that; empty if nothing is
     * @param silent devices that have not said what they need for half of T: without them nothing goes
     * @param held why this device did not say it when it tried last; empty if it did, or has not tried yet
     */
    public record Unneeded(long objects, long bytes, Optional<Instant> from, List<Id> silent, String held) {}

    /**
     * What an examination has found.
     *
     * @param alarms what is wrong
     * @param earlier how many versions that are history cannot be read
     * @param putBack how many packs the store was given back
     * @param before how many objects of these an examination that was broken off had read
     * @param found how many folders that were shown nowhere are in {@code lost+found} now
     */
    public record Report(
            long packs,
            long blocks,
            long bytes,
            List<Alarm> alarms,
            long earlier,
            long orphans,
            long orphanBytes,
            long before,
            long putBack,
            long found) {}

    /**
     * What was given back to the store.
     *
     * @param packs how many
     * @param accepted of how many directories it is known now that something nobody here ever saw is missing
     */
    public record Accepted(long packs, long accepted) {}

    /** What is wrong, as far as it was noticed. Makes no request. */
    public List<Alarm> alarms() {
        List<Problem> problems = problems();
        List<Damage> damages = parts.damages().all();
        if (problems.isEmpty() && damages.isEmpty()) {
            return List.of();
        }
        return alarms(problems, damages);
    }

    private List<Problem> problems() {
        List<Problem> problems = new ArrayList<>(parts.state().problems());
        problems.addAll(parts.lost().problems());
        problems.addAll(parts.past().problems());
        return problems;
    }

    private List<Alarm> alarms(Collection<Problem> problems, List<Damage> damages) {
        return parts.state().ask((all, tree) -> {
            Paths paths = new Paths(tree, root);
            List<Alarm> alarms = new ArrayList<>();
            for (Problem each : problems) {
                Id directory = each.directory();
                String path = directory == null ? null : paths.of(directory);
                alarms.add(new Alarm(each, path == null ? "" : path));
            }
            for (Damage each : damages) {
                Alarm alarm = alarm(each, all, paths);
                if (alarm == null) {
                    parts.damages().forget(each);
                } else {
                    alarms.add(alarm);
                }
            }
            return alarms;
        });
    }

    /** Null if no file that is there has that content any more. */
    private static @Nullable Alarm alarm(Damage damage, Map<Id, Directory> all, Paths paths) {
        for (VersionId id : damage.versions()) {
            Directory directory = all.get(id.directory());
            for (EntryRecord each : directory == null ? List.<EntryRecord>of() : directory.live()) {
                if (each.state() instanceof Here here && here.content().equals(damage.content())) {
                    String folder = paths.of(id.directory());
                    return new Alarm(
                            new Problem(Kind.CONTENT, id.directory(), null),
                            Paths.join(folder == null ? "" : folder, each.name()));
                }
            }
        }
        return null;
    }

    /**
     * Looks whether the store has lost something, or has again what it had lost.
     *
     * @throws FsException it is away
     */
    public void look() throws FsException {
        parts.state().loadAll(() -> false);
        parts.lost().look();
        parts.damages().recheck(parts.content());
        parts.past().recheck();
    }

    /**
     * Reads everything that the store has; what an examination that was broken off had read and found right, it does not
     * read again. One at a time: another one waits.
     *
     * @param repair whether to give the store back what it has lost and this host has, and a place to directories that are
     *     shown nowhere
     * @param progress is told how it goes, without names; what it throws ends the examination
     */
    public Report examine(boolean repair, Consumer<String> progress) throws FsException {
        examining.lock();
        try {
            Examination.Result found = new Examination(parts, progress).run();
            long given = repair ? putBack(List.copyOf(parts.state().directories())) : 0;
            long put = repair ? parts.lost().repair() : 0;
            parts.lost().look();
            Set<Problem> problems = new LinkedHashSet<>(found.problems());
            problems.addAll(problems());
            return new Report(
                    found.packs(),
                    found.blocks(),
                    found.bytes(),
                    alarms(problems, parts.damages().all()),
                    found.earlier(),
                    found.orphans(),
                    found.orphanBytes(),
                    found.before(),
                    given,
                    put);
        } finally {
            examining.unlock();
        }
    }

    /**
     * Says what this device does not need any more, at most daily, and takes away what no device needs (R15). To be called
     * when nothing waits here for being stored.
     *
     * @return bytes in the store that were taken away
     * @throws FsException it broke off; nothing is lost by that
     */
    public long collect() throws FsException {
        if (!examining.tryLock()) {
            return 0;
        }
        try {
            return parts.collector().run(this::isRight).goneBytes();
        } finally {
            examining.unlock();
        }
    }

    /** Whether nothing is known to be wrong. */
    private boolean isRight() throws FsException {
        parts.lost().look();
        return alarms().isEmpty();
    }

    /**
     * What it takes in the store. Reads lists, history packs, what names the blocks of the largest files, and what else
     * this host has not read yet.
     */
    public Usage usage() throws FsException {
        parts.state().loadAll(() -> false);
        PackStore.Listed listed = parts.packs().listAll();
        Map<Id, ObjectSummary> objects = parts.packs().objects();
        PastReader.All history = parts.past().all();
        Contents contents = parts.state()
                .ask((all, tree) -> Contents.of(all, history.records()))
                .withBlocks(new TreeStore(parts.packs()), parts.parallel());
        long packBytes = 0;
        for (ObjectSummary each : listed.objects().values()) {
            packBytes += each.size();
        }
        long objectBytes = 0;
        long orphans = 0;
        long orphanBytes = 0;
        for (Map.Entry<Id, ObjectSummary> each : objects.entrySet()) {
            long size = each.getValue().size();
            objectBytes += size;
            orphans += contents.name(each.getKey()) ? 0 : 1;
            orphanBytes += contents.name(each.getKey()) ? 0 : size;
        }
        return new Usage(
                listed.packs().size(),
                packBytes,
                objects.size(),
                objectBytes,
                contents.bytes(true),
                contents.bytes(false),
                history.objects().size(),
                history.bytes(),
                orphans,
                orphanBytes,
                parts.collector().outlook());
    }

    /**
     * A restore of the store from a backup was meant: gives it back what this host knows (R20), and tells no more of what
     * others had seen and nobody here ever did.
     *
     * @param path of a directory; only it and what is below it
     */
    public Accepted accept(List<String> path) throws FsException {
        parts.state().loadAll(() -> false);
        List<Id> group = directories(path);
        List<Id> chosen = parts.state().ask((all, tree) -> all.keySet().stream()
                .filter(id -> path.isEmpty() || isWithin(id, group, tree))
                .toList());
        long given = putBack(chosen);
        return new Accepted(given, parts.state().accept(chosen));
    }

    private boolean isWithin(Id directory, List<Id> group, Tree tree) {
        Id at = directory;
        for (int depth = 0; depth < Short.MAX_VALUE; depth++) {
            if (group.contains(at)) {
                return true;
            }
            EntryRecord.Place place = at.equals(root) ? null : tree.placeOf(at);
            if (place == null) {
                return false;
            }
            at = place.parent();
        }
        return false;
    }

    private long putBack(List<Id> directories) throws FsException {
        List<List<SealedPack>> phases = parts.putBack().of(directories);
        if (phases.isEmpty()) {
            return 0;
        }
        parts.publisher().send(phases);
        parts.state().loadAll(() -> false);
        return phases.stream().mapToLong(List::size).sum();
    }

    /**
     * The directories that a path means, or meant last; none if it was never a directory.
     *
     * @throws FsException the store is away, and this host has not read what is on the way
     */
    public List<Id> directories(List<String> path) throws FsException {
        List<Id> group = List.of(root);
        for (String name : path) {
            refresh(group);
            List<Id> above = group;
            group = parts.state().ask((all, tree) -> new Histories(all, tree, Map.of()).directories(above, name));
            if (group.isEmpty()) {
                Map<Id, Collection<EntryRecord>> past = parts.past().of(above);
                group = parts.state().ask((all, tree) -> new Histories(all, tree, past).directories(above, name));
            }
        }
        return group;
    }

    private void refresh(List<Id> group) throws FsException {
        try {
            parts.state().refresh(group);
        } catch (FsException e) {
            if (!e.isTransient() || !parts.state().known(group)) {
                throw e;
            }
        }
    }

    /** All versions of a name in directories that are one to people, as far as they are kept, the latest first. */
    public List<VersionInfo> history(List<Id> group, String name) throws FsException {
        refresh(group);
        Map<Id, Collection<EntryRecord>> past = parts.past().of(group);
        return parts.state().ask((all, tree) -> new Histories(all, tree, past).of(group, name));
    }

    /** Those of all names that these directories have or had. */
    public Map<String, List<VersionInfo>> history(List<Id> group) throws FsException {
        refresh(group);
        Map<Id, Collection<EntryRecord>> past = parts.past().of(group);
        return parts.state().ask((all, tree) -> new Histories(all, tree, past).all(group));
    }

    /**
     * Reads bytes of a version, until {@code into} is full or the content ends.
     *
     * @throws FsException.Corrupt the store does not have them any more, or they are not what was written
     */
    public void read(VersionInfo version, long offset, ByteBuffer into) throws FsException {
        if (version.source().entry().state() instanceof Here here) {
            parts.content().read(here.inode(), here.content(), offset, into);
        }
    }
}
