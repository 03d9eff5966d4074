package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Base of the decorators: every request to the store inside goes through {@link #around}. */
abstract class DecoratedObjectStore implements ObjectStore {

    final ObjectStore inner;

    DecoratedObjectStore(ObjectStore inner) {
        this.inner = inner;
    }

    /** A request that is ready to be sent. */
    interface Call<T> {
        T run() throws FsException;
    }

    /** Sends a request, with whatever the decorator does before and after. */
    abstract <T> T around(StoreRequest request, Call<T> call) throws FsException;

    private <T> T around(StoreOperation operation, String key, long bytes, Call<T> call) throws FsException {
        return around(new StoreRequest(operation, key, bytes), call);
    }

    @Override
    public Capabilities capabilities() {
        return inner.capabilities();
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        return around(StoreOperation.HEAD, key.value(), 0, () -> inner.head(key));
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        return around(StoreOperation.GET, key.value(), into.remaining(), () -> inner.get(key, offset, into, ifMatch));
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        return around(StoreOperation.PUT, key.value(), body.size(), () -> inner.put(key, body, metadata));
    }

    @Override
    public PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        return around(StoreOperation.COPY, target.value(), 0, () -> inner.copy(source, ifMatch, target, metadata));
    }

    @Override
    public void delete(ObjectKey key) throws FsException {
        around(StoreOperation.DELETE, key.value(), 0, () -> {
            inner.delete(key);
            return true;
        });
    }

    @Override
    public Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException {
        return around(StoreOperation.DELETE_MANY, "", 0, () -> inner.deleteMany(keys));
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        return around(StoreOperation.LIST, prefix, 0, () -> inner.list(prefix, delimiter, after, limit));
    }

    @Override
    public String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        return around(StoreOperation.START_UPLOAD, key.value(), 0, () -> inner.startUpload(key, metadata));
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        return around(
                StoreOperation.UPLOAD_PART,
                key.value(),
                body.size(),
                () -> inner.uploadPart(key, uploadId, part, body));
    }

    @Override
    public String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException {
        return around(StoreOperation.COPY_PART, key.value(), 0, () -> inner.copyPart(key, uploadId, part, source));
    }

    @Override
    public PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        return around(StoreOperation.COMPLETE_UPLOAD, key.value(), 0, () -> inner.completeUpload(key, uploadId, parts));
    }

    @Override
    public void abortUpload(ObjectKey key, String uploadId) throws FsException {
        around(StoreOperation.ABORT_UPLOAD, key.value(), 0, () -> {
            inner.abortUpload(key, uploadId);
            return true;
        });
    }

    @Override
    public List<PendingUpload> pendingUploads(String prefix) throws FsException {
        return around(StoreOperation.PENDING_UPLOADS, prefix, 0, () -> inner.pendingUploads(prefix));
    }

    @Override
    public Statistics statistics() throws FsException {
        return around(StoreOperation.STATISTICS, "", 0, inner::statistics);
    }

    @Override
    public void close() {
        inner.close();
    }
}
