package isle.fs.store;

import isle.fs.model.FsException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * A content file: the bytes, then the CRC32C of each segment of them. It is never changed after it was written, so that
 * several objects can share it by hard links.
 */
final class ContentFile {

    /** What has to be read to check one byte. */
    static final int SEGMENT_BYTES = 16 * 1024;

    /** Reads into the heap go through a direct buffer of the same size that the thread keeps: this bounds it. */
    private static final int MAX_READ_BYTES = 1024 * 1024;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(SEGMENT_BYTES).asReadOnlyBuffer();
    private static final int ZEROS_CRC = crcOf(ZEROS.duplicate());

    private ContentFile() {}

    private static int crcOf(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    private static int segments(long length) {
        return (int) ((length + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    }

    /** Writes one file from its beginning to its end. */
    static final class Writer implements Closeable {
        private final Disk.OpenFile file;
        private final CRC32C crc = new CRC32C();
        private int[] checksums = new int[16];
        private int count;
        private int filled;
        private long length;

        Writer(Disk disk, Path path) throws IOException {
            this.file = disk.create(path);
        }

        /** Whole segments of zeros become holes. */
        void write(ByteBuffer bytes) throws IOException {
            length += bytes.remaining();
            int end = bytes.limit();
            ByteBuffer summed = bytes.duplicate();
            while (summed.hasRemaining()) {
                int from = summed.position();
                int n = Math.min(summed.remaining(), SEGMENT_BYTES - filled);
                crc.update(summed.limit(from + n));
                summed.limit(end);
                filled += n;
                boolean hole = n == SEGMENT_BYTES && (int) crc.getValue() == ZEROS_CRC && isZero(bytes, from);
                if (filled == SEGMENT_BYTES) {
                    endSegment();
                }
                if (hole) {
                    file.write(bytes.limit(from));
                    file.skip(SEGMENT_BYTES);
                    bytes.limit(end).position(from + SEGMENT_BYTES);
                }
            }
            if (bytes.hasRemaining()) {
                file.write(bytes);
            }
        }

        private static boolean isZero(ByteBuffer bytes, int from) {
            return bytes.slice(from, SEGMENT_BYTES).equals(ZEROS.duplicate());
        }

        private void endSegment() {
            if (count == checksums.length) {
                checksums = Arrays.copyOf(checksums, count * 2);
            }
            checksums[count++] = (int) crc.getValue();
            crc.reset();
            filled = 0;
        }

        /** Ends the file and makes its bytes durable (not its name). Returns how many bytes of content it has. */
        long finish() throws IOException {
            if (filled > 0) {
                endSegment();
            }
            ByteBuffer table = ByteBuffer.allocate(count * Integer.BYTES);
            for (int i = 0; i < count; i++) {
                table.putInt(checksums[i]);
            }
            file.write(table.flip());
            file.force();
            return length;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /**
     * Reads and checks a range.
     *
     * @param fileLength content bytes of the whole file
     * @param offset first byte in the file
     * @param into has room for {@code length} bytes, which are all there
     */
    static void read(Path path, long fileLength, long offset, int length, ByteBuffer into) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long expected = fileLength + (long) segments(fileLength) * Integer.BYTES;
            if (channel.size() != expected) {
                throw new FsException.Corrupt(
                        path.getFileName() + " has " + channel.size() + " bytes where it should have " + expected);
            }
            new RangeReader(path, channel, fileLength, offset, length).read(into);
        }
    }

    /** Whole segments go straight to the caller and are checked there; the ends of the range by way of a scratch. */
    private static final class RangeReader {
        private final Path path;
        private final FileChannel channel;
        private final long fileLength;
        private final long offset;
        private final long end;
        private final CRC32C crc = new CRC32C();

        RangeReader(Path path, FileChannel channel, long fileLength, long offset, int length) {
            this.path = path;
            this.channel = channel;
            this.fileLength = fileLength;
            this.offset = offset;
            this.end = offset + length;
        }

        void read(ByteBuffer into) throws IOException {
            long first = offset / SEGMENT_BYTES;
            int count = (int) ((end - 1) / SEGMENT_BYTES - first) + 1;
            ByteBuffer checksums = ByteBuffer.allocate(count * Integer.BYTES);
            readFully(checksums, fileLength + first * Integer.BYTES);
            checksums.flip();
            long at = offset;
            while (at < end) {
                long whole = at % SEGMENT_BYTES == 0 ? wholeSegments(at) : 0;
                if (whole > 0) {
                    readWhole(at, (int) whole, checksums, into);
                    at += whole;
                } else {
                    at += readPartly(at, checksums, into);
                }
            }
        }

        /** Bytes from a segment's start on that are wanted and end with a segment, as far as one read goes. */
        private long wholeSegments(long at) {
            long limit = Math.min(end, at + MAX_READ_BYTES);
            long last = limit == fileLength ? limit : limit - limit % SEGMENT_BYTES;
            return last - at;
        }

        private void readWhole(long at, int length, ByteBuffer checksums, ByteBuffer into) throws IOException {
            ByteBuffer target = into.slice(into.position(), length);
            readFully(target, at);
            for (int from = 0; from < length; from += SEGMENT_BYTES) {
                int to = Math.min(length, from + SEGMENT_BYTES);
                check(target.limit(to).position(from), checksums.getInt(), at + from);
            }
            into.position(into.position() + length);
        }

        private int readPartly(long at, ByteBuffer checksums, ByteBuffer into) throws IOException {
            long start = at - at % SEGMENT_BYTES;
            ByteBuffer segment = ByteBuffer.allocate((int) Math.min(SEGMENT_BYTES, fileLength - start));
            readFully(segment, start);
            check(segment.flip(), checksums.getInt(), start);
            int from = (int) (at - start);
            int to = (int) Math.min(segment.limit(), end - start);
            into.put(segment.limit(to).position(from));
            return to - from;
        }

        private void check(ByteBuffer segment, int expected, long at) throws FsException {
            crc.reset();
            crc.update(segment);
            if ((int) crc.getValue() != expected) {
                throw new FsException.Corrupt("wrong checksum of " + path.getFileName() + " at " + at);
            }
        }

        private void readFully(ByteBuffer into, long from) throws IOException {
            long at = from;
            while (into.hasRemaining()) {
                int n = channel.read(into, at);
                if (n < 0) {
                    throw new FsException.Corrupt(path.getFileName() + " ends at " + at);
                }
                at += n;
            }
        }
    }
}
