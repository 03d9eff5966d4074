package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Draft;
import isle.crypto.tree.Drafts;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.crypto.tree.Writer;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Commit.Item;
import isle.crypto.vault.Outbox.Batch;
import isle.crypto.vault.Outbox.Became;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Outcome;
import isle.fs.spi.Volume.OutcomeSink;
import isle.fs.spi.Volume.Prepared;
import isle.fs.spi.Volume.Source;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

/**
 * Carries out publications: sends contents that are too large for packs, then makes one commit of everything, promises
 * it, joins it, and sends it. One commit at a time; contents of several publications travel side by side.
 */
final class Publisher {
    private final Parts parts;
    private final Refs refs;
    private final Writing writing;
    private final Learning learning;
    private final Uploads uploads;
    private final ReentrantLock committing = new ReentrantLock();
    private final Kept kept = new Kept();

    /** Directories that were written in and not looked at since. For who is committing. */
    private final Set<Id> unlooked = new LinkedHashSet<>();

    /** Those of them that were moved to other directories. */
    private final Set<Id> moved = new LinkedHashSet<>();

    /** Those that had no name when somebody looked. */
    private final Set<Id> suspects = new HashSet<>();

    private volatile boolean behind;
    private volatile boolean hasWritten;

    /** What it works with. */
    record Parts(
            VaultState state,
            PackStore packs,
            Outbox outbox,
            VaultContent content,
            Parallel parallel,
            PastReader past) {}

    /**
     * Who writes.
     *
     * @param host its name, for people
     * @param generation number of the vault key to seal under, now
     */
    record Writing(String host, IntSupplier generation, InstantSource clock, SecureRandom random) {}

    Publisher(Parts parts, Refs refs, Writing writing) {
        this.parts = parts;
        this.refs = refs;
        this.writing = writing;
        this.learning = new Learning(parts.state(), parts.past(), refs);
        this.uploads = new Uploads(parts, refs, writing);
        parts.outbox().outstanding().ifPresent(batch -> {
            batch.packs().forEach(each -> unlooked.add(each.key().directory()));
            moved.addAll(unlooked);
            behind = true;
        });
    }

    void publish(List<Prepared> changes, OutcomeSink sink) {
        Map<Prepared, FsException> failures = new ConcurrentHashMap<>();
        List<Item> items = uploads.prepared(changes, failures);
        failures.forEach((change, reason) -> sink.outcome(change, new Outcome.Failed(reason, true)));
        if (items.isEmpty()) {
            return;
        }
        IdentityHashMap<Item, Outcome> outcomes;
        committing.lock();
        try {
            outcomes = commit(items, refs.changed(List.copyOf(failures.keySet())));
        } finally {
            committing.unlock();
        }
        outcomes.forEach((item, outcome) -> sink.outcome(item.prepared(), outcome));
        committing.lock();
        try {
            lookAgain();
        } finally {
            committing.unlock();
        }
    }

    /**
     * Whoever wrote into a directory, removed one or moved one looks at it once more, and at all that it is in: of those
     * who did so at once at least one sees the others, and what is alive after all gets a name again, by which everybody
     * else finds it (R14).
     */
    private void lookAgain() {
        try {
            while (!unlooked.isEmpty()) {
                List<Id> looked = List.copyOf(unlooked);
                send();
                parts.state().refresh(looked);
                lookAbove(looked);
                learning.names(parts.state().ask((all, tree) -> tree.lost(looked)));
                Sealed sealed = seal(List.of(), parts.state().ask((all, tree) -> revival(tree, looked)));
                if (!sealed.batch().packs().isEmpty()) {
                    promise(sealed);
                    send(sealed);
                }
                looked.forEach(unlooked::remove);
                moved.clear();
            }
            send();
            behind = false;
        } catch (FsException e) {
            // The store is away: the next publication looks, or whoever lists something.
            behind = true;
        }
    }

    private void lookAbove(List<Id> looked) throws FsException {
        Set<Id> seen = new HashSet<>(looked);
        List<Id> level = List.copyOf(moved);
        while (!level.isEmpty()) {
            List<Id> from = level;
            level = parts.state().ask((all, tree) -> from.stream()
                    .map(tree::placeOf)
                    .filter(place -> place != null && tree.placeOf(place.parent()) != null)
                    .map(place -> place.parent())
                    .distinct()
                    .toList());
            List<Id> unread = level.stream().filter(seen::add).toList();
            if (unread.isEmpty()) {
                return;
            }
            parts.state().refresh(unread);
        }
    }

