package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PendingUpload;
import isle.fs.spi.ObjectStore.PutResult;
import isle.fs.spi.StoreRules;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Uploads in parts. Each has a directory, with a header file of its own that has the key and the metadata, and its parts
 * in the form of objects. They outlive a restart.
 */
final class LocalUploads {

    /** An upload in which nothing has happened for so long is given up at the next start. */
    static final Duration MAX_IDLE = Duration.ofDays(1);

    private static final String RECORD = "upload";

    private final Path folder;
    private final ObjectFiles files;
    private final InstantSource clock;
    private final LongSupplier random;
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();

    LocalUploads(Path folder, ObjectFiles files, InstantSource clock, LongSupplier random) {
        this.folder = folder;
        this.files = files;
        this.clock = clock;
        this.random = random;
    }

    private static final class Upload {
        private final Path directory;
        private final Header record;
        private final Map<Integer, Header> parts = new ConcurrentHashMap<>();

        /** Held shared while a part comes in, alone while the upload ends: no part lands in what is being removed. */
        private final ReadWriteLock lock = new ReentrantReadWriteLock();

        private volatile boolean over;

        Upload(Path directory, Header record) {
            this.directory = directory;
            this.record = record;
        }

        Place place(int part) {
            return new Place(directory, Integer.toString(part));
        }

        Instant started() {
            return Instant.ofEpochMilli(record.entry().lastModifiedMillis());
        }
    }

    /** Brings content to the place of a part. */
    interface Filler {
        Content fill(Place place) throws IOException;
    }

    /** Makes an object out of an upload. */
    interface Finisher {
        PutResult finish(List<Assembler.Piece> pieces, ObjectMetadata metadata) throws IOException;
    }

