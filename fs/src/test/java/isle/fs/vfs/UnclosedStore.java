package isle.fs.vfs;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** A store that outlives those who use it, and can be cut off from one of them as by the end of its process. */
final class UnclosedStore implements ObjectStore {
    private final ObjectStore store;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Hook hook;
    private boolean cut;
    private volatile boolean away;

    /** Writes that were given up without an answer, and that the store has not taken up yet. */
    private final List<Request<?>> late = new ArrayList<>();

    private boolean delays;

    /** Called before and after each request that changes the store, with no lock held. */
    interface Hook {
        void now() throws FsException;
    }

    UnclosedStore(ObjectStore store, Hook hook) {
        this(store, hook, null);
    }

    /** @param earlier of the process before, whose requests may arrive yet */
    UnclosedStore(ObjectStore store, Hook hook, @Nullable UnclosedStore earlier) {
        this.store = store;
        this.hook = hook;
        if (earlier != null) {
            late.addAll(earlier.late);
            earlier.late.clear();
        }
    }

    /** Requests under way end first; later ones reach nothing. */
    void cut() {
        lock.writeLock().lock();
        try {
            cut = true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private interface Request<T> {
        T send() throws FsException;
    }

    /** From now on nothing reaches the store, until it is there again. */
    void away(boolean isAway) {
        away = isAway;
    }

    private <T> T pass(Request<T> request) throws FsException {
        lock.readLock().lock();
        try {
            if (cut || away) {
                throw new FsException.Unavailable("cut off");
            }
            return request.send();
        } finally {
            lock.readLock().unlock();
        }
    }

    private <T> T change(Request<T> request) throws FsException {
        hook.now();
        T result = pass(request);
        hook.now();
        return result;
    }

    /** As {@link #change}, for what takes effect when the store takes it up, however late. */
    private <T> T write(Request<T> request) throws FsException {
        delays = false;
        try {
            hook.now();
        } catch (FsException e) {
            if (delays) {
                late.add(request);
            }
            throw e;
        }
        T result = pass(request);
        delays = false;
        hook.now();
        return result;
    }

    /** Called by the hook that is about to fail: the request lies somewhere on its way, and will arrive. */
    void delay() {
        delays = true;
    }

    /** What was on its way must have arrived. */
    void arriveAll() {
        Random order = new Random(late.size());
        boolean more = arrive(order);
        while (more) {
            more = arrive(order);
        }
    }

    /** One of the late requests arrives now; false if there is none. */
    boolean arrive(Random random) {
        if (late.isEmpty()) {
            return false;
        }
        try {
            late.remove(random.nextInt(late.size())).send();
        } catch (FsException e) {
            // Nobody hears of it.
            return true;
        }
        return true;
    }

    @Override
    public Capabilities capabilities() {
        return store.capabilities();
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        return pass(() -> store.head(key));
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        return pass(() -> store.get(key, offset, into, ifMatch));
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        Body sent = whole(body);
        return write(() -> store.put(key, sent, metadata));
    }

    /** What has left the host does not need its disk any more. */
    private static Body whole(Body body) {
        try (InputStream stream = body.open()) {
            return Body.of(stream.readAllBytes());
        } catch (IOException e) {
            return body;
        }
    }

    @Override
    public PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        return write(() -> store.copy(source, ifMatch, target, metadata));
    }

    @Override
    public void delete(ObjectKey key) throws FsException {
        write(() -> {
            store.delete(key);
            return true;
        });
    }

    @Override
    public Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException {
        return write(() -> store.deleteMany(keys));
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        return pass(() -> store.list(prefix, delimiter, after, limit));
    }

    @Override
    public String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        return change(() -> store.startUpload(key, metadata));
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        return change(() -> store.uploadPart(key, uploadId, part, body));
    }

    @Override
    public String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException {
        return change(() -> store.copyPart(key, uploadId, part, source));
    }

    @Override
    public PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        return write(() -> store.completeUpload(key, uploadId, parts));
    }

    @Override
    public void abortUpload(ObjectKey key, String uploadId) throws FsException {
        pass(() -> {
            store.abortUpload(key, uploadId);
            return true;
        });
    }

    @Override
    public List<PendingUpload> pendingUploads(String prefix) throws FsException {
        return pass(() -> store.pendingUploads(prefix));
    }

    @Override
    public Statistics statistics() throws FsException {
        return pass(() -> store.statistics());
    }

    @Override
    public void close() {}
}
