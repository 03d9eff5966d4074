package isle.fs.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file that only takes space. It is deleted when the disk is full and a record without data must be written, and made
 * again before the next data is accepted.
 */
final class Reserve {

    private static final String NAME = "reserve";
    private static final int PIECE_BYTES = 64 << 10;

    private final JournalDisk disk;
    private final long bytes;
    private boolean present;

    Reserve(JournalDisk disk, long bytes) {
        this.disk = disk;
        this.bytes = bytes;
    }

    /** Keeps the file of an earlier run if there is one of the right size. */
    void adopt() throws IOException {
        if (disk.list().contains(NAME)) {
            try (JournalFile file = disk.open(NAME)) {
                present = file.size() == bytes;
            }
        }
    }

    /** Makes the file if it is not there. */
    void make() throws IOException {
        if (present) {
            return;
        }
        boolean done = false;
        try (JournalFile file = disk.create(NAME)) {
            for (long at = 0; at < bytes; at += PIECE_BYTES) {
                file.write(at, ByteBuffer.allocate((int) Math.min(PIECE_BYTES, bytes - at)));
            }
            // Without this a file system that allocates late would hold no blocks for it.
            file.force();
            done = true;
        } finally {
            if (!done) {
                disk.delete(NAME);
            }
        }
        present = true;
    }

    /** Gives the space back. False if that was done before. */
    boolean spend() throws IOException {
        if (!present) {
            return false;
        }
        disk.delete(NAME);
        present = false;
        return true;
    }
}
