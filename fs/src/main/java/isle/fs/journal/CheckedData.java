package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Writes and reads the checks that lie before the data of a record, one for each 64 KiB of it. */
final class CheckedData {

    private CheckedData() {}

    /** The checks of the remaining bytes, whose position does not move. */
    static ByteBuffer checksOf(ByteBuffer data) {
        int bytes = data.remaining();
        ByteBuffer checks = ByteBuffer.allocate(RecordHeader.checksBytes(bytes));
        for (int done = 0; done < bytes; done += RecordHeader.CHECKED_BYTES) {
            int piece = Math.min(RecordHeader.CHECKED_BYTES, bytes - done);
            checks.putInt(checkOf(data.slice(data.position() + done, piece)));
        }
        return checks.flip();
    }

    /**
     * Fills {@code into}, starting {@code skip} bytes into the data. Whole pieces go straight there, the first and the
     * last come by way of a buffer when only a part of them is wanted.
     *
     * @throws FsException.Corrupt if a check fails; {@code into} then holds rubbish
     */
    static void read(JournalFile file, DataLocation location, int skip, ByteBuffer into) throws IOException {
        if (!into.hasRemaining()) {
            return;
        }
        int firstPiece = skip / RecordHeader.CHECKED_BYTES;
        int lastPiece = (skip + into.remaining() - 1) / RecordHeader.CHECKED_BYTES;
        int checksAt = location.offset() - RecordHeader.checksBytes(location.length());
        ByteBuffer checks = ByteBuffer.allocate((lastPiece - firstPiece + 1) * RecordHeader.CHECK_BYTES);
        readFully(file, checksAt + (long) firstPiece * RecordHeader.CHECK_BYTES, checks, location);
        checks.flip();

        int position = skip;
        while (into.hasRemaining()) {
            int pieceStart = position / RecordHeader.CHECKED_BYTES * RecordHeader.CHECKED_BYTES;
            int pieceBytes = Math.min(RecordHeader.CHECKED_BYTES, location.length() - pieceStart);
            boolean whole = position == pieceStart && into.remaining() >= pieceBytes;
            ByteBuffer piece = whole ? into.slice(into.position(), pieceBytes) : ByteBuffer.allocate(pieceBytes);
            readFully(file, location.offset() + (long) pieceStart, piece, location);
            if (checks.getInt() != checkOf(piece.flip())) {
                throw new FsException.Corrupt("data at " + location.offset() + " of segment " + location.segment()
                        + " of the journal is damaged");
            }
            int from = position - pieceStart;
            int wanted = Math.min(pieceBytes - from, into.remaining());
            if (whole) {
                into.position(into.position() + pieceBytes);
            } else {
                into.put(piece.slice(from, wanted));
            }
            position += wanted;
        }
    }

    static void readFully(JournalFile file, long at, ByteBuffer into, DataLocation location) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int count = file.read(position, into);
            if (count < 0) {
                throw new FsException.Corrupt("segment " + location.segment() + " of the journal is cut: the data at "
                        + location.offset() + " is not there");
            }
            position += count;
        }
    }

    static int checkOf(ByteBuffer bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }
}
