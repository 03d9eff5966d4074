package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The first kibibyte of a segment: the same 96 bytes twice, in two sectors. The format is in the description of the
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

    static final int VERSION = 1;

    /** Where the first record starts. */
    static final int BYTES = 1024;

    private static final long MAGIC = 0x49534C454A524E4CL;
    private static final int COPY_BYTES = 96;
    private static final int COPY_AT = 512;
    private static final int CHECK_AT = COPY_BYTES - Integer.BYTES;
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

    ByteBuffer encode() {
        ByteBuffer block = ByteBuffer.allocateDirect(BYTES);
        for (int at = 0; at <= COPY_AT; at += COPY_AT) {
            block.putLong(at, MAGIC);
            block.putInt(at + 8, VERSION);
            block.putLong(at + 16, number);
            block.putLong(at + 24, salt);
            block.putLong(at + 32, firstSequence);
            block.putLong(at + 40, previous);
            block.putLong(at + 48, previousEnd);
            block.putLong(at + 56, checkpoint);
            block.putLong(at + 64, lastCheckpoint);
            block.putInt(at + CHECK_AT, RecordHeader.checkOf(block, at, CHECK_AT));
        }
        return block;
    }

    /**
     * The header of a file, or null if neither copy is whole.
     *
     * @throws FsException.Unsupported if it has a format that this program does not know
     */
    static @Nullable SegmentHeader read(JournalFile file, long number) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BYTES);
        while (block.hasRemaining() && file.read(block.position(), block) >= 0) {
            // a read may give less than was asked for
        }
        for (int at = 0; at <= COPY_AT; at += COPY_AT) {
            if (block.position() < at + COPY_BYTES
                    || block.getLong(at) != MAGIC
                    || block.getInt(at + CHECK_AT) != RecordHeader.checkOf(block, at, CHECK_AT)) {
                continue;
            }
            int version = block.getInt(at + 8);
            if (version != VERSION) {
                throw new FsException.Unsupported("the journal has format " + version
                        + ", which this program cannot read: it knows format " + VERSION
                        + ". Use the version of isle that wrote it, or a newer one");
            }
            if (block.getLong(at + 16) == number) {
                return new SegmentHeader(
                        number,
                        block.getLong(at + 24),
                        block.getLong(at + 32),
                        block.getLong(at + 40),
                        block.getLong(at + 48),
                        block.getLong(at + 56),
                        block.getLong(at + 64));
            }
        }
        return null;
    }
}
