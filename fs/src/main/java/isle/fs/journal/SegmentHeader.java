package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The first kibibyte of a segment: the same bytes twice, in two sectors. The format is in the description of the
 * package.
 *
 * @param number of the segment, as in its name
 * @param salt random, in each record of the segment
 * @param firstSequence the number that its first record has
 * @param previous the segment before it, 0 for none
 * @param previousEnd where the records of that one end: what lies behind is left of a failed write
 * @param checkpoint number of the first segment of the checkpoint that was being written, 0 for none
 * @param lastCheckpoint number of the first segment of the last complete checkpoint, 0 for none
 */
record SegmentHeader(
        long number,
        long salt,
        long firstSequence,
        long previous,
        long previousEnd,
        long checkpoint,
        long lastCheckpoint) {

    /** Of segments whose records lie there as they are. */
    static final int VERSION = 1;

    /** Of sealed ones. */
    static final int SEALED_VERSION = 2;

    /** Where the first record starts. */
    static final int BYTES = 1024;

    private static final long MAGIC = 0x49534C454A524E4CL;
    private static final int COPY_BYTES = 96;
    private static final int COPY_AT = 512;
    private static final int CHECK_AT = COPY_BYTES - Integer.BYTES;

    /** What is bound to the key of a sealed segment ends here, and the length of the sealed key follows. */
    private static final int BOUND_BYTES = 72;

    private static final int KEY_AT = COPY_BYTES;
    private static final String SUFFIX = ".journal";
    private static final int DIGITS = 16;

    static String fileName(long number) {
        return String.format("%016x%s", number, SUFFIX);
    }

    static OptionalLong numberOf(String fileName) {
        if (!fileName.endsWith(SUFFIX) || fileName.length() != DIGITS + SUFFIX.length()) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(fileName, 0, DIGITS, 16);
            return number >= 1 && fileName.equals(fileName(number)) ? OptionalLong.of(number) : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** A header that names the segment as the one before its own; the end it tells is then the right one. */
    static @Nullable SegmentHeader successor(NavigableMap<Long, Segment> all, long number) {
        for (Segment segment : all.tailMap(number, false).values()) {
            SegmentHeader header = segment.header();
            if (header != null && header.previous() == number) {
                return header;
            }
        }
        return null;
    }

    /** What the key of a sealed segment is bound to: all that the header says. */
    byte[] bound() {
        ByteBuffer bound = ByteBuffer.allocate(BOUND_BYTES);
        put(bound, 0, SEALED_VERSION);
        return bound.array();
    }

    private void put(ByteBuffer block, int at, int version) {
        block.putLong(at, MAGIC);
        block.putInt(at + 8, version);
        block.putLong(at + 16, number);
        block.putLong(at + 24, salt);
        block.putLong(at + 32, firstSequence);
        block.putLong(at + 40, previous);
        block.putLong(at + 48, previousEnd);
        block.putLong(at + 56, checkpoint);
        block.putLong(at + 64, lastCheckpoint);
    }

    /** @param sealedKey null for a segment that is not sealed */
    ByteBuffer encode(byte @Nullable [] sealedKey) {
        if (sealedKey != null && sealedKey.length > JournalSeal.MOST_KEY_BYTES) {
            throw new IllegalArgumentException("a sealed key of " + sealedKey.length + " bytes");
        }
        ByteBuffer block = ByteBuffer.allocateDirect(BYTES);
        for (int at = 0; at <= COPY_AT; at += COPY_AT) {
            put(block, at, sealedKey == null ? VERSION : SEALED_VERSION);
            if (sealedKey != null) {
                block.putInt(at + BOUND_BYTES, sealedKey.length);
                block.put(at + KEY_AT, sealedKey);
                int checkAt = at + KEY_AT + sealedKey.length;
                block.putInt(checkAt, RecordHeader.checkOf(block, at + KEY_AT, sealedKey.length));
            }
            block.putInt(at + CHECK_AT, RecordHeader.checkOf(block, at, CHECK_AT));
        }
        return block;
    }

    /**
     * A segment with the header of its file, or without one if neither copy is whole.
     *
     * @param seal opens its key; null if it is not sealed
     * @throws FsException.Unsupported if it has a format that this program does not know, or is not sealed but should be
     * @throws FsException.AccessDenied if a whole header is there, and the seal does not open the key in it
     */
    static Segment open(JournalFile file, long number, @Nullable JournalSeal seal) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BYTES);
        while (block.hasRemaining() && file.read(block.position(), block) >= 0) {
            // a read may give less than was asked for
        }
        FsException.AccessDenied locked = null;
        for (int at = 0; at <= COPY_AT; at += COPY_AT) {
            if (block.position() < at + COPY_BYTES
                    || block.getLong(at) != MAGIC
                    || block.getInt(at + CHECK_AT) != RecordHeader.checkOf(block, at, CHECK_AT)) {
                continue;
            }
            refuseOther(block.getInt(at + 8), seal != null);
            if (block.getLong(at + 16) != number) {
                continue;
            }
            SegmentHeader header = decode(block, at);
            if (seal == null) {
                return new Segment(number, header, null, file, file.size());
            }
            byte[] key = keyAt(block, at);
            if (key != null) {
                try {
                    RecordSeal records = new RecordSeal(seal.resume(header.bound(), key), seal.overhead());
                    return new Segment(number, header, records, file, file.size());
                } catch (FsException.Corrupt e) {
                    locked = new FsException.AccessDenied("the journal is sealed under another key", e);
                }
            }
        }
        if (locked != null) {
            throw locked;
        }
        return Segment.withoutHeader(file, number, seal);
    }

    private static void refuseOther(int version, boolean sealed) throws FsException {
        if (version == VERSION && sealed) {
            throw new FsException.Unsupported("the journal is not sealed, but it must be");
        }
        if (version == SEALED_VERSION && !sealed) {
            throw new FsException.AccessDenied("the journal is sealed, and there is no key for it");
        }
        if (version != VERSION && version != SEALED_VERSION) {
            throw new FsException.Unsupported("the journal has format " + version
                    + ", which this program cannot read: it knows format " + VERSION + ", and sealed "
                    + SEALED_VERSION + ". Use the version of isle that wrote it, or a newer one");
        }
    }

    private static SegmentHeader decode(ByteBuffer block, int at) {
        return new SegmentHeader(
                block.getLong(at + 16),
                block.getLong(at + 24),
                block.getLong(at + 32),
                block.getLong(at + 40),
                block.getLong(at + 48),
                block.getLong(at + 56),
                block.getLong(at + 64));
    }

    /** The sealed key of this copy, null if it is not whole. */
    private static byte @Nullable [] keyAt(ByteBuffer block, int at) {
        int length = block.getInt(at + BOUND_BYTES);
        int end = at + KEY_AT + length;
        if (length < 0 || length > JournalSeal.MOST_KEY_BYTES || block.position() < end + Integer.BYTES) {
            return null;
        }
        if (block.getInt(end) != RecordHeader.checkOf(block, at + KEY_AT, length)) {
            return null;
        }
        byte[] key = new byte[length];
        block.get(at + KEY_AT, key);
        return key;
    }
}
