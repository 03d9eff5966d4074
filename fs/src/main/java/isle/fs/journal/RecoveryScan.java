package isle.fs.journal;

import isle.fs.journal.SegmentScanner.Broken;
import isle.fs.journal.SegmentScanner.Found;
import isle.fs.journal.SegmentScanner.Whole;
import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads a journal that was closed, killed or lost its power, and replays what holds. */
final class RecoveryScan {

    /**
     * Each opening numbers its records from the next multiple of this on. So a number is never given twice, although
     * records that were not forced, and thus their numbers, may be lost without a trace.
     */
    private static final long SEQUENCES_PER_OPENING = 1L << 32;

    private final JournalDisk disk;
    private final @Nullable JournalSeal seal;
    private final Journal.Recovery recovery;
    private final NavigableMap<Long, Segment> all = new TreeMap<>();

    /** First segment of the last complete checkpoint, 0 for none. */
    private long start;

    private long lastSequence;
    private long bytesSinceCheckpoint;

    RecoveryScan(JournalDisk disk, @Nullable JournalSeal seal, Journal.Recovery recovery) {
        this.disk = disk;
        this.seal = seal;
        this.recovery = recovery;
    }

    Recovered run() throws IOException {
        boolean done = false;
        try {
            load();
            start = new CheckpointSearch(all).find();
            Segment tail = replay();
            done = true;
            return new Recovered(
                    List.copyOf(all.values()),
                    start,
                    tail == null ? 0 : tail.number(),
                    tail == null ? 0 : tail.end(),
                    all.isEmpty() ? 1 : all.lastKey() + 1,
                    nextSequence(),
                    bytesSinceCheckpoint);
        } finally {
            if (!done) {
                for (Segment segment : all.values()) {
                    segment.close();
                }
            }
        }
    }

    private long nextSequence() {
        long last = lastSequence;
        for (Segment segment : all.values()) {
            SegmentHeader header = segment.header();
            last = Math.max(last, header == null ? 0 : header.firstSequence());
        }
        return last == 0 ? 1 : (last / SEQUENCES_PER_OPENING + 1) * SEQUENCES_PER_OPENING;
    }

    private void load() throws IOException {
        FsException.AccessDenied locked = null;
        for (String name : disk.list()) {
            if (name.endsWith(SegmentCopy.SUFFIX)) {
                disk.delete(name);
                continue;
            }
            OptionalLong number = SegmentHeader.numberOf(name);
            if (number.isPresent()) {
                JournalFile file = disk.open(name);
                boolean done = false;
                try {
                    all.put(number.getAsLong(), SegmentHeader.open(file, number.getAsLong(), seal));
                    done = true;
                } catch (FsException.AccessDenied e) {
                    if (seal == null) {
                        throw e;
                    }
                    locked = e;
                    all.put(number.getAsLong(), Segment.withoutHeader(file, number.getAsLong(), seal));
                    done = true;
                } finally {
                    if (!done) {
                        file.close();
                    }
                }
            }
        }
        if (locked != null && all.values().stream().allMatch(segment -> segment.header() == null)) {
            throw locked;
        }
        // The header is forced before any record follows: without one, the last file was never used.
        while (!all.isEmpty() && isUnborn(all.lastEntry().getValue())) {
            Map.Entry<Long, Segment> last = all.pollLastEntry();
            last.getValue().close();
            disk.delete(last.getValue().fileName());
        }
    }

    private static boolean isUnborn(Segment segment) {
        return segment.header() == null && segment.end() <= SegmentHeader.BYTES;
    }

    /** Replays what counts from the start on, in order. Answers the last segment that did. */
    private @Nullable Segment replay() throws IOException {
        List<Segment> counting = new ArrayList<>();
        for (Segment segment : all.tailMap(start).values()) {
            SegmentHeader header = segment.header();
            if (header != null && header.checkpoint() > start) {
                // A checkpoint that was not finished: the records before it hold.
                segment.markDead();
            } else if (header != null || SegmentHeader.successor(all, segment.number()) != null || !isUnborn(segment)) {
                counting.add(segment);
            }
        }
        Segment before = null;
        for (Segment segment : counting) {
            reportGap(before, segment);
            replaySegment(segment);
            before = segment;
        }
        return before;
    }

    private void reportGap(@Nullable Segment before, Segment segment) {
        SegmentHeader header = segment.header();
        long expected = header == null ? 0 : header.previous();
        boolean missing = before == null
                ? expected != 0 && segment.number() != start
                : expected != 0 && expected != before.number() && !all.containsKey(expected);
        if (missing) {
            recovery.damaged(new Damage(expected, 0, 0, "segment " + expected + " of the journal is missing", null));
        } else if (before == null && start != 0 && segment.number() != start) {
            recovery.damaged(new Damage(start, 0, 0, "segment " + start + " of the journal is missing", null));
        }
    }