    /**
     * Finds the uploads of earlier runs.
     *
     * @param clean whether to remove what is too old or was never begun properly
     * @return the greatest serial in any name
     */
    long load(boolean clean) throws IOException {
        long lastSerial = 0;
        List<Path> directories = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            all.forEach(directories::add);
        }
        for (Path directory : directories) {
            String[] names = directory.toFile().list();
            List<Place.Name> found = new ArrayList<>();
            for (String name : names == null ? new String[0] : names) {
                Place.Name.parse(name).ifPresent(found::add);
            }
            for (Place.Name name : found) {
                lastSerial = Math.max(lastSerial, name.serial());
            }
            load(directory, found, clean);
        }
        return lastSerial;
    }

    private void load(Path directory, List<Place.Name> names, boolean clean) {
        Optional<Upload> upload;
        try {
            upload = read(directory, names);
        } catch (IOException e) {
            // The disk cannot read it now: it may at another start.
            return;
        }
        if (upload.isPresent() && !(clean && isForgotten(upload.get()))) {
            uploads.put(id(directory), upload.get());
        } else if (clean) {
            removeDirectory(directory);
        }
    }

    private static String id(Path directory) {
        return directory.getFileName().toString();
    }

    /** Empty when the upload was never begun properly, or its record is damaged. */
    private Optional<Upload> read(Path directory, List<Place.Name> names) throws IOException {
        Upload upload = null;
        for (Place.Name name : names) {
            if (name.isHeader() && name.stem().equals(RECORD)) {
                Header record = readHeader(directory, name);
                upload = record == null ? null : new Upload(directory, record);
            }
        }
        if (upload == null) {
            return Optional.empty();
        }
        for (Place.Name name : names) {
            if (name.isHeader() && name.stem().matches("\\d{1,5}")) {
                Header part = readHeader(directory, name);
                if (part != null) {
                    upload.parts.merge(Integer.parseInt(name.stem()), part, LocalUploads::later);
                }
            }
        }
        return Optional.of(upload);
    }

    /** Null when it is damaged: a part that is no longer known has to be sent again. */
    private @Nullable Header readHeader(Path directory, Place.Name name) throws IOException {
        try {
            return files.readHeader(new Place(directory, name.stem()), name.serial());
        } catch (FsException.Corrupt e) {
            return null;
        }
    }

    private static Header later(Header a, Header b) {
        return a.entry().serial() > b.entry().serial() ? a : b;
    }

    private boolean isForgotten(Upload upload) {
        long last = upload.record.entry().lastModifiedMillis();
        for (Header part : upload.parts.values()) {
            last = Math.max(last, part.entry().lastModifiedMillis());
        }
        return clock.millis() - last > MAX_IDLE.toMillis();
    }

    String start(ObjectKey key, ObjectMetadata metadata) throws IOException {
        long serial = files.nextSerial();
        String id = Long.toHexString(serial) + "-" + HexFormat.of().toHexDigits(random.getAsLong());
        Path directory = folder.resolve(id);
        Content none = Content.inline(new byte[0]);
        Header record = files.describe(key, none, 0, 0, clock.millis(), metadata);
        boolean started = false;
        try {
            files.disk().makeDirectory(directory);
            files.publish(new Place(directory, RECORD), record, none);
            files.disk().forceDirectory(folder);
            started = true;
        } finally {
            if (!started) {
                removeDirectory(directory);
            }
        }
        uploads.put(id, new Upload(directory, record));
        return id;
    }

    /** Adds a part, durably, and returns its etag. */
    String add(ObjectKey key, String id, int number, Filler filler) throws IOException {
        Upload upload = find(key, id);
        upload.lock.readLock().lock();
        try {
            if (upload.over) {
                throw StoreRules.noUpload(key, id);
            }
            Place place = upload.place(number);
            Content content = filler.fill(place);
            Header header = files.describe(
                    key, content, files.nextSerial(), random.getAsLong(), clock.millis(), ObjectMetadata.NONE);
            boolean published = false;
            try {
                files.publish(place, header, content);
                published = true;
            } finally {
                if (!published) {
                    discard(place, header);
                }
            }
            upload.parts.merge(number, header, (before, now) -> {
                Header winner = later(before, now);
                discard(place, winner.equals(before) ? now : before);
                return winner;
            });
            return header.entry().etag();
        } finally {
            upload.lock.readLock().unlock();
        }
    }

    private void discard(Place place, Header header) {
        ObjectFiles.names(place, header.entry(), true).forEach(files.disk()::discard);
    }

    PutResult complete(ObjectKey key, String id, List<Part> parts, Finisher finisher) throws IOException {
        Upload upload = find(key, id);
        upload.lock.writeLock().lock();
        try {
            if (upload.over) {
                throw StoreRules.noUpload(key, id);
            }
            List<Assembler.Piece> pieces = new ArrayList<>();
            for (Part part : parts) {
                Header header = upload.parts.get(part.number());
                if (header == null || !header.entry().etag().equals(part.etag())) {
                    throw StoreRules.noPart(key, part);
                }
                pieces.add(Assembler.Piece.whole(upload.place(part.number()), header));
            }
            PutResult result = finisher.finish(pieces, upload.record.metadata());
            end(id, upload);
            return result;
        } finally {
            upload.lock.writeLock().unlock();
        }
    }

    void abort(ObjectKey key, String id) {
        Upload upload = uploads.get(id);
        if (upload == null || !upload.record.key().equals(key)) {
            return;
        }
        upload.lock.writeLock().lock();
        try {
            end(id, upload);
        } finally {
            upload.lock.writeLock().unlock();
        }
    }

    /** What cannot be removed now is removed by a later start. */
    private void end(String id, Upload upload) {
        upload.over = true;
        uploads.remove(id);
        files.disk()
                .discard(new Place(upload.directory, RECORD)
                        .header(upload.record.entry().serial()));
        removeDirectory(upload.directory);
    }

    private void removeDirectory(Path directory) {
        String[] names = directory.toFile().list();
        for (String name : names == null ? new String[0] : names) {
            files.disk().discard(directory.resolve(name));
        }
        files.disk().discard(directory);
    }

    List<PendingUpload> pending(String prefix) {
        List<PendingUpload> found = new ArrayList<>();
        uploads.forEach((id, upload) -> {
            if (upload.record.key().value().startsWith(prefix)) {
                found.add(new PendingUpload(upload.record.key(), id, upload.started()));
            }
        });
        return PendingOrder.firstPage(found);
    }

    private Upload find(ObjectKey key, String id) throws FsException {
        Upload upload = uploads.get(id);
        if (upload == null || !upload.record.key().equals(key)) {
            throw StoreRules.noUpload(key, id);
        }
        return upload;
    }
}