    private static Drafted revival(Tree tree, List<Id> looked) {
        Writer writer = new Writer(tree);
        tree.lost(looked).forEach(writer::revive);
        return new Drafted(writer.drafts(), new IdentityHashMap<>(), new IdentityHashMap<>());
    }

    /**
     * Somebody looked, and these are to get a name again.
     *
     * @param lost are there although what others read says that they are not, or elsewhere
     * @param nameless have no name; who moves them may be about to give it, so that it takes a second look
     */
    void found(Collection<Id> lost, Collection<Id> nameless) {
        if (!hasWritten || (lost.isEmpty() && nameless.isEmpty())) {
            // Who never writes may not be allowed to.
            return;
        }
        if (isFree()) {
            try {
                unlooked.addAll(lost);
                nameless.stream().filter(each -> !suspects.add(each)).forEach(unlooked::add);
                behind |= !unlooked.isEmpty();
            } finally {
                committing.unlock();
            }
        }
    }

    /** Whether no commit is under way, which would do the same in its end; then it holds the lock. */
    private boolean isFree() {
        return !committing.isHeldByCurrentThread() && committing.tryLock();
    }

    /** Whether something remains to be looked at, or to be sent. */
    boolean isBehind() {
        return behind;
    }

    /** Looks and sends, unless a commit is under way, which does so in the end. */
    void catchUp() {
        if (isFree()) {
            try {
                lookAgain();
            } finally {
                committing.unlock();
            }
        }
    }

