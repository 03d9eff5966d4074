package isle.fs.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A segmented write-ahead log. It knows nothing of what its records mean. All methods may be called by any thread.
 *
 * <p>What {@link #append(int, ByteBuffer)} took survives the end of the process; what was appended before a
 * {@link #force} that returned survives power loss. Sequence numbers rise in the order of the file, but not always by
 * one.
 */
public final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** The longest body. */
    public static final int MAX_BODY_BYTES = RecordHeader.MAX_BODY_BYTES;

    /** The longest data of one record. */
    public static final int MAX_DATA_BYTES = RecordHeader.MAX_DATA_BYTES;

    /** Is told, in order, what a journal holds while it is opened. */
    public interface Recovery {

        /**
         * A whole record.
         *
         * @param sequence its number
         * @param type the owner's type
         * @param body the owner's bytes, to be kept if wanted
         * @param data where its data lies, null if it has none
         */
        void record(long sequence, int type, ByteBuffer body, @Nullable DataLocation data);

        /** Something that cannot be replayed; what follows it is. */
        void damaged(Damage damage);
    }

    /** Writes the state of the owner by appending records. */
    @FunctionalInterface
    public interface CheckpointWriter {

        /** Appends to the journal, on the calling thread alone, and neither forces nor closes it. */
        void write(Journal journal) throws FsException;
    }

    private final JournalSettings settings;
    private final SegmentSet segments;
    private final SegmentWriter writer;

    /** Bytes that sealing adds to the body, and to each piece of the data; -1 if nothing is sealed. */
    private final int overhead;

    private final Reserve reserve;
    private final GroupForce groupForce;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock") private boolean checkpointing;

    private final AtomicLong bytesSinceCheckpoint;
    private volatile boolean closed;

    private Journal(
            JournalDisk disk,
            JournalSettings settings,
            @Nullable JournalSeal seal,
            RandomGenerator salts,
            Recovered recovered) {
        this.settings = settings;
        this.overhead = seal == null ? Draft.UNSEALED : seal.overhead();
        this.segments = new SegmentSet(disk, recovered.segments(), recovered.lastCheckpoint());
        this.writer = new SegmentWriter(disk, segments, settings.segmentBytes(), seal, salts, recovered);
        this.reserve = new Reserve(disk, settings.reserveBytes());
        this.groupForce = new GroupForce(() -> writer.force(lock), writer::durableSequence);
        this.bytesSinceCheckpoint = new AtomicLong(recovered.bytesSinceCheckpoint());
    }

    /** Opens or creates a journal that lies on the disk as it is; otherwise as the other one. */
    public static Journal open(JournalDisk disk, JournalSettings settings, Recovery recovery) throws FsException {
        return open(disk, settings, null, recovery);
    }

    /**
     * Opens or creates the journal of a disk, replays what the last complete checkpoint and the records behind it say,
     * and makes that safe from power loss. What a crash left of records that were being written is cut without a word;
     * any other damage is told and passed over. Nothing else may use the disk meanwhile.
     *
     * @param seal seals bodies and data; null if they are to lie on the disk as they are
     * @throws FsException.Unsupported if it has a format that this program does not know, or is not sealed but should be
     * @throws FsException.AccessDenied if it is sealed, and not by this seal
     * @throws FsException.Failed if the disk cannot be read
     */
    public static Journal open(
            JournalDisk disk, JournalSettings settings, @Nullable JournalSeal seal, Recovery recovery)
            throws FsException {
        return open(disk, settings, seal, new SecureRandom(), recovery);
    }

    static Journal open(
            JournalDisk disk,
            JournalSettings settings,
            @Nullable JournalSeal seal,
            RandomGenerator salts,
            Recovery recovery)
            throws FsException {
        try {
            Recovered recovered = new RecoveryScan(disk, seal, recovery).run();
            Journal journal = new Journal(disk, settings, seal, salts, recovered);
            journal.reserve.adopt();
            return journal;
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            throw new FsException.Failed("the journal cannot be opened", e);
        }
    }

    /**
     * Appends a record without data. When it returns, the bytes are in the operating system. The buffer's position does
     * not move.
     *
     * @param type the owner's, 0 or more
     * @param body at most {@link #MAX_BODY_BYTES}
     * @return its sequence number
     * @throws FsException.NoSpace if disk or cap are full to the last of the reserve; nothing was appended
     * @throws FsException.Failed if the disk fails; nothing was appended, but recovery may find the record when the disk
     *     could not even be cut
     */
    public long append(int type, ByteBuffer body) throws FsException {
        return place(draft(type, body, null)).sequence();
    }

    /**
     * Appends a record with data. When it returns, the bytes are in the operating system. The positions of the buffers
     * do not move; data in a direct buffer is not copied. Empty data counts as none.
     *
     * @param type the owner's, 0 or more
     * @param body at most {@link #MAX_BODY_BYTES}
     * @param data at most {@link #MAX_DATA_BYTES}
     * @throws FsException.NoSpace if disk or cap have no room but the reserve; nothing was appended
     * @throws FsException.Failed as for {@link #append(int, ByteBuffer)}
     */
    public Appended append(int type, ByteBuffer body, ByteBuffer data) throws FsException {
        return place(draft(type, body, data));
    }

    private Draft draft(int type, ByteBuffer body, @Nullable ByteBuffer data) {
        if (type < 0) {
            throw new IllegalArgumentException("negative types are the journal's own: " + type);
        }
        if (body.remaining() > MAX_BODY_BYTES || (data != null && data.remaining() > MAX_DATA_BYTES)) {
            throw new IllegalArgumentException("the record is too long: " + body.remaining() + " and "
                    + (data == null ? 0 : data.remaining()) + " bytes");
        }
        return Draft.of(type, body, data, overhead);
    }

    private Appended place(Draft draft) throws FsException {
        lock.lock();
        try {
            requireOpen();
            Appended appended = draft.dataBytes() > 0 ? placeData(draft) : placeSmall(draft);
            bytesSinceCheckpoint.addAndGet(draft.recordBytes());
            return appended;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock") private Appended placeData(Draft draft) throws FsException {
        requireRoom(draft, settings.capBytes() - settings.reserveBytes());
        try {
            reserve.make();
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the journal goes on without a reserve: {}", e.toString());
        }
        return writer.append(draft);
    }

    @GuardedBy("lock") private Appended placeSmall(Draft draft) throws FsException {
        if (!checkpointing) {
            requireRoom(draft, settings.capBytes());
        }
        try {
            return writer.append(draft);
        } catch (FsException.NoSpace e) {
            spendReserve(e);
            return writer.append(draft);
        }
    }

    private void requireRoom(Draft draft, long limit) throws FsException {
        if (segments.usedBytes() + writer.bytesFor(draft) > limit) {
            throw new FsException.NoSpace("the journal is full: it may take " + settings.capBytes() + " bytes");
        }
    }

    @GuardedBy("lock") private void spendReserve(FsException.NoSpace full) throws FsException {
        try {
            if (!reserve.spend()) {
                throw full;
            }
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            full.addSuppressed(e);
            throw full;
        }
    }

    private void requireOpen() throws FsException {
        if (closed) {
            throw new FsException.Unavailable("the journal is closed");
        }
    }

    /**
     * When it returns, everything appended before the call survives power loss. Callers at the same time share a force.
     *
     * @throws FsException.Failed if that cannot be said. A later call tries again, in a way that is only successful
     *     when the same records really are safe; where they are lost, this and every other call fails from then on
     */
    public void force() throws FsException {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException("a checkpoint is forced at its end");
        }
        long last = writer.lastSequence();
        if (last > writer.durableSequence()) {
            requireOpen();
            groupForce.force(last);
        }
    }

    /** Whether something was appended that may not survive power loss. */
    public boolean hasUnforced() {
        return writer.lastSequence() > writer.durableSequence();
    }

    /**
     * Reads bytes of a record's data until {@code into} is full.
     *
     * @param skip bytes of the data to pass over
     * @throws FsException.Corrupt if the bytes are not those that were written; {@code into} then holds rubbish
     * @throws FsException.Stale if the segment was deleted because nothing in it was needed
     * @throws FsException.Failed if the disk fails
     */
    public void read(DataLocation location, int skip, ByteBuffer into) throws FsException {
        requireOpen();
        segments.read(location, skip, into);
    }

    /**
     * Replaces all records before it by those that {@code writer} appends: recovery starts with them from then on. Of
     * earlier segments only their live data counts. Other threads' appends wait. When it throws, nothing has changed,
     * and sequence numbers and locations that the writer was given are void.
     *
     * @throws FsException.NoSpace if the disk has no room; the cap does not count here
     */
    public void checkpoint(CheckpointWriter checkpointWriter) throws FsException {
        lock.lock();
        try {
            requireOpen();
            if (checkpointing) {
                throw new IllegalStateException("a checkpoint cannot contain another");
            }
            long first = beginCheckpoint();
            checkpointing = true;
            boolean done = false;
            try {
                checkpointWriter.write(this);
                placeSmall(Draft.of(RecordHeader.END_OF_CHECKPOINT, numberBody(first), null, overhead));
                writer.makeCurrentDurable();
                done = true;
            } finally {
                checkpointing = false;
                if (done) {
                    writer.endCheckpoint();
                } else {
                    writer.abandonCheckpoint();
                }
            }
            bytesSinceCheckpoint.set(0);
            segments.checkpointComplete(first);
        } finally {
            lock.unlock();
        }
    }

    private static ByteBuffer numberBody(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).flip();
    }

    @GuardedBy("lock") private long beginCheckpoint() throws FsException {
        try {
            return writer.beginCheckpoint();
        } catch (FsException.NoSpace e) {
            spendReserve(e);
            return writer.beginCheckpoint();
        }
    }

    /**
     * Says that data of a segment is no longer needed; of segments that were there at opening only after
     * {@link #startAccounting}. A segment before the last checkpoint of which nothing is needed
     * is deleted, but not before everything that was appended before this call is forced: so a record that gives data
     * up may be appended, and the data released, without a force in between.
     *
     * @param bytes how much, in the lengths that locations give
     * @throws IllegalArgumentException if that is more than there is
     */
    public void release(long segment, long bytes) {
        segments.release(segment, bytes, writer.lastSequence());
    }

    /**
     * Says, once and after opening, how much data recovery left in use. Before that nothing is deleted.
     *
     * @param liveBytesBySegment bytes of data by the segment they lie in; what it says of segments that were begun since
     *     is not needed and passed over
     */
    public void startAccounting(Map<Long, Long> liveBytesBySegment) throws FsException {
        requireOpen();
        segments.startAccounting(liveBytesBySegment);
    }

    /** Bytes of all segments. The reserve and what is written ahead, a MiB each, come on top of it on the disk. */
    public long usedBytes() {
        return segments.usedBytes();
    }

    /** What {@link #usedBytes()} may grow to. */
    public long capBytes() {
        return settings.capBytes();
    }

    /** Bytes appended since the last checkpoint was complete: what recovery would have to read. */
    public long bytesSinceCheckpoint() {
        return bytesSinceCheckpoint.get();
    }

    /**
     * Segments, oldest first, of which something but less than half is needed. When their owner has appended that anew,
     * released it and made a checkpoint, they go.
     */
    public List<Long> halfDeadSegments() {
        return segments.halfDead(writer.currentNumber());
    }

    /** Spares the next opening the copy of the last segment, and tells it that damage in there is not torn. */
    @GuardedBy("lock") private void markClosed() {
        if (writer.currentNumber() == 0) {
            return;
        }
        try {
            placeSmall(Draft.of(RecordHeader.CLOSED, ByteBuffer.allocate(0), null, overhead));
            writer.trim();
            writer.makeCurrentDurable();
        } catch (FsException e) {
            // Everything of the owner's is safe already.
            LOG.info("the journal is closed without a mark: {}", e.toString());
        }
    }

    /**
     * Forces and closes. A second call does nothing.
     *
     * @throws FsException.Failed if the force failed; the journal is closed nevertheless
     */
    @Override
    public void close() throws FsException {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            try {
                writer.makeCurrentDurable();
                markClosed();
            } finally {
                segments.close();
            }
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            throw new FsException.Failed("the journal could not be closed", e);
        } finally {
            lock.unlock();
        }
    }
}
