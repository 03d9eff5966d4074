package isle.fs.index;

import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;

/**
 * Number and checksums of a set of rows. Kept apart from the rows, it shows when one of them is missing: damage to the
 * inner nodes of a tree can hide rows from SQLite without any error.
 *
 * @param count rows in the set
 * @param sum of their checksums, modulo 2^64
 */
record Fingerprint(long count, long sum) {

    static final Fingerprint EMPTY = new Fingerprint(0, 0);

    Fingerprint with(long crc) {
        return new Fingerprint(count + 1, sum + crc);
    }

    Fingerprint without(long crc) {
        return new Fingerprint(count - 1, sum - crc);
    }

    void check(Fingerprint found, String what) throws FsException {
        if (!equals(found)) {
            throw RowCodec.damaged(what + ": expected " + count + " rows, found " + found.count
                    + (count == found.count ? " with other checksums" : ""));
        }
    }

    void write(ByteSink sink) {
        sink.putSigned(count);
        sink.putSigned(sum);
    }

    static Fingerprint read(ByteSource source) {
        return new Fingerprint(source.getSigned(), source.getSigned());
    }
}
