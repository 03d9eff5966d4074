package isle.fs.journal;

import isle.fs.spi.JournalSeal;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of each record. The format is in the description of the package.
 *
 * @param type the owner's, or one of the two negative ones below
 * @param salt of the segment: what else looks like a record, say in the data of a user's file, does not have it
 * @param sequence number of the record
 * @param durable the highest number that was known to survive power loss when this record was written
 * @param bodyBytes length of the body in the file
 * @param dataBytes length of the data in the file
 * @param bodyCheck CRC32C over the body and the checks of the data
 * @param inCheckpoint true for a record of the state that a checkpoint writes
 */
record RecordHeader(
        int type,
        long salt,
        long sequence,
        long durable,
        int bodyBytes,
        int dataBytes,
        int bodyCheck,
        boolean inCheckpoint) {

    static final int BYTES = 56;
    static final int ALIGNMENT = 8;
    static final int MAGIC = 0x49534C52;
    static final int MAX_BODY_BYTES = 4 << 20;
    static final int MAX_DATA_BYTES = 8 << 20;

    /** Data is checked in pieces of this size, so that a small read of large data is cheap and checked all the same. */
    static final int CHECKED_BYTES = 64 << 10;

    static final int CHECK_BYTES = Integer.BYTES;

    /** What sealing may add to a body or to data. */
    private static final int MAX_SEALING_BYTES =
            (MAX_DATA_BYTES / RecordSeal.PIECE_BYTES + 1) * JournalSeal.MOST_OVERHEAD;

    /** Ends a checkpoint: its body is the number of the checkpoint's first segment. */
    static final int END_OF_CHECKPOINT = -1;

    /** Written by close, after everything before it was forced. */
    static final int CLOSED = -2;

    private static final int IN_CHECKPOINT = 1;
    private static final int HEADER_CHECK_AT = BYTES - Integer.BYTES;

    /** Bytes of the checks for that much data. */
    static int checksBytes(int dataBytes) {
        return (dataBytes + CHECKED_BYTES - 1) / CHECKED_BYTES * CHECK_BYTES;
    }

    /** Bytes of a record in the file, with the zeros that align the next one. */
    static long recordBytes(int bodyBytes, int dataBytes) {
        long bytes = (long) BYTES + bodyBytes + checksBytes(dataBytes) + dataBytes;
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    long recordBytes() {
        return recordBytes(bodyBytes, dataBytes);
    }

    /** Bytes from the start of the record to its data. */
    int dataOffset() {
        return dataOffset(bodyBytes, dataBytes);
    }

    static int dataOffset(int bodyBytes, int dataBytes) {
        return BYTES + bodyBytes + checksBytes(dataBytes);
    }

    RecordHeader withBodyCheck(int check) {
        return new RecordHeader(type, salt, sequence, durable, bodyBytes, dataBytes, check, inCheckpoint);
    }

    void encode(ByteBuffer into) {
        int start = into.position();
        into.putInt(MAGIC).putInt(type).putLong(salt).putLong(sequence).putLong(durable);
        into.putInt(bodyBytes).putInt(dataBytes).putInt(bodyCheck).putInt(inCheckpoint ? IN_CHECKPOINT : 0);
        into.putInt(0);
        into.putInt(checkOf(into, start, HEADER_CHECK_AT));
    }

    /** The header at this index of the buffer, or null if there is none that is whole and has this salt. */
    static @Nullable RecordHeader decode(ByteBuffer from, int at, long salt) {
        if (from.getInt(at) != MAGIC || from.getLong(at + 8) != salt) {
            return null;
        }
        if (from.getInt(at + HEADER_CHECK_AT) != checkOf(from, at, HEADER_CHECK_AT)) {
            return null;
        }
        RecordHeader header = new RecordHeader(
                from.getInt(at + 4),
                salt,
                from.getLong(at + 16),
                from.getLong(at + 24),
                from.getInt(at + 32),
                from.getInt(at + 36),
                from.getInt(at + 40),
                (from.getInt(at + 44) & IN_CHECKPOINT) != 0);
        boolean possible = header.bodyBytes >= 0
                && header.bodyBytes <= MAX_BODY_BYTES + MAX_SEALING_BYTES
                && header.dataBytes >= 0
                && header.dataBytes <= MAX_DATA_BYTES + MAX_SEALING_BYTES;
        return possible ? header : null;
    }

    static int checkOf(ByteBuffer buffer, int from, int length) {
        CRC32C check = new CRC32C();
        check.update(buffer.slice(from, length));
        return (int) check.getValue();
    }
}
