package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes the bytes of a segment anew, to other blocks of the disk. After a failed force that is the only way to make
 * them safe: the kernel takes the pages that it could not write for clean, and no later force writes them.
 */
final class SegmentCopy {

    static final String SUFFIX = ".new";
    private static final int PIECE_BYTES = 256 << 10;

    private SegmentCopy() {}

    /**
     * Exchanges the file of the segment for a forced copy up to its end.
     *
     * @param firstNeeded the copy is refused unless the records from this number on are whole in it
     * @param lastNeeded the last of them
     * @throws FsException.Corrupt if one of them is not
     */
    static void replace(JournalDisk disk, Segment segment, long firstNeeded, long lastNeeded) throws IOException {
        String temporary = segment.fileName() + SUFFIX;
        long end = segment.end();
        try (JournalFile copy = disk.create(temporary)) {
            ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
            for (long at = 0; at < end; at += piece.limit()) {
                piece.clear().limit((int) Math.min(PIECE_BYTES, end - at));
                while (piece.hasRemaining()) {
                    if (segment.file().read(at + piece.position(), piece) < 0) {
                        throw new FsException.Corrupt("segment " + segment.number() + " of the journal was cut");
                    }
                }
                copy.write(at, piece.flip());
            }
            verify(segment, copy, firstNeeded, lastNeeded);
            copy.force();
        } catch (IOException e) {
            disk.delete(temporary);
            throw e;
        }
        disk.replace(temporary, segment.fileName());
        disk.forceDirectory();
        segment.exchange(disk.open(segment.fileName()));
    }

    private static void verify(Segment segment, JournalFile copy, long firstNeeded, long lastNeeded)
            throws IOException {
        SegmentHeader header = segment.header();
        if (header == null || firstNeeded > lastNeeded) {
            return;
        }
        long first = Math.max(firstNeeded, header.firstSequence());
        long whole = 0;
        // The checks over the sealed bytes say enough: what is looked for is pages that were lost.
        SegmentScanner scanner = new SegmentScanner(
                copy, header.salt(), null, SegmentHeader.BYTES, segment.end(), header.firstSequence() - 1);
        for (SegmentScanner.Found found = scanner.next(); found != null; found = scanner.next()) {
            if (found instanceof SegmentScanner.Whole record && record.header().sequence() >= first) {
                whole++;
            }
        }
        if (whole != lastNeeded - first + 1) {
            throw new FsException.Corrupt("segment " + segment.number() + " of the journal has lost records");
        }
    }
}
