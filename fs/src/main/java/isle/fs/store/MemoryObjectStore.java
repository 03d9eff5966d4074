package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.StoreRules;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A bucket in memory, gone with the process. For tests, where two clients may share one instance, and as the plainest
 * statement of what a store does. {@link #close} changes nothing, so that each client may close it.
 */
public final class MemoryObjectStore implements ObjectStore {

    private static final Capabilities CAPABILITIES =
            new Capabilities(StoreRules.MAX_KEY_BYTES, StoreRules.MAX_USER_METADATA_BYTES, 1, true, "memory");

    private final InstantSource clock;
    private final RandomGenerator random;

    /** Changed under the lock of this object only; read without. */
    private final NavigableMap<String, Stored> objects = new ConcurrentSkipListMap<>(ObjectKey::compareUtf8);

    /** Guarded by the lock of this object. */
    private final Map<String, Upload> uploads = new HashMap<>();

    /** The newest stamp of anything that was deleted, so that a key which comes back gets a later one. */
    private long lastDeletedMillis = Long.MIN_VALUE;

    /**
     * @param clock gives the times of objects
     * @param random makes etags and upload ids; used under a lock
     */
    public MemoryObjectStore(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** Never changed once it is in the map. */
    private static final class Stored {
        private final byte[] bytes;
        private final ObjectHead head;

        Stored(byte[] bytes, ObjectHead head) {
            this.bytes = bytes;
            this.head = head;
        }

        String etag() {
            return head.summary().etag();
        }

        Instant lastModified() {
            return head.summary().lastModified();
        }
    }

    private static final class Upload {
        private final ObjectKey key;
        private final ObjectMetadata metadata;
        private final Instant started;
        private final Map<Integer, byte[]> parts = new HashMap<>();
        private final Map<Integer, String> etags = new HashMap<>();

        Upload(ObjectKey key, ObjectMetadata metadata, Instant started) {
            this.key = key;
            this.metadata = metadata;
            this.started = started;
        }
    }

    @Override
    public Capabilities capabilities() {
        return CAPABILITIES;
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        return find(key, null).head;
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        StoreRules.range(offset, into);
        Stored stored = find(key, ifMatch);
        if (offset < stored.bytes.length) {
            int count = Math.min(into.remaining(), stored.bytes.length - (int) offset);
            into.put(stored.bytes, (int) offset, count);
        }
        return stored.head;
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        byte[] bytes = BodyReader.readAll(body);
        synchronized (this) {
            return store(key, bytes, newEtag(), metadata);
        }
    }

    @Override
    public synchronized PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        StoreRules.key(target);
        if (metadata != null) {
            StoreRules.metadata(metadata);
        }
        Stored from = find(source, ifMatch);
        return store(target, from.bytes, from.etag(), metadata == null ? from.head.metadata() : metadata);
    }

    @Override
    public synchronized void delete(ObjectKey key) throws FsException {
        StoreRules.key(key);
        Stored removed = objects.remove(key.value());
        if (removed != null) {
            lastDeletedMillis =
                    Math.max(lastDeletedMillis, removed.lastModified().toEpochMilli());
        }
    }

    @Override
    public Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException {
        StoreRules.keys(keys);
        for (ObjectKey key : keys) {
            delete(key);
        }
        return Map.of();
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        StoreRules.limit(limit);
        return new Listing<>(objects, (key, stored) -> stored.head.summary()).page(prefix, delimiter, after, limit);
    }

    @Override
    public synchronized String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        String id = newEtag();
        uploads.put(id, new Upload(key, metadata, clock.instant()));
        return id;
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        StoreRules.key(key);
        StoreRules.part(part, body);
        byte[] bytes = BodyReader.readAll(body);
        synchronized (this) {
            return store(upload(key, uploadId), part, bytes);
        }
    }

    @Override
    public synchronized String copyPart(ObjectKey key, String uploadId, int part, PartSource source)
            throws FsException {
        StoreRules.key(key);
        StoreRules.part(part);
        Upload upload = upload(key, uploadId);
        Stored from = find(source.key(), source.ifMatch());
        StoreRules.source(source, from.bytes.length);
        byte[] bytes = new byte[(int) source.length()];
        System.arraycopy(from.bytes, (int) source.offset(), bytes, 0, bytes.length);
        return store(upload, part, bytes);
    }

    private String store(Upload upload, int part, byte[] bytes) {
        String etag = newEtag();
        upload.parts.put(part, bytes);
        upload.etags.put(part, etag);
        return etag;
    }

    @Override
    public synchronized PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        StoreRules.key(key);
        StoreRules.parts(parts);
        Upload upload = upload(key, uploadId);
        List<byte[]> contents = new ArrayList<>();
        int total = 0;
        for (Part part : parts) {
            byte[] bytes = upload.parts.get(part.number());
            if (bytes == null || !part.etag().equals(upload.etags.get(part.number()))) {
                throw StoreRules.noPart(key, part);
            }
            contents.add(bytes);
            total = Math.addExact(total, bytes.length);
        }
        ByteBuffer whole = ByteBuffer.allocate(total);
        contents.forEach(whole::put);
        PutResult result = store(key, whole.array(), newEtag(), upload.metadata);
        uploads.remove(uploadId);
        return result;
    }

    @Override
    public synchronized void abortUpload(ObjectKey key, String uploadId) throws FsException {
        StoreRules.key(key);
        Upload upload = uploads.get(uploadId);
        if (upload != null && upload.key.equals(key)) {
            uploads.remove(uploadId);
        }
    }

    @Override
    public synchronized List<PendingUpload> pendingUploads(String prefix) {
        List<PendingUpload> found = new ArrayList<>();
        uploads.forEach((id, upload) -> {
            if (upload.key.value().startsWith(prefix)) {
                found.add(new PendingUpload(upload.key, id, upload.started));
            }
        });
        return PendingOrder.firstPage(found);
    }

    @Override
    public Statistics statistics() {
        long used = 0;
        for (Stored stored : objects.values()) {
            used += stored.bytes.length;
        }
        return new Statistics(Optional.of(used), Optional.empty(), Optional.empty());
    }

    /** Does nothing: another client may use the same instance. */
    @Override
    public void close() {}

    private Stored find(ObjectKey key, @Nullable String ifMatch) throws FsException {
        StoreRules.key(key);
        Stored stored = objects.get(key.value());
        if (stored == null) {
            throw StoreRules.noObject(key);
        }
        StoreRules.matches(key, stored.etag(), ifMatch);
        return stored;
    }

    private Upload upload(ObjectKey key, String uploadId) throws FsException {
        Upload upload = uploads.get(uploadId);
        if (upload == null || !upload.key.equals(key)) {
            throw StoreRules.noUpload(key, uploadId);
        }
        return upload;
    }

    private PutResult store(ObjectKey key, byte[] bytes, String etag, ObjectMetadata metadata) {
        Stored previous = objects.get(key.value());
        long floor = previous == null
                ? lastDeletedMillis
                : Math.max(lastDeletedMillis, previous.lastModified().toEpochMilli());
        Instant lastModified = Instant.ofEpochMilli(Math.max(clock.millis(), floor + 1));
        ObjectSummary summary = new ObjectSummary(key, etag, bytes.length, lastModified);
        objects.put(key.value(), new Stored(bytes, new ObjectHead(summary, metadata)));
        return new PutResult(etag, Optional.of(lastModified));
    }

    private String newEtag() {
        byte[] id = new byte[16];
        random.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
