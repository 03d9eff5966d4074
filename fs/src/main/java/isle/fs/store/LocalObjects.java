package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.spi.ObjectStore.PutResult;
import isle.fs.spi.StoreRules;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a local store. A new version is durable before it is in the index, and in the index before the files of
 * the old one go: so a reader that finds its file gone only has to look again.
 */
final class LocalObjects {

    private final ObjectFiles files;
    private final LocalIndex index;
    private final IndexLog log;
    private final List<Shard> shards;
    private final Map<String, Recovery.Damage> damages;
    private final InstantSource clock;
    private final LongSupplier random;

    /**
     * What a start found.
     *
     * @param damages damaged headers by stem
     * @param random gives second halves of etags; may be called by many threads
     */
    LocalObjects(
            ObjectFiles files,
            LocalIndex index,
            IndexLog log,
            List<Shard> shards,
            Map<String, Recovery.Damage> damages,
            InstantSource clock,
            LongSupplier random) {
        this.files = files;
        this.index = index;
        this.log = log;
        this.shards = List.copyOf(shards);
        this.damages = new ConcurrentHashMap<>(damages);
        this.clock = clock;
        this.random = random;
    }

    private interface Reader<T> {
        T read(Place place, Entry entry) throws IOException;
    }

    /** Reads the object as it is now; once more if it is replaced while it is read. */
    private <T> T withCurrent(ObjectKey key, @Nullable String ifMatch, Reader<T> reader) throws IOException {
        Place place = place(key);
        while (true) {
            Entry entry = current(key, place, ifMatch);
            try {
                return reader.read(place, entry);
            } catch (NoSuchFileException e) {
                if (entry.equals(index.get(key))) {
                    throw new FsException.Corrupt("a file of the object " + key + " is gone: " + e.getMessage(), e);
                }
            }
        }
    }

    private Entry current(ObjectKey key, Place place, @Nullable String ifMatch) throws FsException {
        Entry entry = index.get(key);
        Recovery.Damage damage = damages.get(place.stem());
        if (damage != null && (entry == null || entry.serial() <= damage.serial())) {
            throw new FsException.Corrupt(
                    "the object " + key + " is damaged: " + damage.object().problem());
        }
        if (entry == null) {
            throw StoreRules.noObject(key);
        }
        StoreRules.matches(key, entry.etag(), ifMatch);
        return entry;
    }

    private Place place(ObjectKey key) {
        String stem = Folder.stem(key.value());
        return new Place(shard(stem).directory(), stem);
    }

    /** Where an object is about to be written. */
    private Place placeToWrite(ObjectKey key) throws IOException {
        Place place = place(key);
        shard(place.stem()).make();
        return place;
    }

    private Shard shard(String stem) {
        return shards.get(Folder.shardOf(stem));
    }

