package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.Dot;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Pack;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.tree.WorkingSet;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this host knows of a vault: the join of all packs that it has read, now or in an earlier life (the mirror), and
 * its own writing position. It only grows: a pack that is gone from the store stays joined. May be used by several
 * threads; its lock is not held while something is asked of the store.
 *
 * <p>The incarnation is drawn when it is made: one incarnation is one life of one process. So a counter is never taken
 * up again after a state that was lost or set back, and R7 needs no look into the store.
 */
final class VaultState {

    private final PackStore packs;
    private final Id root;
    private final Mirror mirror;
    private final StoreReader store;
    private final long incarnation;

    private final ReentrantLock lock = new ReentrantLock();
    private final WorkingSet workingSet;
    private final Map<Id, Directory> directories = new HashMap<>();
    private final Map<Id, Known> known = new HashMap<>();
    private final Map<Id, Set<PackKey>> byDirectory = new HashMap<>();
    private final Set<Id> listed = new HashSet<>();
    private final Inventory inventory = new Inventory(directories, known, byDirectory);
    private final Doubts doubts;
    private final Troubles troubles = new Troubles();
    private final Absences absences = new Absences();
    private final Verdicts verdicts;

    final Pins pins = new Pins();

    private boolean mirrored = true;
    private long lamport;
    private long revision;
    private @Nullable Tree tree;

    /**
     * A pack that was joined.
     *
     * @param payloadBytes plain length of its payload section
     * @param there whether the store had it when its directory was last listed
     */
    record Known(PackKey key, long payloadBytes, boolean there) {}

    /** A question to one state of everything. */
    @FunctionalInterface
    interface Question<T> {
        /** What it is given changes afterwards: nothing of it may be kept. */
        T ask(Map<Id, Directory> directories, Tree tree);
    }

    /**
     * Knows what the mirror has.
     *
     * @param root id of the root directory, which is that of the vault
     * @param disk the folder of the mirror
     * @param parallel for requests
     * @param random draws the incarnation
     * @param records so many may be in memory at a time
     */
    VaultState(PackStore packs, Id root, LocalDisk disk, Parallel parallel, SecureRandom random, int records)
            throws FsException {
        this.workingSet = new WorkingSet(records);
        this.packs = packs;
        this.root = root;
        this.incarnation = random.nextLong();
        this.store = new StoreReader(packs, parallel, this);
        this.doubts = new Doubts(directories, byDirectory, root);
        this.verdicts = new Verdicts(directories, absences, new Accepted(disk, root), inventory::lacksAHalf);
        // By directory: one that went to rest in between would be read again for each of its packs.
        Map<Id, Map<PackKey, ByteBuffer>> mirrored = new LinkedHashMap<>();
        this.mirror = Mirror.open(
                disk, root, (key, index) -> mirrored.computeIfAbsent(key.directory(), d -> new LinkedHashMap<>())
                        .put(key, index));
        mirrored.values().forEach(all -> all.forEach(this::joinMirrored));
        listed.addAll(mirror.listed());
    }

    /** What does not open is not known: it is fetched again. */
    private void joinMirrored(PackKey key, ByteBuffer index) {
        try {
            join(key, packs.open(key, index));
        } catch (FsException e) {
            // told when the store's own is found to be the same
        }
    }

    /** Asks while nothing changes. Answers that are records or copies may be kept. */
    <T> T ask(Question<T> question) {
        lock.lock();
        try {
            Tree now = tree;
            if (now == null) {
                now = new Tree(directories, root);
                tree = now;
            }
            return question.ask(directories, now);
        } finally {
            lock.unlock();
        }
    }

    /** What a group of directories shows, which are one to people. */
    Map<String, Shown> list(Collection<Id> group) {
        return ask((all, now) -> now.list(group));
    }

    /** Changes whenever something was joined. */
    long revision() {
        return locked(() -> revision);
    }

    /** Whether all of these were listed to their end, once, in this life or before. */
    boolean known(Collection<Id> group) {
        return locked(() -> listed.containsAll(group));
    }

    /** What is known of a pack by its id; empty if it was never read. */
    Optional<Known> pack(Id id) {
        return locked(() -> Optional.ofNullable(known.get(id)));
    }

    /** The store does not have a pack any more. What it said stays. */
    void gone(PackKey key) {
        locked(() -> {
            known.computeIfPresent(key.pack(), (id, one) -> new Known(one.key(), one.payloadBytes(), false));
            return true;
        });
    }

    /** The directories of which anything was read. */
    Set<Id> directories() {
        return locked(() -> Set.copyOf(directories.keySet()));
    }

    /** To be called before a list is asked for; for {@link #unread}. */
    long beginList() {
        return locked(absences::beginList);
    }

