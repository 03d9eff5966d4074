package isle.fs.plain;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The volume of {@code public/} and {@code protected/}: one object per file, key = path, so that any S3 tool reads it.
 * Directories are empty objects whose key ends in a slash, or implied by the keys below them.
 */
public final class PlainVolume implements Volume {
    /** Requests in flight of one volume's commits and sweeps; more gain nothing on Garage. */
    private static final int PARALLEL = 8;

    private static final int PARTS_IN_FLIGHT = 4;

    private static final int MAX_SYMLINK_BYTES = 4096;

    private final Traits traits;
    private final ObjectStore store;
    private final PlainMetadata metadata;
    private final RandomGenerator random;
    private final Parts parts;
    private final Unanswered unanswered;
    private final Publisher publisher;
    private final Sending sending;

    /**
     * Who this host is, for objects that say nothing of their owner and for names of conflicts.
     *
     * @param host short name, shown in conflict names
     */
    public record Local(int uid, int gid, String host, InstantSource clock, RandomGenerator random) {}

    /**
     * How a volume sends its requests; it ends both pools when it is closed.
     *
     * @param changes for commits and sweeps
     * @param parts for the parts of large files, which a commit waits for
     * @param partBytes size of the first parts of a large file
     * @param quiet for what was given up
     */
    public record Sending(ExecutorService changes, ExecutorService parts, long partBytes, Quiet quiet) {}

    /** Waits until what is on its way to the store must have arrived. */
    public interface Quiet {
        void await(Duration time) throws InterruptedException;
    }

    public PlainVolume(String name, ObjectStore store, Local local) {
        this(name, store, local, sendingOf(name));
    }

    public PlainVolume(String name, ObjectStore store, Local local, Sending sending) {
        this.parts = new Parts(sending.partBytes());
        this.traits = new Traits(name, false, false, true, parts.mostBytes());
        this.store = store;
        this.metadata = new PlainMetadata(local.uid(), local.gid());
        this.random = local.random();
        this.sending = sending;
        Upload upload = new Upload(store, sending.parts(), parts);
        ConflictNames conflictNames = new ConflictNames(local.host(), local.clock());
        this.unanswered = new Unanswered(store, sending.quiet());
        this.publisher = new Publisher(store, metadata, sending.changes(), upload, conflictNames, unanswered);
    }

    private static Sending sendingOf(String name) {
        return new Sending(
                threads("store-" + name, PARALLEL),
                threads("part-" + name, PARTS_IN_FLIGHT),
                Parts.STANDARD.smallBytes(),
                Unanswered::sleep);
    }

