package isle.fs.plain;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.PutResult;
import isle.fs.spi.Volume.After;
import isle.fs.spi.Volume.Change;
import isle.fs.spi.Volume.Entry;
import isle.fs.spi.Volume.Outcome;
import isle.fs.spi.Volume.OutcomeSink;
import isle.fs.spi.Volume.Prepared;
import isle.fs.spi.Volume.Source;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out commits of a plain volume: checks that the store still has what the change was made on, then writes. A
 * name that somebody else changed meanwhile keeps what they wrote; ours goes beside it.
 */
final class Publisher {
    private final ObjectStore store;
    private final PlainMetadata metadata;
    private final Executor pool;
    private final ConflictNames conflictNames;
    private final Upload upload;
    private final BaseCheck bases;
    private final Unanswered unanswered;

    Publisher(
            ObjectStore store,
            PlainMetadata metadata,
            Executor pool,
            Upload upload,
            ConflictNames conflictNames,
            Unanswered unanswered) {
        this.store = store;
        this.metadata = metadata;
        this.unanswered = unanswered;
        this.pool = pool;
        this.conflictNames = conflictNames;
        this.upload = upload;
        this.bases = new BaseCheck(store, unanswered);
    }

    void publish(List<Prepared> changes, OutcomeSink sink) {
        Map<Boolean, List<Prepared>> byOpen = changes.stream().collect(Collectors.partitioningBy(this::isOpen));
        List<Prepared> open = Objects.requireNonNull(byOpen.get(true));
        List<Prepared> others = Objects.requireNonNull(byOpen.get(false));
        if (!others.isEmpty()) {
            publishNow(others, sink);
        }
        if (open.isEmpty()) {
            return;
        }
        try {
            unanswered.await(Unanswered.LONGEST);
        } catch (FsException e) {
            open.forEach(change -> sink.outcome(change, new Outcome.Failed(e, true)));
            return;
        }
        publishNow(open, sink);
    }

    /** Whether something that was given up may still arrive where this is to be written or removed. */
    private boolean isOpen(Prepared prepared) {
        return placesOf(prepared.change()).stream().anyMatch(unanswered::isOpen);
    }

    /** Places whose objects a change replaces or removes. */
    private List<String> placesOf(Change change) {
        List<String> places = new ArrayList<>(2);
        try {
            places.add(refOf(change));
        } catch (FsException e) {
            // It cannot be written at all, which its outcome will say.
            return places;
        }
        if (change instanceof Change.Put put && put.after() != After.SOURCE_STAYS && put.source() != null) {
            places.add(put.source().ref());
        }
        return places;
    }

    private void publishNow(List<Prepared> changes, OutcomeSink sink) {
        BaseCheck.View view;
        try {
            view = bases.look(changes, this::refOf);
            bases.keepEmptied(changes, pool);
        } catch (FsException e) {
            changes.forEach(change -> sink.outcome(change, new Outcome.Failed(e, true)));
            return;
        }
        try {
            Parallel.run(pool, changes, prepared -> {
                Outcome outcome = publish(prepared, view);
                note(prepared, outcome);
                sink.outcome(prepared, outcome);
            });
        } catch (FsException e) {
            throw new IllegalStateException("a commit failed without an outcome", e);
        }
    }

    private void note(Prepared prepared, Outcome outcome) {
        for (String place : placesOf(prepared.change())) {
            if (!(outcome instanceof Outcome.Failed failed)) {
                unanswered.settled(place);
            } else if (failed.reason().isTransient()) {
                unanswered.note(place, prepared.token());
            }
        }
    }

    private String refOf(Change change) throws FsException {
        if (change instanceof Change.Remove remove) {
            return remove.ref();
        }
        Change.Put put = (Change.Put) change;
        return PlainKeys.place(
                put.directory(), put.name(), kindOf(put), store.capabilities().maxKeyBytes());
    }

    private static FileKind kindOf(Change.Put put) {
        Attributes attributes = put.attributes();
        if (attributes != null) {
            return attributes.kind();
        }
        Source source = put.source();
        return source != null && source.ref().endsWith("/") ? FileKind.DIRECTORY : FileKind.FILE;
    }

    private Outcome publish(Prepared prepared, BaseCheck.View view) {
        try {
            if (prepared.change() instanceof Change.Remove remove) {
                return remove(remove, view);
            }
            Change.Put put = (Change.Put) prepared.change();
            return put(put, prepared, refOf(put), view);
        } catch (FsException e) {
            return new Outcome.Failed(e);
        } catch (RuntimeException e) {
            return new Outcome.Failed(new FsException.Failed("a commit failed: " + e, e));
        }
    }

