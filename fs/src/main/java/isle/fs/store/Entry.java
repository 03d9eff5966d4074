package isle.fs.store;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Instant;
import java.util.HexFormat;

/**
 * What the index of a local store knows of one object, beside its key.
 *
 * @param serial number of the header file, unique in the store and growing with time
 * @param content number of the content files; 0 when the content lies in the header file
 * @param files how many content files there are; 0 when the content lies in the header file
 * @param etagHigh first half of the etag: the serial of the put that brought the bytes
 * @param etagLow second half of the etag: random
 * @param lastModifiedMillis milliseconds since 1970, growing with each version of a key
 * @param size bytes of content
 */
record Entry(long serial, long content, int files, long etagHigh, long etagLow, long lastModifiedMillis, long size) {

    /** Bytes of {@link isle.fs.store.HeaderCodec}'s and {@link IndexLog}'s form of an entry. */
    static final int BYTES = 6 * Long.BYTES + Integer.BYTES;

    String etag() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(etagHigh) + hex.toHexDigits(etagLow);
    }

    ObjectSummary summary(ObjectKey key) {
        return new ObjectSummary(key, etag(), size, Instant.ofEpochMilli(lastModifiedMillis));
    }
}