    ObjectHead read(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws IOException {
        int start = into.position();
        return withCurrent(key, ifMatch, (place, entry) -> files.read(place, entry, offset, into.position(start)))
                .head();
    }

    PutResult put(ObjectKey key, Body body, ObjectMetadata metadata) throws IOException {
        Place place = placeToWrite(key);
        Content content = files.spool(place, body);
        return publish(key, place, content, files.nextSerial(), random.getAsLong(), metadata);
    }

    /** Makes an object of parts. */
    PutResult put(ObjectKey key, List<Assembler.Piece> pieces, ObjectMetadata metadata) throws IOException {
        Place place = placeToWrite(key);
        Content content = Assembler.assemble(files, pieces, place);
        return publish(key, place, content, files.nextSerial(), random.getAsLong(), metadata);
    }

    PutResult copy(ObjectKey source, @Nullable String ifMatch, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws IOException {
        if (!source.equals(target)) {
            return copyTo(placeToWrite(target), source, ifMatch, target, metadata);
        }
        // Nobody may come between, so that the version named is the one that gets the metadata.
        Place place = place(target);
        Shard shard = shard(place.stem());
        shard.lock.lock();
        try {
            return copyTo(place, source, ifMatch, target, metadata);
        } finally {
            shard.lock.unlock();
        }
    }

    private PutResult copyTo(
            Place place,
            ObjectKey source,
            @Nullable String ifMatch,
            ObjectKey target,
            @Nullable ObjectMetadata metadata)
            throws IOException {
        record Source(Header header, Content content) {}
        Source from = withCurrent(source, ifMatch, (at, entry) -> {
            Header header = files.read(at, entry, 0, ByteBuffer.allocate(0));
            Content content = source.equals(target) && !header.isInline()
                    ? Content.sameAs(header)
                    : Assembler.assemble(files, List.of(Assembler.Piece.whole(at, header)), place);
            return new Source(header, content);
        });
        Entry entry = from.header().entry();
        ObjectMetadata kept = metadata == null ? from.header().metadata() : metadata;
        return publish(target, place, from.content(), entry.etagHigh(), entry.etagLow(), kept);
    }

    /** A body as content at another place. */
    Content part(Body body, Place target) throws IOException {
        return files.spool(target, body);
    }

    /** A range of an object as content at another place. */
    Content part(PartSource source, Place target) throws IOException {
        return withCurrent(source.key(), source.ifMatch(), (place, entry) -> {
            StoreRules.source(source, entry.size());
            Header header = files.read(place, entry, 0, ByteBuffer.allocate(0));
            return Assembler.assemble(
                    files, List.of(new Assembler.Piece(place, header, source.offset(), source.length())), target);
        });
    }

    private PutResult publish(
            ObjectKey key, Place place, Content content, long etagHigh, long etagLow, ObjectMetadata metadata)
            throws IOException {
        Shard shard = shard(place.stem());
        shard.lock.lock();
        try {
            Entry previous = index.get(key);
            long previousMillis = previous == null ? Long.MIN_VALUE : previous.lastModifiedMillis();
            long modifiedMillis = shard.stampMillis(clock.millis(), previousMillis);
            Header header = files.describe(key, content, etagHigh, etagLow, modifiedMillis, metadata);
            boolean published = false;
            try {
                files.publish(place, header, content);
                published = true;
            } finally {
                if (!published) {
                    shard.remove(ObjectFiles.names(place, header.entry(), content.isFresh()));
                }
            }
            index.put(key.value(), header.entry());
            if (previous != null) {
                boolean sameContent = previous.content() == header.entry().content();
                shard.remove(ObjectFiles.names(place, previous, !sameContent));
            }
            Recovery.Damage damage = damages.remove(place.stem());
            if (damage != null) {
                shard.remove(List.of(damage.object().file()));
            }
            keepLog(key, header.entry());
            return new PutResult(header.entry().etag(), Optional.of(Instant.ofEpochMilli(modifiedMillis)));
        } finally {
            shard.lock.unlock();
        }
    }

    private void keepLog(ObjectKey key, Entry entry) {
        log.append(key.value(), entry);
        if (log.isWasteful(index.count())) {
            log.rewrite(index.all());
        }
    }

    void delete(ObjectKey key) throws IOException {
        delete(shard(place(key).stem()), List.of(key));
    }

    /** Deletes shard by shard, each with one force. Returns what failed. */
    Map<ObjectKey, IOException> deleteMany(List<ObjectKey> keys) {
        Map<Shard, List<ObjectKey>> byShard = new LinkedHashMap<>();
        for (ObjectKey key : keys) {
            byShard.computeIfAbsent(shard(place(key).stem()), shard -> new ArrayList<>())
                    .add(key);
        }
        Map<ObjectKey, IOException> failed = new HashMap<>();
        byShard.forEach((shard, of) -> {
            try {
                delete(shard, of);
            } catch (IOException e) {
                of.forEach(key -> failed.put(key, e));
            }
        });
        return failed;
    }

    private void delete(Shard shard, List<ObjectKey> keys) throws IOException {
        shard.lock.lock();
        try {
            List<Path> contents = new ArrayList<>();
            boolean changed = false;
            for (ObjectKey key : keys) {
                Place place = place(key);
                Entry entry = index.get(key);
                Recovery.Damage damage = damages.get(place.stem());
                if (entry == null && damage == null) {
                    continue;
                }
                if (!changed) {
                    shard.settle();
                    changed = true;
                }
                if (damage != null) {
                    files.disk().unlink(damage.object().file());
                    damages.remove(place.stem());
                }
                if (entry != null) {
                    unlink(key, place, entry);
                    shard.deleted(entry);
                    contents.addAll(ObjectFiles.contentNames(place, entry.content(), entry.files()));
                }
            }
            if (changed) {
                shard.force();
                // Only now: a header must not outlive its content. What a crash leaves of it, the next start removes.
                contents.forEach(files.disk()::discard);
            }
        } finally {
            shard.lock.unlock();
        }
    }

    /** Out of the index first: who finds the file gone must not find the entry. */
    private void unlink(ObjectKey key, Place place, Entry entry) throws IOException {
        index.remove(key);
        boolean done = false;
        try {
            files.disk().unlink(place.header(entry.serial()));
            done = true;
        } finally {
            if (!done) {
                index.put(key.value(), entry);
            }
        }
    }

    List<DamagedObject> damaged() {
        return damages.values().stream().map(Recovery.Damage::object).toList();
    }
}