    private Outcome remove(Change.Remove remove, BaseCheck.View view) throws FsException {
        EntryVersion expected = remove.expected();
        EntryVersion current = view.current(remove.ref());
        boolean changed =
                !remove.directory() && expected != null && current != null && !PlainVersions.same(expected, current);
        if (changed && !isGivenUp(remove.ref(), bases.head(remove.ref()))) {
            return new Outcome.Conflict(Optional.empty(), theirs(remove.ref()));
        }
        store.delete(PlainKeys.key(remove.ref()));
        return new Outcome.Done(Optional.empty());
    }

    private Outcome put(Change.Put put, Prepared prepared, String ref, BaseCheck.View view) throws FsException {
        if (kindOf(put) == FileKind.DIRECTORY) {
            return putDirectory(put, prepared, ref);
        }
        EntryVersion expected = put.expected();
        EntryVersion current = view.current(ref);
        boolean untouched = current == null ? true : expected != null && PlainVersions.same(expected, current);
        if (!untouched && !isOwn(put, prepared, ref)) {
            return conflict(put, prepared, ref);
        }
        return new Outcome.Done(Optional.of(write(put, prepared, ref)));
    }

    /** Whether the version in the store is one that an earlier attempt of ours wrote. */
    private boolean isOwn(Change.Put put, Prepared prepared, String ref) throws FsException {
        ObjectHead head = bases.head(ref);
        if (head == null || hasToken(prepared, head) || isGivenUp(ref, head)) {
            return true;
        }
        Source source = put.source();
        EntryVersion version = source == null ? null : source.version();
        return put.content() == null
                && version != null
                && PlainVersions.etag(version).equals(head.summary().etag());
    }

    private static boolean hasToken(Prepared prepared, ObjectHead head) {
        String writer = head.metadata().user().get(PlainMetadata.VERSION);
        return writer != null && (prepared.earlierTokens().contains(writer) || writer.equals(prepared.token()));
    }

    /** Whether it is an earlier version of ours, which has arrived after it was given up. */
    private boolean isGivenUp(String ref, @Nullable ObjectHead head) {
        String writer = head == null ? null : head.metadata().user().get(PlainMetadata.VERSION);
        return writer != null && unanswered.isOf(ref, writer);
    }

    private Outcome conflict(Change.Put put, Prepared prepared, String ref) throws FsException {
        Optional<Entry> theirs = theirs(ref);
        for (int attempt = 1; ; attempt++) {
            FileName name = conflictNames.beside(put.name(), attempt);
            String beside = PlainKeys.place(
                    put.directory(), name, kindOf(put), store.capabilities().maxKeyBytes());
            if (bases.head(beside) != null) {
                continue;
            }
            Source stored;
            try {
                stored = write(put, prepared, beside);
            } catch (FsException.NotFound | FsException.Stale | FsException.PreconditionFailed e) {
                // A change of attributes alone, and what they were of is gone: theirs stands, nothing of ours is lost.
                return new Outcome.Conflict(Optional.empty(), theirs);
            }
            Attributes attributes = put.attributes();
            Entry ours = new Entry(
                    name,
                    stored.ref(),
                    stored.version(),
                    attributes != null ? attributes : metadata.guess(FileKind.FILE, 0, Timestamp.EPOCH),
                    attributes != null);
            return new Outcome.Conflict(Optional.of(ours), theirs);
        }
    }

    private Optional<Entry> theirs(String ref) throws FsException {
        ObjectHead head = bases.head(ref);
        if (head == null) {
            return Optional.empty();
        }
        String part = ref.substring(ref.lastIndexOf('/', ref.length() - 2) + 1);
        Attributes attributes = metadata.guess(
                FileKind.FILE,
                head.summary().size(),
                Timestamp.of(head.summary().lastModified()));
        return Optional.of(new Entry(PlainKeys.name(part), ref, PlainVersions.of(head.summary()), attributes, false));
    }

