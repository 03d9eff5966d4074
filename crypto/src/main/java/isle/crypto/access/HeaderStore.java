package isle.crypto.access;

import isle.crypto.identity.HeaderCodec;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.seal.Id;
import isle.crypto.v1.WholeList;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The header records of a vault in a store, an object each. */
final class HeaderStore {

    private static final String PREFIX = "h/";

    /** No record is nearly as long. */
    private static final long MOST_BYTES = 1 << 20;

    private final ObjectStore store;

    HeaderStore(ObjectStore store) {
        this.store = store;
    }

    /**
     * All records.
     *
     * @param records in the order in which the store took them
     * @param unreadable what is no record, by its key, and why
     */
    record Found(List<HeaderRecord> records, Map<ObjectKey, FsException> unreadable) {}

    /** A record and when the store took it. */
    private record Dated(Instant time, HeaderRecord record) {}

    /**
     * Reads all of them. One that cannot be read takes nothing away from the others.
     *
     * @throws FsException.Unsupported a newer isle has written one: going on without it could do harm
     */
    Found read() throws FsException {
        List<Dated> records = new ArrayList<>();
        Map<ObjectKey, FsException> unreadable = new TreeMap<>(Comparator.comparing(ObjectKey::value));
        for (ObjectSummary object : WholeList.of(store, PREFIX)) {
            try {
                records.add(new Dated(object.lastModified(), read(object)));
            } catch (FsException.Unsupported e) {
                throw e;
            } catch (FsException.Corrupt | FsException.Invalid e) {
                unreadable.put(object.key(), e);
            } catch (FsException.NotFound used) {
                // A link code that was used has been taken away since the list.
            }
        }
        records.sort(Comparator.comparing(Dated::time)
                .thenComparing(each -> each.record().record()));
        return new Found(records.stream().map(Dated::record).toList(), unreadable);
    }

    private HeaderRecord read(ObjectSummary object) throws FsException {
        if (object.size() < 0 || object.size() > MOST_BYTES) {
            throw new FsException.Corrupt("a header record of " + object.size() + " bytes");
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) object.size());
        store.get(object.key(), 0, bytes, null);
        if (bytes.hasRemaining()) {
            throw new FsException.Corrupt("a header record is shorter than it was listed");
        }
        HeaderRecord record = HeaderCodec.decode(bytes.array());
        if (!key(record.record()).equals(object.key())) {
            throw new FsException.Corrupt("a header record lies under the key of another one");
        }
        return record;
    }

    void put(HeaderRecord record) throws FsException {
        store.put(key(record.record()), Body.of(HeaderCodec.encode(record)), ObjectMetadata.NONE);
    }

    void delete(Id record) throws FsException {
        store.delete(key(record));
    }

    private static ObjectKey key(Id record) {
        return new ObjectKey(PREFIX + record);
    }
}
