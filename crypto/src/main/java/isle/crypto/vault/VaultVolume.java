package isle.crypto.vault;

import isle.crypto.access.OpenVault;
import isle.crypto.identity.Statement;
import isle.crypto.seal.Id;
import isle.crypto.seal.Prewarm;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.crypto.v1.MarkStore;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Outbox.Became;
import isle.crypto.vault.Publisher.Writing;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The volume of a vault: names, tree and content are sealed on this host before anything leaves it, and several hosts
 * may write at once, without each other or a coordinator. A volume by reference: a rename of a directory of any size is
 * one record. Its rules are in {@code FORMAT.md}.
 */
public final class VaultVolume implements Volume {
    /** Requests in flight of one kind; more gain nothing on Garage. */
    private static final int PARALLEL = 8;

    /** Who starts the program wants the processors for that. */
    private static final int WARMING_SECONDS = 1;

    /** What the store did not take at once is tried again that often. */
    private static final int CATCH_UP_SECONDS = 10;

    private static final String MIRROR = "mirror";
    private static final String OUTBOX = "outbox";

    /** Of a file: whoever sends it has the list of all its blocks in memory, 17 MB of this one. */
    private static final long MOST_FILE_BYTES = 1L << 40;

    private static final int MOST_XATTR_BYTES = 1 << 20;

    private final Traits traits;
    private final ObjectStore store;
    private final Local local;
    private final Refs refs;
    private final VaultState state;
    private final VaultContent content;
    private final PastReader past;
    private final Outbox outbox;
    private final Publisher publisher;
    private final Housekeeping housekeeping;
    private final DamagedContent damages = new DamagedContent();
    private final VaultCare care;
    private final ExecutorService threads;
    private volatile boolean closed;

    /** Whether it may do something later of its own accord. */
    private volatile boolean hasTime;

    private final AtomicBoolean waiting = new AtomicBoolean();

    /** Publications that are under way: what they have sent nobody names yet. */
    private final AtomicInteger publishing = new AtomicInteger();

    /**
     * This host.
     *
     * @param folder where it keeps what it knows of the vault, sealed, and what it has promised to send
     * @param host its short name, shown in the names of conflicts
     * @param records how many records of files may be in memory at a time; one takes half a kilobyte, and a fifth of that
     *     while its folder rests
     */
    public record Local(Path folder, String host, InstantSource clock, SecureRandom random, int records) {
        public static final int USUAL_RECORDS = 100_000;
    }

    private VaultVolume(
            String name,
            Supplier<OpenVault> vault,
            ObjectStore store,
            Local local,
            ExecutorService threads,
            Tiers tiers)
            throws FsException {
        Id root = vault.get().vault();
        this.traits = new Traits(name, false, true, true, MOST_FILE_BYTES);
        this.store = store;
        this.local = local;
        this.threads = threads;
        this.refs = new Refs(root);
        Parallel parallel = new Parallel(threads, PARALLEL);
        PackStore packs =
                new PackStore(store, root, generation -> vault.get().keys().sealers(generation));
        LocalDisk disk = new LocalDisk(local.folder().resolve(MIRROR));
        this.state = new VaultState(packs, root, disk, parallel, local.random(), local.records());
        this.outbox = new Outbox(new LocalDisk(local.folder().resolve(OUTBOX)), root, packs, parallel);
        this.past = new PastReader(state, packs, parallel);
        this.content = new VaultContent(packs, state, outbox::promised, parallel, () -> Id.random(local.random()));
        if (outbox.outstanding().isPresent()) {
            state.add(outbox.outstanding().get().packs());
        }
        Writing writing =
                new Writing(local.host(), () -> vault.get().header().newest().number(), local.clock(), local.random());
        this.publisher =
                new Publisher(new Publisher.Parts(state, packs, outbox, content, parallel, past), refs, writing);
        Supplier<Id> ids = () -> Id.random(local.random());
        Parallel half = new Parallel(threads, PARALLEL / 2);
        PastWriter pastWriter = new PastWriter(packs, past, half, tiers, writing.generation(), ids, local.clock());
        Compactor compactor = new Compactor(state, packs, half, tiers, writing.generation(), ids, pastWriter);
        this.housekeeping = new Housekeeping(compactor, tiers.grace(), threads, local.clock());
        PutBack putBack = new PutBack(state, packs, writing.generation(), ids);
        LostAndFound lost = new LostAndFound(state, publisher, root, ids, local.clock());
        Examined examined = new Examined(disk, root, local.clock());
        Collector collector = collector(vault, packs, parallel, writing, tiers.collecting());
        this.care = new VaultCare(
                new VaultCare.Parts(
                        state,
                        packs,
                        publisher,
                        content,
                        parallel,
                        damages,
                        putBack,
                        lost,
                        examined,
                        past,
                        collector,
                        local.clock()),
                root);
    }