    /**
     * Sends what is promised, if anything is.
     *
     * @param patience how long this waits for a commit that is under way: a reader may be waiting for the answer
     */
    void flush(Duration patience) throws FsException {
        try {
            if (!committing.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new FsException.Unavailable("a commit of the vault takes longer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.Unavailable("interrupted while a commit of the vault was under way", e);
        }
        try {
            send();
        } finally {
            committing.unlock();
        }
    }

    /** Sends packs that say what records say already: phase by phase, and in the end for certain, as of a commit. */
    void send(List<List<SealedPack>> phases) throws FsException {
        committing.lock();
        try {
            send();
            if (phases.isEmpty()) {
                return;
            }
            Batch batch = new Batch(phases, Map.of());
            parts.outbox().write(batch);
            parts.state().add(batch.packs());
            send();
            parts.state().force();
        } finally {
            committing.unlock();
        }
    }

    /** What is to be written, by what is shown. */
    interface Drafting {
        List<Drafts> in(Tree tree);
    }

    /** Makes a commit of records that no change has asked for. */
    void write(Drafting drafting) throws FsException {
        committing.lock();
        try {
            send();
            List<Drafts> drafts = parts.state().ask((all, tree) -> drafting.in(tree));
            Drafted drafted = new Drafted(drafts, new IdentityHashMap<>(), new IdentityHashMap<>());
            send(new Sealing(drafted, Map.of(), parts, refs, writing, kept).phases());
        } finally {
            committing.unlock();
        }
    }

    private void send() throws FsException {
        Optional<Batch> batch = parts.outbox().outstanding();
        parts.outbox().send();
        batch.ifPresent(each -> parts.state().arrived(each.packs()));
    }

    /** @param stuck directories out of which something cannot be taken that was to go from them */
    private IdentityHashMap<Item, Outcome> commit(List<Item> items, Set<Id> stuck) {
        Sealed sealed;
        try {
            send();
            learning.learn(items);
            sealed = seal(items, parts.state().ask((all, tree) -> draft(tree, items, stuck)));
            if (!sealed.batch().packs().isEmpty()) {
                promise(sealed);
            }
        } catch (FsException e) {
            return all(items, new Outcome.Failed(e, true));
        }
        try {
            send(sealed);
        } catch (FsException e) {
            return all(items, new Outcome.Failed(e));
        }
        return sealed.outcomes();
    }

    /** From then on it will arrive, sooner or later. */
    private void promise(Sealed sealed) throws FsException {
        parts.outbox().write(sealed.batch());
        unlooked.addAll(sealed.written());
        moved.addAll(sealed.moved());
        behind = true;
    }

    private void send(Sealed sealed) throws FsException {
        parts.state().add(sealed.batch().packs());
        send();
        parts.state().force();
        hasWritten = true;
    }

    private static IdentityHashMap<Item, Outcome> all(List<Item> items, Outcome outcome) {
        IdentityHashMap<Item, Outcome> outcomes = new IdentityHashMap<>();
        items.forEach(each -> outcomes.put(each, outcome));
        return outcomes;
    }

    /**
     * A commit, ready to be sent.
     *
     * @param outcomes what each change has come to once it has arrived
     * @param written directories in which it is, but for those that it makes
     * @param moved those that it moves to other directories
     */
    private record Sealed(Batch batch, IdentityHashMap<Item, Outcome> outcomes, Set<Id> written, Set<Id> moved) {}

    /** What a commit consists of. */
    record Drafted(
            List<Drafts> packs, IdentityHashMap<State, Item> files, IdentityHashMap<Item, FsException> refused) {}

    /**
     * When directories were changed here: what was named then is sent later, and somebody may have set their times
     * since.
     */
    private Map<Id, Timestamp> touched(List<Item> items) {
        Map<Id, Timestamp> touched = new HashMap<>();
        for (Item item : items) {
            String directory = item.change() instanceof Put put ? put.directory() : "";
            Timestamp time = item.change() instanceof Put put ? put.touched() : null;
            if (item.change() instanceof Unname unname) {
                directory = unname.parent();
                time = unname.touched();
            }
            if (time != null) {
                for (Id id : refs.directories(directory)) {
                    touched.merge(id, time, (one, other) -> one.compareTo(other) > 0 ? one : other);
                }
            }
        }
        return touched;
    }

    private Sealed seal(List<Item> items, Drafted drafted) throws FsException {
        Sealing sealing = new Sealing(drafted, touched(items), parts, refs, writing, kept);
        List<List<SealedPack>> phases = sealing.phases();
        Set<Id> written = new LinkedHashSet<>();
        Set<Id> moving = new LinkedHashSet<>();
        for (Drafts each : drafted.packs()) {
            if (each.records().stream().noneMatch(Publisher::makes)) {
                written.add(each.directory());
            }
            if (each.records().stream().anyMatch(Publisher::moves)) {
                moving.add(each.directory());
            }
        }
        Map<String, Became> tokens = new HashMap<>();
        IdentityHashMap<Item, Outcome> outcomes = new IdentityHashMap<>();
        for (Item item : items) {
            Source stored = sealing.stored(item);
            if (stored != null) {
                VersionId main = Versions.behind(Objects.requireNonNull(stored.version()))
                        .get(0);
                tokens.put(item.prepared().token(), new Became(main.directory(), main.dot()));
            }
            FsException refused = drafted.refused().get(item);
            if (refused == null && stored == null && item.change() instanceof Put) {
                refused = new FsException.Failed("a change of the vault was not understood");
            }
            outcomes.put(
                    item,
                    refused == null
                            ? new Outcome.Done(Optional.ofNullable(stored))
                            : new Outcome.Failed(refused, true));
        }
        return new Sealed(new Batch(phases, tokens), outcomes, written, moving);
    }

    private static boolean moves(Draft draft) {
        return draft.state() instanceof Placed placed && placed.before() != null;
    }

    private static boolean makes(Draft draft) {
        return draft.state() instanceof Placed placed
                && placed.before() == null
                && draft.replaced().isEmpty();
    }

    /** Without what cannot be done now, the other halves of that, and the end of directories in which it stays. */
    private Drafted draft(Tree tree, List<Item> items, Set<Id> stuck) {
        Set<Id> occupied = new HashSet<>(stuck);
        IdentityHashMap<Item, FsException> refused = new IdentityHashMap<>();
        while (true) {
            Commit commit = new Commit(tree, refs, kept, occupied, writing.host());
            IdentityHashMap<State, Item> files = new IdentityHashMap<>();
            int before = refused.size();
            for (Item item : items) {
                tellReplaced(commit, item, refused);
            }
            for (Item item : items) {
                if (refused.containsKey(item)) {
                    continue;
                }
                try {
                    Here state = commit.add(item);
                    if (state != null) {
                        files.put(state, item);
                    }
                } catch (FsException e) {
                    refused.put(item, e);
                }
            }
            if (refused.size() == before) {
                return new Drafted(commit.writer().drafts(), files, refused);
            }
            for (Item item : items) {
                if (Uploads.isHalf(item.prepared())) {
                    refused.putIfAbsent(item, Uploads.apart());
                }
            }
            occupied.addAll(
                    refs.changed(refused.keySet().stream().map(Item::prepared).toList()));
        }
    }

    private static void tellReplaced(Commit commit, Item item, IdentityHashMap<Item, FsException> refused) {
        try {
            if (!refused.containsKey(item)) {
                commit.replaces(item);
            }
        } catch (FsException e) {
            refused.put(item, e);
        }
    }
}
