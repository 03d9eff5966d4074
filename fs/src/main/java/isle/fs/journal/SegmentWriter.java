package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import isle.fs.spi.JournalSeal.FileSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes records to the last segment and begins new ones. Everything but {@link #force} and the plain questions is
 * called under the lock of the {@link Journal}.
 */
final class SegmentWriter {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentWriter.class);
    private static final int SCRATCH_BYTES = 64 << 10;
    private static final int MAX_SEALED_BYTES = 2 << 20;

    /**
     * Zeros that are written ahead of small records. A force of bytes over forced zeros need not make a new size of the
     * file safe too, which halves its time; for large records the zeros would cost more than they save.
     */
    private static final int MAX_AHEAD_BYTES = 1 << 20;

    private static final int MAX_RECORD_AHEAD_BYTES = 16 << 10;
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(MAX_AHEAD_BYTES).asReadOnlyBuffer();

    /** The last record and the segment it is in. */
    private record Written(@Nullable Segment segment, long sequence) {}

    private final JournalDisk disk;
    private final SegmentSet segments;
    private final long segmentBytes;
    private final int aheadBytes;
    private final @Nullable JournalSeal seal;
    private final RandomGenerator salts;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    /** Takes the data of a record sealed; what is longer than {@link #MAX_SEALED_BYTES} does not stay. */
    private ByteBuffer sealedData = ByteBuffer.allocate(0);

    private @Nullable Segment current;

    /** Whether {@link #current} takes no more: something may lie behind its end, or a later segment name that end. */
    private boolean sealed;

    /** Up to where zeros were written in {@link #current}. */
    private long aheadEnd;

    /** The segment before {@link #current} in the order of replay, and its end. 0 for none. */
    private long previous;

    private long previousEnd;
    private long nextNumber;
    private long nextSequence;

    /** The checkpoint that is being written, 0 for none. */
    private long checkpoint;

    /** What comes before the checkpoint, and goes on should that fail. */
    private long beforeCheckpoint;

    private long beforeCheckpointEnd;

    /** The sentence that every call answers after records were lost. */
    private @Nullable String lost;

    private volatile Written written;
    private final AtomicLong durable;

    SegmentWriter(
            JournalDisk disk,
            SegmentSet segments,
            long segmentBytes,
            @Nullable JournalSeal seal,
            RandomGenerator salts,
            Recovered start) {
        this.disk = disk;
        this.segments = segments;
        this.segmentBytes = segmentBytes;
        this.aheadBytes = (int) Math.min(MAX_AHEAD_BYTES, segmentBytes / 4);
        this.seal = seal;
        this.salts = salts;
        this.previous = start.tail();
        this.previousEnd = start.tailEnd();
        this.nextNumber = start.nextNumber();
        this.nextSequence = start.nextSequence();
        this.durable = new AtomicLong(start.nextSequence() - 1);
        this.written = new Written(null, start.nextSequence() - 1);
        segments.safeUntil(start.nextSequence() - 1);
    }

    long lastSequence() {
        return written.sequence();
    }

    long durableSequence() {
        return durable.get();
    }

    long currentNumber() {
        Segment segment = written.segment();
        return segment == null ? 0 : segment.number();
    }

    /** Bytes that an append would add to the disk. */
    long bytesFor(Draft draft) {
        return draft.recordBytes() + (needsRoll(draft.recordBytes()) ? SegmentHeader.BYTES : 0);
    }

    private boolean needsRoll(long recordBytes) {
        Segment segment = current;
        return segment == null
                || sealed
                || (segment.end() > SegmentHeader.BYTES && segment.end() + recordBytes > segmentBytes);
    }

    /** Appends the record whole or, when it throws, not at all. */
    Appended append(Draft draft) throws FsException {
        refuseIfLost();
        if (current != null && current.isSuspect()) {
            // Nothing is added to what may be lost.
            makeCurrentDurable();
        }
        try {
            return place(draft);
        } catch (FsException.NoSpace e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the journal could not be written, it goes on in a new segment: {}", e.toString());
            sealed = true;
        }
        try {
            return place(draft);
        } catch (FsException e) {
            throw e;
        } catch (IOException e) {
            sealed = true;
            throw new FsException.Failed("the journal could not be written", e);
        }
    }

    private Appended place(Draft draft) throws IOException {
        long recordBytes = draft.recordBytes();
        Segment segment = current;
        if (segment == null || needsRoll(recordBytes)) {
            segment = roll(false);
        }
        long at = segment.end();
        boolean done = false;
        try {
            writeAhead(segment, at, recordBytes);
            write(segment, at, draft);
            done = true;
        } finally {
            if (!done) {
                cut(segment, at);
            }
        }
        long sequence = nextSequence++;
        segments.grow(segment, at + recordBytes);
        segment.liveBytes().addAndGet(draft.ownBytes());
        written = new Written(segment, sequence);
        int dataAt = (int) at + RecordHeader.dataOffset(draft.bodyBytes(), draft.dataBytes());
        return new Appended(sequence, new DataLocation(segment.number(), dataAt, draft.ownBytes()));
    }

    private void writeAhead(Segment segment, long at, long recordBytes) throws IOException {
        long end = Math.min(at + aheadBytes, segmentBytes);
        if (recordBytes > MAX_RECORD_AHEAD_BYTES || at + recordBytes <= aheadEnd || at + recordBytes > end) {
            return;
        }
        try {
            segment.file().write(at, ZEROS.slice(0, (int) (end - at)));
            aheadEnd = end;
        } catch (IOException e) {
            // They are no need; what is wrong with the disk the record will tell.
            segment.file().truncate(at);
        }
    }

    private void write(Segment segment, long at, Draft draft) throws IOException {
        RecordHeader header = new RecordHeader(
                draft.type(),
                Objects.requireNonNull(segment.header()).salt(),
                nextSequence,
                durable.get(),
                draft.bodyBytes(),
                draft.dataBytes(),
                draft.bodyCheck(),
                checkpoint != 0);
        RecordSeal sealing = segment.seal();
        if (sealing == null) {
            write(segment, at, header, draft);
        } else {
            // At each attempt anew: what a failed one left on the disk must not share a nonce with what takes its
            // place.
            Draft sealed = sealing.seal(draft, header, at, sealedBuffer(draft.dataBytes()));
            write(segment, at, header.withBodyCheck(sealed.bodyCheck()), sealed);
        }
    }

    private ByteBuffer sealedBuffer(int bytes) {
        if (bytes > MAX_SEALED_BYTES) {
            return ByteBuffer.allocate(bytes);
        }
        if (bytes > sealedData.capacity()) {
            sealedData = ByteBuffer.allocate(bytes);
        }
        return sealedData;
    }

    private void write(Segment segment, long at, RecordHeader header, Draft draft) throws IOException {
        scratch.clear();
        header.encode(scratch);
        ByteBuffer data = draft.data();
        int small = draft.body().remaining() + draft.checks().remaining() + RecordHeader.ALIGNMENT;
        if (small > scratch.remaining()) {
            ByteBuffer large = data == null ? ByteBuffer.allocate(0) : data.duplicate();
            segment.file()
                    .write(
                            at,
                            scratch.flip(),
                            draft.body().duplicate(),
                            draft.checks().duplicate(),
                            large,
                            padding(draft));
            return;
        }
        scratch.put(draft.body().duplicate()).put(draft.checks().duplicate());
        if (data == null) {
            segment.file().write(at, scratch.put(padding(draft)).flip());
        } else {
            segment.file().write(at, scratch.flip(), data.duplicate(), padding(draft));
        }
    }

    private static ByteBuffer padding(Draft draft) {
        long used = (long) RecordHeader.BYTES
                + draft.body().remaining()
                + draft.checks().remaining()
                + draft.dataBytes();
        return ZEROS.slice(0, (int) (draft.recordBytes() - used));
    }

    /** Removes what a failed write left. If that fails the segment is finished: the next one's header tells its end. */
    private void cut(Segment segment, long end) {
        aheadEnd = 0;
        try {
            segment.file().truncate(end);
        } catch (IOException e) {
            LOG.warn("the end of the journal's segment {} cannot be cut: {}", segment.number(), e.toString());
            sealed = true;
        }
    }

    /** Finishes the current segment, which is then safe, and begins the next one. */
    private Segment roll(boolean beginsCheckpoint) throws FsException {
        trim();
        makeCurrentDurable();
        Segment finished = current;
        if (finished != null) {
            previous = finished.number();
            previousEnd = finished.end();
        }
        Segment begun = create(beginsCheckpoint);
        current = begun;
        aheadEnd = 0;
        sealed = false;
        return begun;
    }

    private Segment create(boolean beginsCheckpoint) throws FsException {
        long number = nextNumber++;
        SegmentHeader header = new SegmentHeader(
                number,
                salts.nextLong(),
                nextSequence,
                previous,
                previousEnd,
                beginsCheckpoint ? number : checkpoint,
                segments.lastCheckpoint());
        JournalSeal sealing = seal;
        FileSeal key = sealing == null ? null : sealing.begin(header.bound());
        String name = SegmentHeader.fileName(number);
        JournalFile file = null;
        try {
            file = disk.create(name);
            file.write(0, header.encode(key == null ? null : key.sealedKey()));
            // The header is safe before any record is: recovery can then rely on numbers never coming twice.
            file.force();
            disk.forceDirectory();
        } catch (IOException e) {
            discard(name, file, e);
            // The header may come back after the loss of power, and it names where the segment before it ends.
            sealed |= file != null;
            throw e instanceof FsException.NoSpace full
                    ? full
                    : new FsException.Failed("a new segment of the journal cannot be made", e);
        }
        RecordSeal records = sealing == null ? null : new RecordSeal(key, sealing.overhead());
        Segment segment = new Segment(number, header, records, file, SegmentHeader.BYTES);
        segments.add(segment);
        return segment;
    }

    private void discard(String name, @Nullable JournalFile file, IOException why) {
        try {
            if (file != null) {
                file.close();
            }
            disk.delete(name);
        } catch (IOException e) {
            // It is named by no other segment: recovery passes over it.
            why.addSuppressed(e);
        }
    }

    /** Forces what was appended before the call. Called by any thread, without the lock. */
    void force(Lock lock) throws FsException {
        Written last = written;
        Segment segment = last.segment();
        if (segment == null) {
            return;
        }
        try {
            segment.force();
            keptUntil(last.sequence());
            return;
        } catch (IOException e) {
            LOG.warn("a force of the journal failed, what it should have kept is written anew: {}", e.toString());
        }
        lock.lock();
        try {
            if (durable.get() < last.sequence()) {
                makeCurrentDurable();
            }
        } finally {
            lock.unlock();
        }
    }

    private void keptUntil(long sequence) {
        segments.safeUntil(durable.accumulateAndGet(sequence, Math::max));
    }

    /** Forces the current segment, by a copy if its own pages cannot be trusted. */
    void makeCurrentDurable() throws FsException {
        refuseIfLost();
        Segment segment = current;
        if (segment == null || durable.get() == lastSequence()) {
            return;
        }
        try {
            segment.force();
        } catch (IOException e) {
            rewrite(segment, e);
        }
        keptUntil(lastSequence());
    }

    /** Gives back what was written ahead. */
    void trim() {
        Segment segment = current;
        if (segment != null && aheadEnd > segment.end()) {
            cut(segment, segment.end());
        }
    }

    private void rewrite(Segment segment, IOException cause) throws FsException {
        aheadEnd = 0;
        try {
            SegmentCopy.replace(disk, segment, durable.get() + 1, lastSequence());
        } catch (FsException.Corrupt e) {
            lost = "records of the journal were lost: its disk could not keep them";
            e.addSuppressed(cause);
            throw new FsException.Failed(lost, e);
        } catch (IOException e) {
            e.addSuppressed(cause);
            throw new FsException.Failed("the journal could not be made safe from power loss", e);
        }
    }

    private void refuseIfLost() throws FsException {
        if (lost != null) {
            throw new FsException.Failed(lost);
        }
    }

    /** Begins a segment whose records belong to a checkpoint, until {@link #endCheckpoint} or {@link #abandonCheckpoint}. */
    long beginCheckpoint() throws FsException {
        checkpoint = roll(true).number();
        beforeCheckpoint = previous;
        beforeCheckpointEnd = previousEnd;
        return checkpoint;
    }

    void endCheckpoint() {
        checkpoint = 0;
    }

    /** Makes the records of the unfinished checkpoint void; the next record begins a segment. */
    void abandonCheckpoint() {
        long from = checkpoint;
        checkpoint = 0;
        previous = beforeCheckpoint;
        previousEnd = beforeCheckpointEnd;
        current = null;
        keptUntil(lastSequence());
        written = new Written(null, lastSequence());
        segments.killFrom(from);
    }
}
