package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.StoreRules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A bucket in a local folder: the embedded default. Every write is durable when it returns; a copy shares the bytes of
 * its source; an upload is completed without copying its parts; content is checked when it is read. The package page
 * tells what lies in the folder.
 *
 * <p>Beyond the port: etags differ between any two puts, also of the same bytes; {@code lastModified} has milliseconds
 * everywhere and grows with each version of a key. Any number of threads may use one instance; one process at a time may
 * have a folder open for writing.
 */
public final class LocalObjectStore implements ObjectStore {

    private final Folder folder;
    private final FolderLock folderLock;
    private final FileStore fileStore;
    private final boolean readOnly;
    private final LocalIndex index;
    private final IndexLog log;
    private final LocalObjects objects;
    private final LocalUploads uploads;

    /** Writes hold it shared, close alone: when close returns, nothing is written any more. */
    private final ReadWriteLock life = new ReentrantReadWriteLock();

    private volatile boolean closed;

    private LocalObjectStore(
            Folder folder,
            FolderLock folderLock,
            boolean readOnly,
            LocalIndex index,
            IndexLog log,
            LocalObjects objects,
            LocalUploads uploads)
            throws IOException {
        this.folder = folder;
        this.folderLock = folderLock;
        this.fileStore = Files.getFileStore(folder.path());
        this.readOnly = readOnly;
        this.index = index;
        this.log = log;
        this.objects = objects;
        this.uploads = uploads;
    }

    /**
     * Opens the store in a folder, and makes it if there is none.
     *
     * @param clock gives the times of objects
     * @param random makes etags and upload ids; used under a lock
     * @throws FsException.Busy another process, or another store of this one, has it open
     * @throws FsException.Invalid the folder has other files in it
     * @throws FsException.Unsupported it was written by a later version
     */
    public static LocalObjectStore open(Path folder, InstantSource clock, RandomGenerator random) throws FsException {
        return open(folder, clock, random, Disk.Probe.NONE);
    }

    /** As {@link #open(Path, InstantSource, RandomGenerator)}, with somebody who watches every change of the disk. */
    static LocalObjectStore open(Path folder, InstantSource clock, RandomGenerator random, Disk.Probe probe)
            throws FsException {
        Disk disk = new Disk(probe);
        Folder in = new Folder(folder, disk);
        try {
            in.make();
            return opened(in, disk, false, clock, () -> {
                synchronized (random) {
                    return random.nextLong();
                }
            });
        } catch (IOException e) {
            throw DiskErrors.translate(e, "open the object store in " + folder, Optional.empty());
        }
    }

    /**
     * Opens a store that is there for reading only: every write is {@link FsException.ReadOnly}, and nothing in the
     * folder is touched. Several may be open at the same time.
     *
     * @throws FsException.Busy somebody has it open for writing
     * @throws FsException.NotFound there is no store in the folder
     */
    public static LocalObjectStore openReadOnly(Path folder) throws FsException {
        Disk disk = new Disk((step, path, target) -> {
            throw new FsException.ReadOnly(path + " is not changed: the store is open for reading only");
        });
        Folder in = new Folder(folder, disk);
        if (!Files.isDirectory(in.objects())) {
            throw new FsException.NotFound("there is no object store in the folder " + folder);
        }
        try {
            return opened(in, disk, true, InstantSource.system(), () -> 0);
        } catch (IOException e) {
            throw DiskErrors.translate(e, "open the object store in " + folder, Optional.empty());
        }
    }

    private static LocalObjectStore opened(
            Folder folder, Disk disk, boolean readOnly, InstantSource clock, LongSupplier random) throws IOException {
        FolderLock lock = FolderLock.take(folder.path(), folder.lock(), !readOnly);
        boolean done = false;
        try {
            if (readOnly) {
                folder.checkFormat();
            } else {
                folder.prepare();
            }
            AtomicLong serials = new AtomicLong();
            ObjectFiles files = new ObjectFiles(disk, folder.temporary(), serials::incrementAndGet);
            OptionalLong lastEpoch = folder.lastEpoch();
            // A store that has lost count might give a number twice: what was noted under it must not be believed.
            IndexLog.Contents logged = lastEpoch.isPresent() ? IndexLog.read(folder.index()) : IndexLog.Contents.NONE;
            Recovery recovery = new Recovery(folder, disk, files, logged.known(), !readOnly);
            recovery.run();
            LocalUploads uploads = new LocalUploads(folder.uploads(), files, clock, random);
            long lastSerial = Math.max(recovery.lastSerial(), uploads.load(!readOnly));
            if (!readOnly) {
                serials.set(folder.startEpoch(lastEpoch, lastSerial));
            }
            LocalIndex index = new LocalIndex();
            index.fill(recovery.keys(), recovery.objects());
            IndexLog log =
                    readOnly ? IndexLog.none(folder.index(), disk) : IndexLog.resume(folder.index(), disk, logged);
            recovery.unlogged().forEach(known -> log.append(known.key(), known.entry()));
            List<Shard> shards = new ArrayList<>();
            for (int i = 0; i < Folder.SHARDS; i++) {
                shards.add(new Shard(disk, folder.objects(), folder.shard(i)));
            }
            LocalObjects objects = new LocalObjects(files, index, log, shards, recovery.damages(), clock, random);
            LocalObjectStore store = new LocalObjectStore(folder, lock, readOnly, index, log, objects, uploads);
            done = true;
            return store;
        } finally {
            if (!done) {
                lock.close();
            }
        }
    }