    /** The store has acknowledged packs of this host. */
    void arrived(Collection<SealedPack> own) {
        locked(() -> {
            own.forEach(each -> absences.arrived(each.key().pack()));
            return true;
        });
    }

    /** The index section of a pack as it was in the store, if this host has it. */
    Optional<ByteBuffer> indexOf(PackKey key) {
        return mirror.get(key);
    }

    /** Of everything that this process writes. */
    long incarnation() {
        return incarnation;
    }

    /** The counter that the next dot of this incarnation has in a directory: what was drawn counts once it is added. */
    long nextCounter(Id directory) {
        return locked(() -> {
            Directory joined = directories.get(directory);
            return joined == null ? 1 : joined.known().last(incarnation) + 1;
        });
    }

    /** A Lamport time above all that was joined. */
    long nextLamport() {
        return locked(() -> lamport == Long.MAX_VALUE ? lamport : lamport + 1);
    }

    /** By incarnation, how far a directory is joined (R8). */
    Map<Long, Long> seen(Id directory) {
        return locked(() -> {
            Directory joined = directories.get(directory);
            if (joined == null) {
                return Map.of();
            }
            DotSet dots = joined.known();
            Map<Long, Long> seen = new TreeMap<>();
            dots.incarnations().forEach(each -> seen.put(each, dots.last(each)));
            return seen;
        });
    }

    /**
     * Joins what is new in the store of these directories, and of those in them whose place is in doubt (R14).
     *
     * @return whether anything was joined
     * @throws FsException the store is away; what was read until then is joined
     */
    boolean refresh(List<Id> group) throws FsException {
        long before = revision();
        try {
            store.read(group);
            Set<Doubts.Doubt> open = ask((all, now) -> doubts.in(group, now));
            if (!open.isEmpty()) {
                Set<Id> children = new LinkedHashSet<>();
                open.forEach(doubt -> children.add(doubt.child()));
                children.removeAll(group);
                store.read(List.copyOf(children));
                locked(() -> doubts.settle(open));
            }
        } finally {
            force();
        }
        return revision() != before;
    }

    /**
     * Joins everything, the directories that changed last first.
     *
     * @param stop asked before each request
     * @return whether anything was joined
     * @throws FsException the store is away; what was read until then is joined
     */
    boolean loadAll(BooleanSupplier stop) throws FsException {
        long before = revision();
        try {
            store.readAll(stop);
        } finally {
            force();
        }
        return revision() != before;
    }

    /**
     * Joins packs of this host. A directory that is made in one of them is known from then on.
     *
     * @throws FsException.Corrupt they were not sealed for this vault
     */
    void add(Collection<SealedPack> own) throws FsException {
        for (SealedPack each : own) {
            ByteBuffer index =
                    each.bytes().slice(each.bytes().position(), each.key().indexBytes());
            Section section = packs.open(each.key(), index);
            locked(() -> absences.promised(each.key().pack()));
            join(each.key(), section, index);
            if (section.pack().records().stream().anyMatch(VaultState::isCreation)) {
                listed(each.key().directory());
            }
        }
    }

    private static boolean isCreation(EntryRecord record) {
        return record.name().equals(EntryRecord.PLACE)
                && record.state() instanceof Placed placed
                && placed.before() == null
                && record.supersedes().isEmpty();
    }

    /** Joins a pack and keeps it in the mirror. */
    void join(PackKey key, Section section, ByteBuffer index) {
        join(key, section);
        mirror(() -> mirror.add(key, index));
    }

    private void join(PackKey key, Section section) {
        locked(() -> {
            troubles.remove(key);
            absences.joined(key.pack());
            verdicts.changed(key.directory());
            if (known.putIfAbsent(key.pack(), new Known(key, section.payloadBytes(), true)) != null) {
                return false;
            }
            Pack pack = section.pack();
            directories
                    .computeIfAbsent(key.directory(), d -> new Directory(new Resting(this::keyOf), workingSet))
                    .add(pack);
            byDirectory.computeIfAbsent(key.directory(), d -> new HashSet<>()).add(key);
            pack.records()
                    .forEach(each -> lamport = Math.max(lamport, each.made().lamport()));
            revision++;
            if (tree != null) {
                tree.joined(List.of(key.directory()));
            }
            return true;
        });
    }

    /** Packs of a directory are about to be joined, one after the other, until {@link #listed}. */
    void reading(Id directory) {
        locked(() -> {
            verdicts.reading(directory);
            return true;
        });
    }

    /** A directory was listed to its end, and what is in it was joined as far as it can be read. */
    void listed(Id directory) {
        boolean first = locked(() -> {
            verdicts.read(directory);
            return listed.add(directory);
        });
        if (first && locked(() -> mirrored)) {
            mirror(() -> mirror.addListed(directory));
        }
    }

