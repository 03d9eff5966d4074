package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.Draft;
import isle.crypto.tree.Drafts;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Commit.Item;
import isle.crypto.vault.Outbox.Batch;
import isle.crypto.vault.Outbox.Became;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Outcome;
import isle.fs.spi.Volume.OutcomeSink;
import isle.fs.spi.Volume.Prepared;
import isle.fs.spi.Volume.Source;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out publications: sends contents that are too large for packs, then makes one commit of everything, promises
 * it, joins it, and sends it. One commit at a time; contents of several publications travel side by side.
 */
final class Publisher {
    private final Parts parts;
    private final Refs refs;
    private final Writing writing;
    private final Learning learning;
    private final ReentrantLock committing = new ReentrantLock();

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
    }

    void publish(List<Prepared> changes, OutcomeSink sink) {
        Map<Prepared, FsException> failures = new ConcurrentHashMap<>();
        List<Item> items = prepared(changes, failures);
        failures.forEach((change, reason) -> sink.outcome(change, new Outcome.Failed(reason, true)));
        if (items.isEmpty()) {
            return;
        }
        IdentityHashMap<Item, Outcome> outcomes;
        committing.lock();
        try {
            outcomes = commit(items);
        } finally {
            committing.unlock();
        }
        outcomes.forEach((item, outcome) -> sink.outcome(item.prepared(), outcome));
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
            Sealing sealing =
                    new Sealing(new Drafted(drafts, new IdentityHashMap<>(), new IdentityHashMap<>()), Map.of());
            send(sealing.phases());
        } finally {
            committing.unlock();
        }
    }

    private void send() throws FsException {
        Optional<Batch> batch = parts.outbox().outstanding();
        parts.outbox().send();
        batch.ifPresent(each -> parts.state().arrived(each.packs()));
    }

    /** Reads small contents, sends large ones. Whose content cannot be had is left out, and whatever builds on it. */
    private List<Item> prepared(List<Prepared> changes, Map<Prepared, FsException> failures) {
        Map<Prepared, Item> items = new ConcurrentHashMap<>();
        try {
            parts.parallel().run(changes.size(), index -> {
                Prepared change = changes.get(index);
                try {
                    items.put(change, prepared(change));
                } catch (FsException e) {
                    failures.put(change, e);
                }
            });
        } catch (FsException e) {
            changes.stream().filter(each -> !items.containsKey(each)).forEach(each -> failures.putIfAbsent(each, e));
        }
        if (!failures.isEmpty()) {
            for (Prepared change : changes) {
                if (isHalf(change) && items.remove(change) != null) {
                    failures.put(change, apart());
                }
            }
        }
        return changes.stream()
                .filter(items::containsKey)
                .map(each -> Objects.requireNonNull(items.get(each)))
                .toList();
    }

    private static FsException apart() {
        return new FsException.Unavailable("what it goes together with could not be sent");
    }

    /** Whether it is the second half of something. */
    private static boolean isHalf(Prepared prepared) {
        return prepared.change() instanceof Unname unname
                ? unname.livesOn()
                : prepared.change() instanceof Put put && put.expectedLivesOn();
    }

    private Item prepared(Prepared prepared) throws FsException {
        if (!(prepared.change() instanceof Put put)) {
            return new Item(prepared, null, null, null);
        }
        Id inode = Commit.inodeOf(put, refs, writing.random());
        Volume.Content bytes = put.content();
        if (bytes == null) {
            return new Item(prepared, inode, null, null);
        }
        if (bytes.size() == 0) {
            return new Item(prepared, inode, null, Content.NONE);
        }
        if (bytes.size() <= PackBuilder.LONGEST_CONTENT) {
            ByteBuffer small = ByteBuffer.allocate((int) bytes.size());
            bytes.read(0, small);
            return new Item(prepared, inode, small.flip(), null);
        }
        return new Item(
                prepared,
                inode,
                null,
                parts.content()
                        .upload(
                                inode,
                                bytes,
                                writing.generation().getAsInt(),
                                (range, length) -> block(inode, range, length)));
    }

    /** The block of an earlier version that has exactly these bytes, sealed for this inode; null if none has. */
    private Content.@Nullable Block block(Id inode, Volume.StoredRange range, long length) {
        EntryVersion version = range.source().version();
        return version == null
                ? null
                : parts.state()
                        .ask((all, tree) -> Optional.ofNullable(block(tree, inode, version, range.offset(), length)))
                        .orElse(null);
    }

    private static Content.@Nullable Block block(Tree tree, Id inode, EntryVersion version, long offset, long length) {
        try {
            EntryRecord record = Commit.find(tree, version);
            if (record != null
                    && record.state() instanceof Here here
                    && here.inode().equals(inode)
                    && here.content() instanceof Content.Blocks blocks) {
                long at = 0;
                for (Content.Block each : blocks.blocks()) {
                    if (at == offset) {
                        return each.length() == length ? each : null;
                    }
                    at += each.length();
                }
            }
            return null;
        } catch (FsException e) {
            return null;
        }
    }

    private IdentityHashMap<Item, Outcome> commit(List<Item> items) {
        Sealed sealed;
        try {
            send();
            learning.learn(items);
            sealed = seal(items);
            if (!sealed.batch().packs().isEmpty()) {
                parts.outbox().write(sealed.batch());
            }
        } catch (FsException e) {
            return all(items, new Outcome.Failed(e, true));
        }
        try {
            // From now on it will arrive, sooner or later.
            parts.state().add(sealed.batch().packs());
            send();
            parts.state().force();
        } catch (FsException e) {
            return all(items, new Outcome.Failed(e));
        }
        return sealed.outcomes();
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
     */
    private record Sealed(Batch batch, IdentityHashMap<Item, Outcome> outcomes) {}

    /** What a commit consists of. */
    private record Drafted(
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

    private static Timestamp earlier(Timestamp now, @Nullable Timestamp time) {
        return time == null || time.compareTo(now) > 0 ? now : time;
    }

    private Sealed seal(List<Item> items) throws FsException {
        Drafted drafted = parts.state().ask((all, tree) -> draft(tree, items));
        Sealing sealing = new Sealing(drafted, touched(items));
        List<List<SealedPack>> phases = sealing.phases();
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
        return new Sealed(new Batch(phases, tokens), outcomes);
    }

    /** Without what cannot be done now, and the other halves of that. */
    private Drafted draft(Tree tree, List<Item> items) {
        IdentityHashMap<Item, FsException> refused = new IdentityHashMap<>();
        while (true) {
            Commit commit = new Commit(tree, refs, writing.host());
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
                if (isHalf(item.prepared())) {
                    refused.putIfAbsent(item, apart());
                }
            }
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

    /** Draws the dots of a commit and seals its packs. */
    private final class Sealing {
        private final Drafted drafted;
        private final Map<Id, Timestamp> touched;
        private final Map<Id, Long> counters = new HashMap<>();
        private final int generation = writing.generation().getAsInt();
        private long lamport = parts.state().nextLamport();

        /** Records of files by their change, and of directories by their ids. */
        private final IdentityHashMap<Item, VersionId> files = new IdentityHashMap<>();

        private final IdentityHashMap<Item, Here> states = new IdentityHashMap<>();
        private final Map<Id, List<VersionId>> directories = new HashMap<>();

        Sealing(Drafted drafted, Map<Id, Timestamp> touched) {
            this.drafted = drafted;
            this.touched = touched;
        }

        /** All packs: what comes, then what goes. */
        List<List<SealedPack>> phases() throws FsException {
            List<SealedPack> coming = new ArrayList<>();
            List<SealedPack> going = new ArrayList<>();
            for (Drafts each : drafted.packs()) {
                boolean goes = each.records().stream().allMatch(draft -> draft.state() instanceof Gone);
                (goes ? going : coming).addAll(seal(each));
            }
            return Stream.of(coming, going).filter(each -> !each.isEmpty()).toList();
        }

        private List<SealedPack> seal(Drafts drafts) throws FsException {
            Id directory = drafts.directory();
            Timestamp now = Timestamp.of(writing.clock().instant());
            Timestamp named = earlier(now, touched.get(directory));
            PackBuilder builder =
                    new PackBuilder(directory, generation, parts.packs(), () -> Id.random(writing.random()));
            Map<Long, Long> seen = new HashMap<>(parts.state().seen(directory));
            Long drawn = counters.get(directory);
            if (drawn != null) {
                seen.put(parts.state().incarnation(), drawn);
            }
            for (Draft draft : drafts.records()) {
                long counter = counters.compute(
                        directory, (id, last) -> last == null ? parts.state().nextCounter(id) : last + 1);
                Dot dot = new Dot(parts.state().incarnation(), counter);
                Draft whole = withContent(draft, builder);
                builder.add(whole.record(dot, new Origin(lamport, writing.host(), draft.isNaming() ? named : now)));
                lamport++;
                note(draft, whole, new VersionId(directory, dot));
            }
            return builder.seal(seen);
        }

        private Draft withContent(Draft draft, PackBuilder builder) {
            Item item = drafted.files().get(draft.state());
            if (item == null || item.small() == null || !(draft.state() instanceof Here here)) {
                return draft;
            }
            Here whole = new Here(here.inode(), here.attributes(), builder.content(item.small()));
            return new Draft(
                    draft.name(), whole, draft.same(), draft.contentStays(), draft.replaced(), draft.isKeeping());
        }

        private void note(Draft draft, Draft whole, VersionId id) {
            Item item = drafted.files().get(draft.state());
            if (whole.state() instanceof Here here) {
                if (item != null) {
                    files.put(item, id);
                    states.put(item, here);
                } else {
                    directories
                            .computeIfAbsent(here.inode(), d -> new ArrayList<>())
                            .add(id);
                }
            }
        }

        /** What a put has come to; null if no record was drawn for it, or it is a removal. */
        @Nullable Source stored(Item item) {
            Id inode = item.inode();
            if (!(item.change() instanceof Put put) || inode == null) {
                return null;
            }
            Here state = states.get(item);
            VersionId file = files.get(item);
            if (state != null && file != null) {
                return new Source(refs.of(inode), Versions.of(List.of(file), state.content(), state.attributes()));
            }
            Source source = put.source();
            List<Id> ids = source == null ? List.of(inode) : refs.directories(source.ref());
            List<VersionId> behind = new ArrayList<>();
            ids.forEach(id -> behind.addAll(directories.getOrDefault(id, List.of())));
            Attributes attributes = put.attributes();
            return behind.isEmpty() || attributes == null
                    ? null
                    : new Source(refs.of(ids), Versions.of(behind, Content.NONE, attributes));
        }
    }
}
