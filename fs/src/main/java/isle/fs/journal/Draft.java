package isle.fs.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record that an append is about to write.
 *
 * @param type the owner's, or one of the journal's own
 * @param body as it goes into the file; if it is yet to be sealed, as the owner gave it
 * @param checks of the data; empty if it is yet to be sealed
 * @param bodyCheck CRC32C over the body and the checks; 0 if they are yet to be sealed
 * @param data like the body; null or empty for none
 * @param ownBytes length of the data as the owner gave it
 * @param overhead what sealing is yet to add to the body and to each piece of data; {@link #UNSEALED} if nothing is
 */
record Draft(
        int type,
        ByteBuffer body,
        ByteBuffer checks,
        int bodyCheck,
        @Nullable ByteBuffer data,
        int ownBytes,
        int overhead) {

    static final int UNSEALED = -1;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);

    /** What the owner gave; the checks are made now if it is not to be sealed. */
    static Draft of(int type, ByteBuffer body, @Nullable ByteBuffer data, int overhead) {
        int ownBytes = data == null ? 0 : data.remaining();
        return overhead == UNSEALED
                ? checked(type, body, data, ownBytes)
                : new Draft(type, body, NONE, 0, data, ownBytes, overhead);
    }

    /** What goes into the file as it is. */
    static Draft checked(int type, ByteBuffer body, @Nullable ByteBuffer data, int ownBytes) {
        ByteBuffer checks = data == null ? NONE : CheckedData.checksOf(data);
        CRC32C check = new CRC32C();
        check.update(body.duplicate());
        check.update(checks.duplicate());
        return new Draft(type, body, checks, (int) check.getValue(), data, ownBytes, UNSEALED);
    }

    /** Length of the body in the file. */
    int bodyBytes() {
        return overhead == UNSEALED ? body.remaining() : body.remaining() + overhead;
    }

    /** Length of the data in the file. */
    int dataBytes() {
        int bytes = data == null ? 0 : data.remaining();
        return overhead == UNSEALED ? bytes : RecordSeal.sealedBytes(bytes, overhead);
    }

    long recordBytes() {
        return RecordHeader.recordBytes(bodyBytes(), dataBytes());
    }
}
