package isle.fs.journal;

import java.util.List;

/**
 * What recovery hands to the open journal.
 *
 * @param segments all segments
 * @param lastCheckpoint first segment of the checkpoint that was replayed, 0 for none
 * @param tail the last segment that was replayed, 0 for none
 * @param tailEnd where its records end
 * @param nextNumber number of the next segment
 * @param nextSequence number of the next record
 * @param bytesSinceCheckpoint bytes of the records that were replayed behind the checkpoint
 */
record Recovered(
        List<Segment> segments,
        long lastCheckpoint,
        long tail,
        long tailEnd,
        long nextNumber,
        long nextSequence,
        long bytesSinceCheckpoint) {}