    void trouble(PackKey key, Kind kind, String etag) {
        locked(() -> {
            troubles.add(key, kind, etag);
            return true;
        });
    }

    /**
     * What of a whole list of a directory has to be fetched, and what of the mirror is of no use any more: packs that
     * are gone from the store, if compactions that are there say all that they said. What is merely gone stays (R2).
     *
     * @param began what {@link #beginList} gave before the list was asked for
     */
    List<PackKey> unread(Id directory, PackStore.Listed list, long began) {
        Set<PackKey> there = new HashSet<>(list.packs());
        return locked(() -> {
            troubles.listed(directory, there, list.strangers());
            Set<PackKey> absent = new HashSet<>();
            Set<PackKey> read = byDirectory.computeIfAbsent(directory, d -> new HashSet<>());
            for (PackKey key : list.packs()) {
                Known one = known.get(key.pack());
                if (one != null && one.key().equals(key)) {
                    // also one that had been gone, and is there again
                    read.add(key);
                }
            }
            for (PackKey key : read) {
                boolean isThere = there.contains(key);
                if (!isThere && !absences.isJudgedBy(key.pack(), began)) {
                    continue;
                }
                known.computeIfPresent(key.pack(), (id, one) -> new Known(key, one.payloadBytes(), isThere));
                if (!isThere) {
                    absent.add(key);
                }
            }
            absences.listed(directory, absent);
            List<PackKey> unread = new ArrayList<>();
            for (PackKey key : list.packs()) {
                var object = list.objects().get(key);
                if (!known.containsKey(key.pack()) && (object == null || !troubles.has(key, object.etag()))) {
                    unread.add(key);
                }
            }
            return unread;
        });
    }

    /**
     * Forgets, here and in the mirror, where packs were that compactions have taken in; what they said stays joined. After
     * a directory was listed and read. Not those that say something of what pending changes were made on: history may be
     * over before this host has stored them.
     */
    void forgetCovered(Id directory) throws FsException {
        locked(() -> {
            verdicts.changed(directory);
            return absences.read(directory);
        });
        List<PackKey> covered = locked(() -> inventory.covered(directory));
        if (!covered.isEmpty()) {
            Set<Dot> needed = pins.in(directory);
            locked(() -> inventory.forget(directory, covered, needed)).forEach(mirror::drop);
        }
    }

    /**
     * The packs of a directory, for a compaction.
     *
     * @param listed what the store has now; null for what was there when it was last asked
     * @return empty if something of it is missing, or cannot be read: then everything stays as it is
     */
    Optional<Shelf> shelf(Id directory, PackStore.@Nullable Listed listed) {
        return locked(() -> troubles.isIn(directory) ? Optional.empty() : inventory.shelf(directory, listed));
    }

    private interface Mirroring {
        void run() throws FsException;
    }

    private @Nullable PackKey keyOf(Id pack) {
        Known one = known.get(pack);
        return one == null ? null : one.key();
    }

    /** A disk that does not take the mirror costs requests at the next start, and nothing else. */
    private void mirror(Mirroring step) {
        try {
            step.run();
        } catch (FsException e) {
            locked(() -> mirrored = false);
        }
    }

    /** The mirror is on the disk when it returns, as far as the disk takes it. */
    void force() {
        mirror(mirror::force);
    }

    /** Whether something is sealed under keys that this host does not have, or in a format that it does not know. */
    boolean isLocked() {
        return locked(troubles::haveOthersKeys);
    }

    /** Whatever could not be read is asked for again: when there are new keys, or when a person says so. */
    void tryAllAgain() {
        locked(() -> {
            troubles.clear();
            return true;
        });
    }

    /** What is wrong, as far as it was noticed. */
    List<Problem> problems() {
        return locked(() -> {
            List<Problem> problems = new ArrayList<>(troubles.problems());
            problems.addAll(verdicts.problems());
            if (!mirrored) {
                problems.add(new Problem(Kind.NOT_MIRRORED, null, null));
            }
            return problems;
        });
    }

    /** Packs of a directory that the store had and has no more, and that no other one says again (R20). */
    List<Pack> lost(Id directory) {
        return locked(() -> verdicts.lost(directory));
    }

    /**
     * From now on it is no news that what is missing of these directories is missing; should it come back, it counts.
     *
     * @return in how many something was missing
     */
    int accept(Collection<Id> group) throws FsException {
        Map<Id, DotSet> missing = locked(() -> verdicts.missing(group));
        verdicts.accept(missing);
        locked(() -> {
            missing.keySet().forEach(verdicts::changed);
            return true;
        });
        return missing.size();
    }

    void close() {
        force();
        mirror.close();
    }

    private <T> T locked(Supplier<T> answer) {
        lock.lock();
        try {
            return answer.get();
        } finally {
            lock.unlock();
        }
    }
}
