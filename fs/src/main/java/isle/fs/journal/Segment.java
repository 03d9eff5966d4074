package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * One file of the journal while it is open. The file may be exchanged under the readers, who hold the read lock while
 * they use it.
 */
final class Segment {

    private final long number;
    private final @Nullable SegmentHeader header;
    private final @Nullable RecordSeal seal;
    private final ReentrantReadWriteLock fileLock = new ReentrantReadWriteLock();
    private final Object forceMonitor = new Object();
    private final AtomicLong liveBytes = new AtomicLong();
    private final AtomicLong lastRelease = new AtomicLong();
    private JournalFile file;
    private volatile boolean retired;
    private volatile boolean suspect;
    private volatile long end;

    /** Whether its records are void, whatever they say: of a checkpoint that was not finished. */
    private volatile boolean dead;

    /**
     * @param header null for a segment whose header cannot be read
     * @param seal null if its records are not sealed
     */
    Segment(long number, @Nullable SegmentHeader header, @Nullable RecordSeal seal, JournalFile file, long end) {
        this.number = number;
        this.header = header;
        this.seal = seal;
        this.file = file;
        this.end = end;
    }

    /** One whose header cannot be read: if it is sealed, nothing in it opens. */
    static Segment withoutHeader(JournalFile file, long number, @Nullable JournalSeal seal) throws IOException {
        RecordSeal records = seal == null ? null : new RecordSeal(null, seal.overhead());
        return new Segment(number, null, records, file, file.size());
    }

    long number() {
        return number;
    }

    @Nullable SegmentHeader header() {
        return header;
    }

    @Nullable RecordSeal seal() {
        return seal;
    }

    String fileName() {
        return SegmentHeader.fileName(number);
    }

    /** Where the next record goes; for a finished segment the size of its file. */
    long end() {
        return end;
    }

    void setEnd(long newEnd) {
        end = newEnd;
    }

    AtomicLong liveBytes() {
        return liveBytes;
    }

    /** Remembers that when this record was the last one, data in here was given up. */
    void releasedAt(long sequence) {
        lastRelease.accumulateAndGet(sequence, Math::max);
    }

    /** The last record when data was given up for the last time. */
    long releasedAt() {
        return lastRelease.get();
    }

    boolean isDead() {
        return dead;
    }

    void markDead() {
        dead = true;
    }

    /** True once a force failed: what was written since the last success may be lost although it can still be read. */
    boolean isSuspect() {
        return suspect;
    }

    /** Only for the one thread that writes, and for recovery, which is alone. */
    JournalFile file() {
        return file;
    }

    /**
     * Forces the file. Of two forces at the same time a kernel may tell only one that pages were lost: so they come one
     * after the other, and after a failure none succeeds until {@link #exchange}.
     */
    void force() throws IOException {
        synchronized (forceMonitor) {
            if (retired) {
                // It was forced before it was retired, and nobody needs what is in it.
                return;
            }
            if (suspect) {
                throw new IOException("an earlier force of " + fileName() + " failed");
            }
            boolean done = false;
            try {
                file.force();
                done = true;
            } finally {
                suspect = !done;
            }
        }
    }

    /** From now on the bytes are in {@code copy}, which holds the same and was forced. */
    void exchange(JournalFile copy) throws IOException {
        synchronized (forceMonitor) {
            fileLock.writeLock().lock();
            try {
                JournalFile old = file;
                file = copy;
                suspect = false;
                old.close();
            } finally {
                fileLock.writeLock().unlock();
            }
        }
    }

    /** Ends all use of the file. */
    void close() throws IOException {
        synchronized (forceMonitor) {
            fileLock.writeLock().lock();
            try {
                retired = true;
                file.close();
            } finally {
                fileLock.writeLock().unlock();
            }
        }
    }

    /** Fills {@code into} with bytes of the data at {@code location}, checked. */
    void read(DataLocation location, int skip, ByteBuffer into) throws FsException {
        fileLock.readLock().lock();
        try {
            if (retired) {
                throw new FsException.Stale("segment " + number + " is no longer in the journal");
            }
            if (seal == null) {
                CheckedData.read(file, location, skip, into);
            } else {
                seal.read(file, location, skip, into);
            }
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            throw new FsException.Failed("data in segment " + number + " of the journal cannot be read", e);
        } finally {
            fileLock.readLock().unlock();
        }
    }
}
