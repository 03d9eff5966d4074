package isle.fs.journal;

import isle.fs.journal.SegmentScanner.Broken;
import isle.fs.journal.SegmentScanner.Found;
import isle.fs.journal.SegmentScanner.Whole;
import java.io.IOException;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the last complete checkpoint. Each segment's header names the one that was the last when the segment was begun;
 * only of a checkpoint that the very last segments belong to the records themselves must tell.
 */
final class CheckpointSearch {

    private final NavigableMap<Long, Segment> all;

    CheckpointSearch(NavigableMap<Long, Segment> all) {
        this.all = all;
    }

    /** Number of its first segment, 0 if there is none and everything counts. */
    long find() throws IOException {
        SegmentHeader newest = null;
        long known = 0;
        for (Segment segment : all.values()) {
            SegmentHeader header = segment.header();
            if (header != null) {
                newest = header;
                known = Math.max(known, header.lastCheckpoint());
            }
        }
        if (newest == null || newest.checkpoint() <= known) {
            return known;
        }
        return isComplete(newest.checkpoint(), known) ? newest.checkpoint() : known;
    }

    private boolean isComplete(long first, long known) throws IOException {
        boolean damaged = headerOf(first) == null;
        long before = 0;
        long endSequence = 0;
        long safe = 0;
        for (Segment segment : all.tailMap(first).values()) {
            SegmentHeader header = segment.header();
            if (header == null) {
                damaged = true;
                continue;
            }
            // Segments of an unfinished checkpoint may have been deleted, and the loss of power brought some back.
            damaged |= before != 0 && header.previous() != before;
            before = header.number();
            SegmentHeader next = SegmentHeader.successor(all, segment.number());
            long end = next == null ? segment.end() : Math.min(segment.end(), next.previousEnd());
            SegmentScanner scanner = new SegmentScanner(
                    segment.file(),
                    header.salt(),
                    segment.seal(),
                    SegmentHeader.BYTES,
                    end,
                    header.firstSequence() - 1);
            for (Found found = scanner.next(); found != null; found = scanner.next()) {
                if (found instanceof Broken) {
                    damaged |= endSequence == 0;
                } else if (found instanceof Whole whole) {
                    RecordHeader record = whole.header();
                    if (!record.inCheckpoint()) {
                        // Such records follow only when the checkpoint had been forced.
                        return true;
                    }
                    safe = Math.max(safe, record.durable());
                    endSequence = record.type() == RecordHeader.END_OF_CHECKPOINT ? record.sequence() : endSequence;
                }
            }
        }
        if (endSequence != 0 && (!damaged || safe >= endSequence)) {
            return true;
        }
        // Earlier segments go only after a checkpoint is complete: with one of them missing it is all there is.
        return headerOf(first) == null ? all.headMap(first).isEmpty() : !reaches(first, known);
    }

    /** Whether all segments from the one to the other are there. */
    private boolean reaches(long first, long known) {
        long number = first;
        while (number != 0) {
            SegmentHeader header = headerOf(number);
            if (header == null) {
                return false;
            }
            if (number <= known) {
                return true;
            }
            number = header.previous();
        }
        return true;
    }

    private @Nullable SegmentHeader headerOf(long number) {
        Segment segment = all.get(number);
        return segment == null ? null : segment.header();
    }
}