    private Collector collector(
            Supplier<OpenVault> vault, PackStore packs, Parallel parallel, Writing writing, Collecting rules) {
        MarkStore marks = new MarkStore(
                store, vault.get().vault(), generation -> vault.get().keys().sealers(generation));
        return new Collector(
                new Collector.Parts(state, packs, marks, past, parallel, local.clock()),
                new Collector.Self(
                        vault.get().device().device(),
                        () -> known(vault.get()),
                        writing.generation(),
                        () -> Id.random(local.random()),
                        () -> publishing.get() == 0 && outbox.outstanding().isEmpty()),
                rules);
    }

    private static Collector.Known known(OpenVault vault) {
        Set<Id> devices =
                vault.header().devices().stream().map(Statement.Device::device).collect(Collectors.toSet());
        return new Collector.Known(devices, vault.records());
    }

    /**
     * Opens the volume of a vault with what this host knows of it; makes no request.
     *
     * @param vault as it is known at a time: key generations may come while it is open
     * @param store of the vault; closed with the volume
     */
    public static VaultVolume open(String name, Supplier<OpenVault> vault, ObjectStore store, Local local)
            throws FsException {
        return open(name, vault, store, local, threads());
    }

    /** @param retention of what was replaced, in what this host compacts */
    public static VaultVolume open(
            String name, Supplier<OpenVault> vault, ObjectStore store, Local local, Retention retention)
            throws FsException {
        return open(name, vault, store, local, threads(), Tiers.USUAL.keeping(retention));
    }