    private Outcome putDirectory(Change.Put put, Prepared prepared, String ref) throws FsException {
        Source source = put.source();
        Attributes attributes = put.attributes();
        boolean away = source != null && !source.ref().equals(ref);
        if (attributes == null && away && source != null) {
            try {
                store.copy(PlainKeys.key(source.ref()), null, PlainKeys.key(ref), null);
            } catch (FsException.NotFound e) {
                store.put(PlainKeys.key(ref), ObjectStore.Body.of(new byte[0]), directoryMetadata(Map.of()));
            }
        } else {
            Map<String, String> user =
                    attributes == null ? Map.of() : metadata.encode(attributes, prepared.token(), Map.of());
            store.put(PlainKeys.key(ref), ObjectStore.Body.of(new byte[0]), directoryMetadata(user));
        }
        if (put.after() != After.SOURCE_STAYS && away && source != null) {
            store.delete(PlainKeys.key(source.ref()));
        }
        return new Outcome.Done(Optional.of(new Source(ref, null)));
    }

    private static ObjectMetadata directoryMetadata(Map<String, String> user) {
        return new ObjectMetadata(user, ContentTypes.DIRECTORY, Map.of());
    }

    /** Writes the object and, for a move, takes the old one away. */
    private Source write(Change.Put put, Prepared prepared, String ref) throws FsException {
        Source source = put.source();
        Source stored;
        if (put.content() != null) {
            stored = uploadContent(put, prepared, ref);
        } else if (source != null) {
            stored = copy(put, source, prepared, ref);
        } else {
            stored = uploadSmall(put, prepared, ref);
        }
        if (put.after() != After.SOURCE_STAYS && source != null && !source.ref().equals(ref)) {
            removeSource(put, source);
        }
        return stored;
    }

    /** The old place of what was moved; left alone if somebody else has written there since. */
    private void removeSource(Change.Put put, Source source) throws FsException {
        EntryVersion version = source.version();
        if (put.content() != null && version != null) {
            ObjectHead head = bases.head(source.ref());
            boolean moved = head != null && head.summary().etag().equals(PlainVersions.etag(version));
            if (!moved && !isGivenUp(source.ref(), head)) {
                return;
            }
        }
        store.delete(PlainKeys.key(source.ref()));
    }

    private Source uploadSmall(Change.Put put, Prepared prepared, String ref) throws FsException {
        Attributes attributes = Objects.requireNonNull(put.attributes());
        byte[] body = attributes.symlinkTarget().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        ObjectMetadata sent = metadataOf(put, prepared, null);
        PutResult result = store.put(PlainKeys.key(ref), ObjectStore.Body.of(body), sent);
        return new Source(ref, PlainVersions.of(result, body.length));
    }

    private Source uploadContent(Change.Put put, Prepared prepared, String ref) throws FsException {
        Source source = put.source();
        ObjectHead before = source != null ? bases.head(source.ref()) : null;
        ObjectMetadata sent = metadataOf(put, prepared, before);
        return new Source(ref, upload.send(PlainKeys.key(ref), Objects.requireNonNull(put.content()), sent));
    }

    private Source copy(Change.Put put, Source source, Prepared prepared, String ref) throws FsException {
        EntryVersion version = Objects.requireNonNull(source.version(), "a file in the store has a version");
        ObjectKey from = PlainKeys.key(source.ref());
        ObjectKey to = PlainKeys.key(ref);
        try {
            ObjectMetadata sent = put.attributes() == null ? null : metadataOf(put, prepared, store.head(from));
            PutResult result = store.copy(from, PlainVersions.etag(version), to, sent);
            return new Source(ref, PlainVersions.of(result, version.size()));
        } catch (FsException.NotFound e) {
            // An earlier attempt may have got as far as taking the source away.
            ObjectHead head = bases.head(ref);
            boolean ours = head != null
                    && (head.summary().etag().equals(PlainVersions.etag(version)) || hasToken(prepared, head));
            if (head != null && ours) {
                return new Source(ref, PlainVersions.of(head.summary()));
            }
            throw e;
        }
    }

    private ObjectMetadata metadataOf(Change.Put put, Prepared prepared, @Nullable ObjectHead before)
            throws FsException {
        Attributes attributes = Objects.requireNonNull(put.attributes(), "content is only sent with attributes");
        Map<String, String> kept = before == null ? Map.of() : before.metadata().user();
        Map<String, String> user = metadata.encode(attributes, prepared.token(), new HashMap<>(kept));
        boolean own = before == null || before.metadata().user().containsKey(PlainMetadata.VERSION);
        String type = before == null || own
                ? ContentTypes.of(put.name())
                : before.metadata().contentType();
        Map<String, String> headers =
                before == null ? Map.of() : before.metadata().headers();
        return new ObjectMetadata(user, type, headers);
    }
}