    private static ExecutorService threads(String name, int most) {
        AtomicInteger count = new AtomicInteger();
        return Executors.newFixedThreadPool(most, task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
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
        List<ObjectSummary> objects = new ArrayList<>();
        Set<String> directories = new HashSet<>();
        String after = "";
        while (true) {
            ListPage page = store.list(directory, true, after, ObjectStore.MAX_PAGE);
            objects.addAll(page.objects());
            directories.addAll(page.commonPrefixes());
            Optional<String> next = page.next();
            if (next.isEmpty()) {
                break;
            }
            after = next.get();
        }
        return entries(directory, objects, directories);
    }

    private List<Entry> entries(String directory, List<ObjectSummary> objects, Set<String> directories) {
        Map<FileName, Entry> entries = new HashMap<>();
        for (String prefix : directories) {
            FileName name = PlainKeys.name(prefix.substring(directory.length(), prefix.length() - 1));
            Attributes attributes = metadata.guess(FileKind.DIRECTORY, 0, Timestamp.EPOCH);
            entries.put(name, new Entry(name, prefix, null, attributes, false));
        }
        for (ObjectSummary object : objects) {
            String key = object.key().value();
            if (key.equals(directory)) {
                continue;
            }
            String part = key.substring(directory.length());
            FileName name = directories.contains(key + "/") ? PlainKeys.besideDirectory(part) : PlainKeys.name(part);
            entries.put(name, entryOf(name, object));
        }
        return List.copyOf(entries.values());
    }

    private Entry entryOf(FileName name, ObjectSummary object) {
        Timestamp modified = Timestamp.of(object.lastModified());
        Attributes attributes = metadata.guess(FileKind.FILE, object.size(), modified);
        return new Entry(name, object.key().value(), PlainVersions.of(object), attributes, false);
    }

    @Override
    public void describe(List<Entry> entries, Consumer<Entry> sink) throws FsException {
        Parallel.run(sending.changes(), entries, entry -> describe(entry, sink));
    }

    private void describe(Entry entry, Consumer<Entry> sink) throws FsException {
        boolean directory = entry.ref().endsWith("/");
        try {
            sink.accept(describeObject(entry, directory));
        } catch (FsException.NotFound e) {
            if (directory) {
                // Implied by the keys below it: there is nothing more to know.
                sink.accept(new Entry(entry.name(), entry.ref(), null, entry.attributes(), true));
            }
        }
    }

    private Entry describeObject(Entry entry, boolean directory) throws FsException {
        ObjectKey key = PlainKeys.key(entry.ref());
        ObjectHead head = store.head(key);
        String target = directory ? null : symlinkTarget(key, head);
        Timestamp modified = Timestamp.of(head.summary().lastModified());
        EntryVersion found = PlainVersions.of(head.summary());
        EntryVersion listed = entry.version();
        if (listed != null && PlainVersions.same(listed, found)) {
            found = listed;
            modified = entry.attributes().mtime();
        }
        Attributes attributes =
                metadata.decode(head.metadata(), directory, head.summary().size(), modified, target);
        return new Entry(entry.name(), entry.ref(), directory ? null : found, attributes, true);
    }

    private @Nullable String symlinkTarget(ObjectKey key, ObjectHead head) throws FsException {
        if (!PlainMetadata.isSymlink(head.metadata())) {
            return null;
        }
        ByteBuffer target = ByteBuffer.allocate(
                (int) Math.min(MAX_SYMLINK_BYTES, head.summary().size()));
        store.get(key, 0, target, head.summary().etag());
        return new String(target.array(), 0, target.position(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void read(String ref, EntryVersion version, long offset, ByteBuffer into) throws FsException {
        int wanted = (int) Math.min(into.remaining(), Math.max(0, version.size() - offset));
        if (wanted == 0) {
            return;
        }
        int end = into.position() + wanted;
        int limit = into.limit();
        into.limit(end);
        try {
            store.get(PlainKeys.key(ref), offset, into, PlainVersions.etag(version));
        } catch (FsException.PreconditionFailed e) {
            throw new FsException.Stale("another version is in the store by now", e);
        } finally {
            into.limit(limit);
        }
        if (into.position() != end) {
            throw new FsException.Corrupt("the store gave fewer bytes than the version has");
        }
    }

    @Override
    public String place(String directory, FileName name, FileKind kind) throws FsException {
        return PlainKeys.place(directory, name, kind, store.capabilities().maxKeyBytes());
    }

    @Override
    public Part part(long offset) {
        return parts.at(offset);
    }

    @Override
    public void checkStorable(Attributes attributes) throws FsException {
        metadata.encode(attributes, "0123456789abcdef", Map.of());
    }

    @Override
    public boolean sameVersion(EntryVersion known, EntryVersion listed) {
        return PlainVersions.same(known, listed);
    }

    @Override
    public Prepared prepare(Change change) {
        if (change instanceof Change.Unname) {
            throw new IllegalArgumentException("a change of volumes by reference");
        }
        String token = String.format(java.util.Locale.ROOT, "%016x", random.nextLong());
        return new Prepared(change, token, List.of());
    }

    @Override
    public Optional<Source> recognise(String ref, List<String> tokens, @Nullable Source source, Duration patience)
            throws FsException {
        unanswered.await(ref, tokens, patience);
        ObjectHead head;
        try {
            head = store.head(PlainKeys.key(ref));
        } catch (FsException.NotFound e) {
            return Optional.empty();
        }
        String writer = head.metadata().user().get(PlainMetadata.VERSION);
        EntryVersion version = source == null ? null : source.version();
        boolean ours = (writer != null && tokens.contains(writer))
                || (version != null
                        && PlainVersions.etag(version).equals(head.summary().etag()));
        EntryVersion found = ref.endsWith("/") ? null : PlainVersions.of(head.summary());
        return ours ? Optional.of(new Source(ref, found)) : Optional.empty();
    }

    @Override
    public void inherit() {
        unanswered.inherit();
    }

    @Override
    public void publish(List<Prepared> changes, OutcomeSink sink) {
        publisher.publish(changes, sink);
    }

    @Override
    public void knock() throws FsException {
        store.list("", false, "", 1);
    }

    @Override
    public ObjectStore.Statistics statistics() throws FsException {
        return store.statistics();
    }

    @Override
    public void close() {
        sending.changes().shutdownNow();
        sending.parts().shutdownNow();
        store.close();
    }
}
