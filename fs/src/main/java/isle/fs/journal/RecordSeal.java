package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal.FileSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Seals and opens the bodies and data of one segment's records. A body is sealed as one part, to which the header of its
 * record and its place are bound; data in pieces of 64 KiB, so that a small read of large data opens little. What is
 * bound to each is in the description of the package.
 */
final class RecordSeal {

    /** Data is sealed in pieces of this size; the last may be shorter. */
    static final int PIECE_BYTES = 64 << 10;

    private static final byte BODY = 1;
    private static final byte DATA = 2;
    private static final int DATA_BOUND_BYTES = 1 + Long.BYTES + 2 * Integer.BYTES;

    private final @Nullable FileSeal file;
    private final int overhead;

    /** @param file null if its key cannot be read: then nothing opens */
    RecordSeal(@Nullable FileSeal file, int overhead) {
        this.file = file;
        this.overhead = overhead;
    }

    /** What so much data takes once sealed. */
    static int sealedBytes(int dataBytes, int overhead) {
        return dataBytes + (dataBytes + PIECE_BYTES - 1) / PIECE_BYTES * overhead;
    }

    /** How much data is in so much of sealed data. */
    int openedBytes(int sealedBytes) {
        int sealedPiece = PIECE_BYTES + overhead;
        return sealedBytes - (sealedBytes + sealedPiece - 1) / sealedPiece * overhead;
    }

    /**
     * Seals a record.
     *
     * @param header of the record, its check of the body not yet made
     * @param at where in the file the record will start
     * @param data takes the sealed data, from its index 0 on; the result shares its memory
     */
    Draft seal(Draft draft, RecordHeader header, long at, ByteBuffer data) {
        FileSeal key = file;
        if (key == null) {
            throw new IllegalStateException("a segment without a key is not written");
        }
        ByteBuffer body = ByteBuffer.allocate(draft.bodyBytes());
        key.seal(boundToBody(header, at), draft.body().duplicate(), body);
        ByteBuffer own = draft.data();
        if (own == null || !own.hasRemaining()) {
            return Draft.checked(draft.type(), body.flip(), null, 0);
        }
        data.clear();
        int dataAt = (int) at + header.dataOffset();
        int pieces = 0;
        for (int done = 0; done < own.remaining(); done += PIECE_BYTES) {
            int bytes = Math.min(PIECE_BYTES, own.remaining() - done);
            byte[] bound = boundToData(dataAt, own.remaining(), pieces++);
            key.seal(bound, own.slice(own.position() + done, bytes), data);
        }
        return Draft.checked(draft.type(), body.flip(), data.flip(), draft.ownBytes());
    }

    /** @throws FsException.Corrupt if it is not what was sealed in this file, with this header, at this place */
    ByteBuffer openBody(RecordHeader header, long at, ByteBuffer sealed) throws FsException.Corrupt {
        FileSeal key = file;
        if (key == null || sealed.remaining() < overhead) {
            throw new FsException.Corrupt("a record of the journal does not open");
        }
        ByteBuffer body = ByteBuffer.allocate(sealed.remaining() - overhead);
        key.open(boundToBody(header, at), sealed, body);
        return body.flip();
    }

    /**
     * Fills {@code into} with opened data, starting {@code skip} bytes into it.
     *
     * @throws FsException.Corrupt if a piece of it is not what was sealed; {@code into} then holds rubbish
     */
    void read(JournalFile from, DataLocation location, int skip, ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return;
        }
        FileSeal key = file;
        if (key == null) {
            throw new FsException.Corrupt("the key of segment " + location.segment() + " of the journal is damaged");
        }
        ByteBuffer sealed = ByteBuffer.allocate(Math.min(PIECE_BYTES, location.length()) + overhead);
        int position = skip;
        while (into.hasRemaining()) {
            int number = position / PIECE_BYTES;
            int start = number * PIECE_BYTES;
            int bytes = Math.min(PIECE_BYTES, location.length() - start);
            long at = location.offset() + (long) number * (PIECE_BYTES + overhead);
            CheckedData.readFully(from, at, sealed.clear().limit(bytes + overhead), location);
            byte[] bound = boundToData(location.offset(), location.length(), number);
            int skipped = position - start;
            int wanted = Math.min(bytes - skipped, into.remaining());
            if (wanted == bytes) {
                open(key, bound, sealed.flip(), into, location);
            } else {
                ByteBuffer piece = ByteBuffer.allocate(bytes);
                open(key, bound, sealed.flip(), piece, location);
                into.put(piece.slice(skipped, wanted));
            }
            position += wanted;
        }
    }

    private static void open(FileSeal key, byte[] bound, ByteBuffer sealed, ByteBuffer into, DataLocation location)
            throws FsException.Corrupt {
        try {
            key.open(bound, sealed, into);
        } catch (FsException.Corrupt e) {
            throw new FsException.Corrupt(
                    "data at " + location.offset() + " of segment " + location.segment() + " of the journal is damaged",
                    e);
        }
    }

    private static byte[] boundToBody(RecordHeader header, long at) {
        ByteBuffer bound = ByteBuffer.allocate(1 + Long.BYTES + RecordHeader.BYTES);
        header.withBodyCheck(0).encode(bound.put(BODY).putLong(at));
        return bound.array();
    }

    private static byte[] boundToData(int dataAt, int dataBytes, int piece) {
        return ByteBuffer.allocate(DATA_BOUND_BYTES)
                .put(DATA)
                .putLong(dataAt)
                .putInt(dataBytes)
                .putInt(piece)
                .array();
    }
}