    private static ExecutorService threads() {
        AtomicInteger count = new AtomicInteger();
        return Executors.newFixedThreadPool(2 * PARALLEL, task -> {
            Thread thread = new Thread(task, "vault-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** @param threads for requests; ended with the volume */
    public static VaultVolume open(
            String name, Supplier<OpenVault> vault, ObjectStore store, Local local, ExecutorService threads)
            throws FsException {
        return open(name, vault, store, local, threads, Tiers.USUAL);
    }

    /**
     * @param threads for requests; ended with the volume
     * @param tiers when packs are compacted
     */
    public static VaultVolume open(
            String name,
            Supplier<OpenVault> vault,
            ObjectStore store,
            Local local,
            ExecutorService threads,
            Tiers tiers)
            throws FsException {
        boolean done = false;
        try {
            VaultVolume volume = new VaultVolume(name, vault, store, local, threads, tiers);
            done = true;
            return volume;
        } finally {
            if (!done) {
                threads.shutdownNow();
            }
        }
    }

    @Override
    public Traits traits() {
        return traits;
    }

    @Override
    public String description() {
        return store.capabilities().description();
    }

    @Override
    public List<Entry> list(String directory) throws FsException {
        List<Id> group = refs.directories(directory);
        state.refresh(group);
        publisher.found(state.ask((all, tree) -> tree.lostIn(group)), state.ask((all, tree) -> tree.namelessIn(group)));
        if (publisher.isBehind() && !closed) {
            threads.execute(publisher::catchUp);
        }
        housekeeping.touched(group);
        return entries(group);
    }

    @Override
    public Optional<List<Entry>> known(String directory) {
        List<Id> group = refs.directories(directory);
        return state.known(group) ? Optional.of(entries(group)) : Optional.empty();
    }

    private List<Entry> entries(List<Id> group) {
        return state.ask((all, tree) -> {
            List<Entry> entries = new ArrayList<>();
            for (Shown each : tree.list(group).values()) {
                entries.add(new Entry(
                        new FileName(each.name()), refs.of(each), Versions.of(each), attributes(tree, each), true));
            }
            return entries;
        });
    }

    /** A directory was changed when something last came to a name in it or went from it, if not later. */
    private static Attributes attributes(Tree tree, Shown shown) {
        Attributes attributes = shown.state().attributes();
        for (Id id : shown.directories()) {
            Directory directory = tree.directory(id);
            Timestamp changed = directory == null ? null : directory.changed();
            if (changed != null && changed.compareTo(attributes.ctime()) > 0) {
                attributes = attributes.withMtime(changed).withCtime(changed);
            }
        }
        return attributes;
    }

    @Override
    public OptionalLong newNumber() {
        return OptionalLong.of(Refs.newNumber(local.random()));
    }

    @Override
    public OptionalLong numberOf(String ref) {
        return OptionalLong.of(Refs.numberOf(ref));
    }

    @Override
    public void describe(List<Entry> entries, Consumer<Entry> sink) {
        entries.forEach(sink);
    }

    @Override
    public void read(String ref, EntryVersion version, long offset, ByteBuffer into) throws FsException {
        EntryRecord record = find(Versions.behind(version));
        if (record == null || !(record.state() instanceof Here here)) {
            throw new FsException.Stale("this version is no longer known");
        }
        int wanted = (int) Math.min(into.remaining(), Math.max(0, version.size() - offset));
        if (wanted == 0) {
            return;
        }
        int limit = into.limit();
        into.limit(into.position() + wanted);
        try {
            content.read(here.inode(), here.content(), offset, into);
            damages.readable(here.content(), offset, wanted);
        } catch (FsException.Corrupt e) {
            damages.note(
                    new DamagedContent.Damage(Versions.behind(version), here.inode(), here.content(), offset, wanted));
            throw e;
        } finally {
            into.limit(limit);
        }
    }

    /**
     * A record that says that something is there; looked for in the store if none of them is known here, and in the history
     * if a compaction has dropped it.
     */
    private @Nullable EntryRecord find(List<VersionId> ids) throws FsException {
        EntryRecord known = findKnown(ids);
        if (known != null) {
            return known;
        }
        state.refresh(ids.stream().map(VersionId::directory).distinct().toList());
        EntryRecord read = findKnown(ids);
        if (read != null) {
            return read;
        }
        past.recall(ids);
        return findKnown(ids);
    }

    private @Nullable EntryRecord findKnown(List<VersionId> ids) {
        return state.ask((all, tree) -> ids.stream()
                        .map(each -> Commit.find(tree, each))
                        .filter(each -> each != null && each.state() instanceof Here)
                        .findFirst())
                .orElse(null);
    }

    /** Everything has a place: a name is sealed in a record. */
    @Override
    public String place(String directory, FileName name, FileKind kind) {
        return "";
    }

    @Override
    public Part part(long offset) {
        long start = offset / VaultContent.BLOCK_BYTES * VaultContent.BLOCK_BYTES;
        return new Part(start, start + VaultContent.BLOCK_BYTES);
    }

    @Override
    public void checkStorable(Attributes attributes) throws FsException {
        long bytes = 0;
        for (var each : attributes.xattrs().entrySet()) {
            bytes += each.getKey().length() + each.getValue().length();
        }
        if (bytes > MOST_XATTR_BYTES) {
            throw new FsException.NoSpace("extended attributes of more than " + MOST_XATTR_BYTES + " bytes");
        }
    }

    @Override
    public boolean sameVersion(EntryVersion known, EntryVersion listed) {
        return known.token().equals(listed.token());
    }

    @Override
    public Prepared prepare(Change change) {
        return new Prepared(change, HexFormat.of().toHexDigits(local.random().nextLong()), List.of());
    }

    /** What was promised arrives for certain, so it is sent first. */
    @Override
    public Optional<Source> recognise(String ref, List<String> tokens, @Nullable Source source, Duration patience)
            throws FsException {
        publisher.flush(patience);
        for (int i = tokens.size() - 1; i >= 0; i--) {
            Optional<Became> became = outbox.recognise(tokens.get(i));
            if (became.isPresent()) {
                VersionId id =
                        new VersionId(became.get().directory(), became.get().dot());
                EntryRecord record = find(List.of(id));
                if (record != null && record.state() instanceof Here here) {
                    boolean directory = here.attributes().kind() == FileKind.DIRECTORY;
                    EntryVersion version = Versions.of(List.of(id), here.content(), here.attributes());
                    return Optional.of(
                            new Source(directory ? refs.of(List.of(here.inode())) : refs.of(here.inode()), version));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public void pin(Supplier<Set<EntryVersion>> pending) {
        state.pins.ask(pending);
    }

    /** What an earlier process had promised is in the outbox; anything else was never sent. */
    @Override
    public void inherit() {}

    @Override
    public void publish(List<Prepared> changes, OutcomeSink sink) {
        publishing.incrementAndGet();
        try {
            publisher.publish(changes, sink);
        } finally {
            publishing.decrementAndGet();
        }
        housekeeping.touched(refs.changed(changes));
        catchUpLater();
    }

    /** Also if nobody lists anything here meanwhile. */
    private void catchUpLater() {
        if (hasTime && publisher.isBehind() && waiting.compareAndSet(false, true)) {
            CompletableFuture.delayedExecutor(CATCH_UP_SECONDS, TimeUnit.SECONDS, threads)
                    .execute(() -> {
                        waiting.set(false);
                        publisher.catchUp();
                        catchUpLater();
                    });
        }
    }

    @Override
    public void knock() throws FsException {
        store.list("", false, "", 1);
    }

    @Override
    public ObjectStore.Statistics statistics() throws FsException {
        return store.statistics();
    }

    /**
     * Learns everything that the store has, in the background, until the volume is closed; and lets the JVM learn to seal
     * fast, so that the first large file is as fast as the next.
     */
    public void learn() {
        hasTime = true;
        catchUpLater();
        CompletableFuture.delayedExecutor(WARMING_SECONDS, TimeUnit.SECONDS, threads)
                .execute(new Prewarm(local.random()));
        threads.execute(() -> {
            try {
                state.loadAll(() -> closed);
            } catch (FsException e) {
                // The store is away; what is looked at is asked for then.
            }
        });
    }

    /** What is wrong with the vault, as far as it was noticed; no names. */
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>(state.problems());
        problems.addAll(past.problems());
        return problems;
    }

    /** What is wrong with the vault, what it takes and what it was. */
    public VaultCare care() {
        return care;
    }

    @Override
    public void close() {
        closed = true;
        housekeeping.close();
        threads.shutdownNow();
        outbox.close();
        state.close();
        store.close();
    }
}
