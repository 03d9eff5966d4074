package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Walks through the records of one segment, checks each byte of them, and finds its way again behind damage. */
final class SegmentScanner {

    private static final int WINDOW_BYTES = 512 << 10;

    /** A whole record, or a stretch that is not one. */
    sealed interface Found permits Whole, Broken {}

    /** A record of which every byte is right; its body is the receiver's to keep. */
    record Whole(RecordHeader header, long at, ByteBuffer body) implements Found {}

    /** Bytes that are no whole record. The header is there if it alone can be trusted, the body likewise. */
    record Broken(
            long from,
            long to,
            @Nullable RecordHeader header,
            @Nullable ByteBuffer body) implements Found {}

    private final JournalFile file;
    private final long salt;
    private final @Nullable RecordSeal seal;
    private final long end;
    private final ByteBuffer window = ByteBuffer.allocateDirect(WINDOW_BYTES);
    private final CRC32C check = new CRC32C();
    private long windowAt;
    private int windowBytes;
    private long at;
    private long lastSequence;

    /**
     * Starts at {@code from}; records there have numbers above {@code lastSequence}.
     *
     * @param seal opens the bodies, and what it does not open is damaged; null to take them as they lie there
     */
    SegmentScanner(JournalFile file, long salt, @Nullable RecordSeal seal, long from, long end, long lastSequence) {
        this.file = file;
        this.salt = salt;
        this.seal = seal;
        this.at = from;
        this.end = end;
        this.lastSequence = lastSequence;
    }

    /** The next record or damage, or null at the end. */
    @Nullable Found next() throws IOException {
        if (at >= end) {
            return null;
        }
        long start = at;
        RecordHeader header = headerAt(start);
        if (header == null || start + header.recordBytes() > end) {
            at = resync(start + RecordHeader.ALIGNMENT);
            return new Broken(start, at, null, null);
        }
        at = start + header.recordBytes();
        int bodyBytes = header.bodyBytes();
        ByteBuffer checked =
                bytesAt(start + RecordHeader.BYTES, bodyBytes + RecordHeader.checksBytes(header.dataBytes()));
        boolean isChecked = header.bodyCheck() == checkOf(checked);
        if (!isChecked && seal == null) {
            lastSequence = header.sequence();
            return new Broken(start, at, header, null);
        }
        ByteBuffer body = isChecked ? bodyOf(header, start, checked.slice(0, bodyBytes)) : null;
        if (body == null) {
            // Somebody may have made the checks right: not even its length and its number can be trusted.
            at = resync(start + RecordHeader.ALIGNMENT);
            return new Broken(start, at, null, null);
        }
        lastSequence = header.sequence();
        if (header.dataBytes() == 0) {
            return new Whole(header, start, body);
        }
        ByteBuffer checks = copy(checked.slice(bodyBytes, checked.capacity() - bodyBytes));
        if (!dataIsWhole(start + header.dataOffset(), header.dataBytes(), checks)) {
            return new Broken(start, at, header, body);
        }
        return new Whole(header, start, body);
    }

    /** The body for the receiver to keep, null if it was sealed by somebody else or for another place. */
    private @Nullable ByteBuffer bodyOf(RecordHeader header, long recordAt, ByteBuffer stored) {
        if (seal == null) {
            return copy(stored);
        }
        try {
            return seal.openBody(header, recordAt, stored);
        } catch (FsException.Corrupt e) {
            return null;
        }
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }

    private boolean dataIsWhole(long dataAt, int dataBytes, ByteBuffer checks) throws IOException {
        for (int done = 0; done < dataBytes; done += RecordHeader.CHECKED_BYTES) {
            int piece = Math.min(RecordHeader.CHECKED_BYTES, dataBytes - done);
            if (checks.getInt() != checkOf(bytesAt(dataAt + done, piece))) {
                return false;
            }
        }
        return true;
    }

    private int checkOf(ByteBuffer bytes) {
        check.reset();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }

    private @Nullable RecordHeader headerAt(long position) throws IOException {
        if (position + RecordHeader.BYTES > end) {
            return null;
        }
        RecordHeader header = RecordHeader.decode(bytesAt(position, RecordHeader.BYTES), 0, salt);
        return header == null || header.sequence() <= lastSequence ? null : header;
    }

    /** The next position from {@code from} on where a record starts that fits into the file; the end if there is none. */
    private long resync(long from) throws IOException {
        for (long position = from; position + RecordHeader.BYTES <= end; position += RecordHeader.ALIGNMENT) {
            RecordHeader header = headerAt(position);
            if (header != null && position + header.recordBytes() <= end) {
                return position;
            }
        }
        return end;
    }

    /** Exactly these bytes, valid until the next call. */
    private ByteBuffer bytesAt(long position, int length) throws IOException {
        if (length > WINDOW_BYTES) {
            ByteBuffer large = ByteBuffer.allocate(length);
            fill(large, position, length);
            return large.flip();
        }
        if (position < windowAt || position + length > windowAt + windowBytes) {
            windowAt = position;
            windowBytes = 0;
            window.clear().limit((int) Math.min(WINDOW_BYTES, end - position));
            fill(window, position, length);
            windowBytes = window.position();
        }
        return window.slice((int) (position - windowAt), length);
    }

    private void fill(ByteBuffer into, long position, int atLeast) throws IOException {
        while (into.position() < atLeast) {
            if (file.read(position + into.position(), into) < 0) {
                throw new IOException("the file ended before byte " + (position + atLeast));
            }
        }
    }
}