    private interface Task<T> {
        T run() throws IOException;
    }

    private <T> T reading(String what, Object of, Task<T> task) throws FsException {
        if (closed) {
            throw isClosed();
        }
        try {
            return task.run();
        } catch (IOException e) {
            throw DiskErrors.translate(e, what + " " + of, Optional.empty());
        }
    }

    private <T> T writing(String what, Object of, Task<T> task) throws FsException {
        if (readOnly) {
            throw new FsException.ReadOnly("the object store in " + folder.path() + " is open for reading only");
        }
        Lock open = life.readLock();
        open.lock();
        try {
            if (closed) {
                throw isClosed();
            }
            return task.run();
        } catch (IOException e) {
            throw DiskErrors.translate(e, what + " " + of, Optional.of(fileStore));
        } finally {
            open.unlock();
        }
    }

    private FsException isClosed() {
        return new FsException.Unavailable("the object store in " + folder.path() + " is closed");
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                StoreRules.MAX_KEY_BYTES, StoreRules.MAX_USER_METADATA_BYTES, 1, true, "folder " + folder.path());
    }

    @Override
    public ObjectHead head(ObjectKey key) throws FsException {
        StoreRules.key(key);
        return reading("read", key, () -> objects.read(key, 0, ByteBuffer.allocate(0), null));
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        StoreRules.key(key);
        StoreRules.range(offset, into);
        return reading("read", key, () -> objects.read(key, offset, into, ifMatch));
    }

    @Override
    public PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        return writing("store", key, () -> objects.put(key, body, metadata));
    }

    @Override
    public PutResult copy(
            ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        StoreRules.key(source);
        StoreRules.key(target);
        if (metadata != null) {
            StoreRules.metadata(metadata);
        }
        return writing("copy " + source + " to", target, () -> objects.copy(source, ifMatch, target, metadata));
    }

    @Override
    public void delete(ObjectKey key) throws FsException {
        StoreRules.key(key);
        writing("delete", key, () -> {
            objects.delete(key);
            return true;
        });
    }

    @Override
    public Map<ObjectKey, FsException> deleteMany(List<ObjectKey> keys) throws FsException {
        StoreRules.keys(keys);
        return writing("delete", keys.size() + " objects", () -> {
            Map<ObjectKey, FsException> failed = new HashMap<>();
            objects.deleteMany(keys)
                    .forEach((key, e) ->
                            failed.put(key, DiskErrors.translate(e, "delete " + key, Optional.of(fileStore))));
            return failed;
        });
    }

    @Override
    public ListPage list(String prefix, boolean delimiter, String after, int limit) throws FsException {
        StoreRules.limit(limit);
        return reading("list", prefix, () -> index.list(prefix, delimiter, after, limit));
    }

    @Override
    public String startUpload(ObjectKey key, ObjectMetadata metadata) throws FsException {
        StoreRules.key(key);
        StoreRules.metadata(metadata);
        return writing("start an upload of", key, () -> uploads.start(key, metadata));
    }

    @Override
    public String uploadPart(ObjectKey key, String uploadId, int part, Body body) throws FsException {
        StoreRules.key(key);
        StoreRules.part(part, body);
        return writing(
                "store a part of", key, () -> uploads.add(key, uploadId, part, place -> objects.part(body, place)));
    }

    @Override
    public String copyPart(ObjectKey key, String uploadId, int part, PartSource source) throws FsException {
        StoreRules.key(key);
        StoreRules.key(source.key());
        StoreRules.part(part);
        return writing(
                "copy a part of", key, () -> uploads.add(key, uploadId, part, place -> objects.part(source, place)));
    }

    @Override
    public PutResult completeUpload(ObjectKey key, String uploadId, List<Part> parts) throws FsException {
        StoreRules.key(key);
        StoreRules.parts(parts);
        return writing(
                "complete the upload of",
                key,
                () -> uploads.complete(key, uploadId, parts, (pieces, metadata) -> objects.put(key, pieces, metadata)));
    }

    @Override
    public void abortUpload(ObjectKey key, String uploadId) throws FsException {
        StoreRules.key(key);
        writing("abort the upload of", key, () -> {
            uploads.abort(key, uploadId);
            return true;
        });
    }

    @Override
    public List<PendingUpload> pendingUploads(String prefix) throws FsException {
        return reading("list the uploads of", prefix, () -> uploads.pending(prefix));
    }

    @Override
    public Statistics statistics() throws FsException {
        return reading(
                "measure",
                folder.path(),
                () -> new Statistics(
                        Optional.of(index.usedBytes()),
                        Optional.of(fileStore.getTotalSpace()),
                        Optional.of(fileStore.getUsableSpace())));
    }

    /** Objects whose header could not be read at start and whose key was not written since. */
    public List<DamagedObject> damaged() {
        return objects.damaged();
    }

    /** Waits for writes that are under way. */
    @Override
    public void close() {
        life.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            if (log.isUnsorted(index.count())) {
                log.rewrite(index.all());
            }
            log.close();
            folderLock.close();
        } finally {
            life.writeLock().unlock();
        }
    }
}
