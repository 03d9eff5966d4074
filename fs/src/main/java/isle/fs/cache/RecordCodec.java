package isle.fs.cache;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of segment files; the format is described in the package's documentation. Whoever changes it raises
 * {@link #VERSION}: files of other versions are deleted, since they only hold copies.
 */
final class RecordCodec {

    static final int VERSION = 1;

    /** "islecach" */
    private static final long FILE_MAGIC = 0x69736C6563616368L;
    /** "ISLB" */
    private static final int RECORD_MAGIC = 0x49534C42;
    /** "ISLI" */
    private static final int INDEX_MAGIC = 0x49534C49;

    static final int FILE_HEADER_BYTES = 16;
    static final int TRAILER_BYTES = 28;
    private static final int FIXED_HEADER_BYTES = 48;

    /** The longest header there is, with the checksums of a whole group. */
    static final int LONGEST_HEADER_BYTES = headerBytes(Grid.BLOCKS_PER_GROUP);

    private RecordCodec() {}

    /**
     * What a record says of the blocks behind it.
     *
     * @param sealedBytes of each block but the last one of the record
     * @param lastSealedBytes of the last one
     * @param checksums of the blocks
     */
    @SuppressWarnings("ArrayRecordComponent") // internal, never compared, handed on without copies
    record Header(ContentKey key, long first, int sealedBytes, int lastSealedBytes, int[] checksums) {
        int count() {
            return checksums.length;
        }

        int headerBytes() {
            return RecordCodec.headerBytes(count());
        }

        long dataBytes() {
            return (long) sealedBytes * (count() - 1) + lastSealedBytes;
        }

        long end() {
            return first + count();
        }

        /** Where the sealed bytes of a block begin, from the first block's on. */
        long dataOffset(long block) {
            return (block - first) * sealedBytes;
        }

        int sealedBytes(long block) {
            return block == end() - 1 ? lastSealedBytes : sealedBytes;
        }

        /** The same for some of the blocks, {@code from} (inclusive) to {@code to} (exclusive). */
        Header part(long from, long to) {
            int[] some = Arrays.copyOfRange(checksums, (int) (from - first), (int) (to - first));
            return new Header(key, from, sealedBytes, sealedBytes(to - 1), some);
        }

        long recordBytes() {
            return headerBytes() + dataBytes();
        }

        int indexEntryBytes() {
            return Long.BYTES + headerBytes();
        }
    }

    /** Where the index of a segment begins, and how long it is. */
    record Trailer(long indexOffset, int indexBytes, int indexChecksum) {}

    static int headerBytes(int count) {
        return FIXED_HEADER_BYTES + Integer.BYTES * count + Integer.BYTES;
    }

    static ByteBuffer fileHeader() {
        ByteBuffer bytes = ByteBuffer.allocate(FILE_HEADER_BYTES);
        bytes.putLong(FILE_MAGIC).putInt(VERSION);
        return bytes.putInt(checksum(bytes, 0, bytes.position())).flip();
    }

    static boolean isFileHeader(ByteBuffer bytes) {
        return bytes.equals(fileHeader());
    }

    static void putHeader(Header header, ByteBuffer into) {
        int start = into.position();
        into.putInt(RECORD_MAGIC).putInt(header.count());
        into.putLong(header.key().high()).putLong(header.key().low());
        into.putInt(header.key().volume());
        into.putLong(header.first());
        into.putInt(header.sealedBytes()).putInt(header.lastSealedBytes());
        into.putInt(0);
        for (int checksum : header.checksums()) {
            into.putInt(checksum);
        }
        into.putInt(checksum(into, start, into.position() - start));
    }

    /** Takes a header from the position on; null when there is none that is whole. */
    static @Nullable Header takeHeader(ByteBuffer bytes) {
        int start = bytes.position();
        if (bytes.remaining() < headerBytes(1) || bytes.getInt() != RECORD_MAGIC) {
            return null;
        }
        int count = bytes.getInt();
        if (count < 1 || count > Grid.BLOCKS_PER_GROUP || bytes.limit() - start < headerBytes(count)) {
            return null;
        }
        ContentKey key = new ContentKey(bytes.getLong(), bytes.getLong(), bytes.getInt());
        long first = bytes.getLong();
        int sealed = bytes.getInt();
        int lastSealed = bytes.getInt();
        bytes.getInt();
        int[] checksums = new int[count];
        for (int i = 0; i < count; i++) {
            checksums[i] = bytes.getInt();
        }
        int expected = checksum(bytes, start, bytes.position() - start);
        boolean sane = first >= 0
                && sealed > 0
                && lastSealed > 0
                && first / Grid.BLOCKS_PER_GROUP == (first + count - 1) / Grid.BLOCKS_PER_GROUP;
        return bytes.getInt() == expected && sane ? new Header(key, first, sealed, lastSealed, checksums) : null;
    }

    static ByteBuffer trailer(Trailer trailer) {
        ByteBuffer bytes = ByteBuffer.allocate(TRAILER_BYTES);
        bytes.putInt(INDEX_MAGIC).putInt(VERSION).putLong(trailer.indexOffset());
        bytes.putInt(trailer.indexBytes()).putInt(trailer.indexChecksum());
        return bytes.putInt(checksum(bytes, 0, bytes.position())).flip();
    }

    static @Nullable Trailer takeTrailer(ByteBuffer bytes) {
        if (bytes.remaining() != TRAILER_BYTES) {
            return null;
        }
        int start = bytes.position();
        boolean known = bytes.getInt() == INDEX_MAGIC;
        known &= bytes.getInt() == VERSION;
        Trailer trailer = new Trailer(bytes.getLong(), bytes.getInt(), bytes.getInt());
        int expected = checksum(bytes, start, bytes.position() - start);
        return known && bytes.getInt() == expected ? trailer : null;
    }

    static int checksum(ByteBuffer bytes, int index, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(index + length).position(index));
        return (int) crc.getValue();
    }

    /** Covers the block's place too, so that a right block in a wrong place is not taken for another one. */
    static int blockChecksum(ContentKey key, long block, ByteBuffer bytes, int index, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(3 * Long.BYTES)
                .putLong(key.high())
                .putLong(key.low())
                .putLong(block)
                .flip());
        crc.update(bytes.duplicate().limit(index + length).position(index));
        return (int) crc.getValue();
    }
}