    private void replaySegment(Segment segment) throws IOException {
        SegmentHeader header = segment.header();
        SegmentHeader next = SegmentHeader.successor(all, segment.number());
        long size = segment.end();
        if (header == null) {
            recovery.damaged(new Damage(
                    segment.number(), 0, size, "the header of segment " + segment.number() + " is damaged", null));
            return;
        }
        long end = next == null ? size : Math.min(size, next.previousEnd());
        Outcome outcome = replayRecords(segment, header, end, next == null);
        if (next != null && size < next.previousEnd()) {
            String sentence = "segment " + segment.number() + " of the journal is cut: it has " + size + " of "
                    + next.previousEnd() + " bytes";
            recovery.damaged(new Damage(segment.number(), size, next.previousEnd(), sentence, null));
        }
        segment.setEnd(next == null ? outcome.end() : size);
        if (next == null && !outcome.closed()) {
            secure(segment);
        }
    }

    /** Where the records of a segment end, and whether the journal was closed there. */
    private record Outcome(long end, boolean closed) {}

    private Outcome replayRecords(Segment segment, SegmentHeader header, long end, boolean isLast) throws IOException {
        SegmentScanner scanner = scanner(segment, header, SegmentHeader.BYTES, end, header.firstSequence() - 1);
        lastSequence = Math.max(lastSequence, header.firstSequence() - 1);
        long safe = isLast ? -1 : Long.MAX_VALUE;
        long closedAt = 0;
        for (Found found = scanner.next(); found != null; found = scanner.next()) {
            if (found instanceof Broken broken) {
                if (safe < 0) {
                    safe = highestDurable(segment, header, broken.to(), end);
                }
                if (lastSequence + 1 > safe) {
                    // Torn by the loss of power: nobody was told that this, or what follows it, is safe.
                    return new Outcome(broken.from(), false);
                }
                report(segment, broken);
                closedAt = 0;
            } else if (found instanceof Whole whole) {
                replayRecord(segment, whole);
                closedAt = whole.header().type() == RecordHeader.CLOSED ? whole.at() : 0;
            }
        }
        // That the journal was closed may itself be lost with the power, so it is no part of what must be there.
        return new Outcome(closedAt == 0 ? end : closedAt, closedAt != 0);
    }

    private static SegmentScanner scanner(
            Segment segment, SegmentHeader header, long from, long end, long lastSequence) {
        return new SegmentScanner(segment.file(), header.salt(), segment.seal(), from, end, lastSequence);
    }

    /** The highest number that the records from {@code from} on show to have been safe; 0 if none does. */
    private long highestDurable(Segment segment, SegmentHeader header, long from, long end) throws IOException {
        long highest = 0;
        SegmentScanner rest = scanner(segment, header, from, end, lastSequence);
        for (Found found = rest.next(); found != null; found = rest.next()) {
            if (found instanceof Whole whole) {
                RecordHeader record = whole.header();
                boolean endsStart = record.type() == RecordHeader.END_OF_CHECKPOINT
                        && whole.body().getLong(0) == start;
                // The checkpoint that recovery starts with is known to have been forced to its end.
                highest = Math.max(highest, endsStart ? record.sequence() : record.durable());
            } else if (found instanceof Broken broken && broken.header() != null) {
                highest = Math.max(highest, broken.header().durable());
            }
        }
        return highest;
    }

    private void replayRecord(Segment segment, Whole whole) {
        RecordHeader header = whole.header();
        lastSequence = header.sequence();
        bytesSinceCheckpoint += header.recordBytes();
        if (header.type() == RecordHeader.END_OF_CHECKPOINT) {
            bytesSinceCheckpoint = 0;
        }
        if (header.type() < 0) {
            return;
        }
        recovery.record(header.sequence(), header.type(), whole.body(), dataOf(segment, whole.at(), header));
    }

    private static @Nullable DataLocation dataOf(Segment segment, long at, RecordHeader header) {
        if (header.dataBytes() == 0) {
            return null;
        }
        RecordSeal sealing = segment.seal();
        int bytes = sealing == null ? header.dataBytes() : sealing.openedBytes(header.dataBytes());
        return new DataLocation(segment.number(), (int) at + header.dataOffset(), bytes);
    }

    private void report(Segment segment, Broken broken) {
        RecordHeader header = broken.header();
        ByteBuffer body = broken.body();
        String what = "bytes " + broken.from() + " to " + broken.to() + " of segment " + segment.number()
                + " of the journal are damaged";
        Damage.LostData lost = null;
        if (header != null) {
            lastSequence = header.sequence();
            if (body != null && header.type() >= 0) {
                DataLocation data = dataOf(segment, broken.from(), header);
                lost = new Damage.LostData(header.sequence(), header.type(), body, Objects.requireNonNull(data));
            }
        }
        recovery.damaged(new Damage(segment.number(), broken.from(), broken.to(), what, lost));
    }

    /**
     * Makes safe what was replayed of the last segment. It may have been written without a force, or with one that
     * failed, after which no force of the same file means anything: so it is copied, and cut by that.
     */
    private void secure(Segment segment) throws IOException {
        try {
            SegmentCopy.replace(disk, segment, 1, 0);
        } catch (FsException.NoSpace e) {
            segment.file().truncate(segment.end());
            segment.force();
        }
    }
}
