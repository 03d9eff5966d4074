package isle.fs.journal;

/**
 * Sizes of a journal.
 *
 * @param segmentBytes a segment is finished when the next record would pass this size; a larger record gets a segment
 *     of its own
 * @param capBytes what all segments together may take on the disk. Data is refused a little earlier than records
 *     without data (see {@link #reserveBytes()}), and a checkpoint may pass it for a moment
 */
public record JournalSettings(long segmentBytes, long capBytes) {

    /** Default of {@link #segmentBytes()}. */
    public static final long DEFAULT_SEGMENT_BYTES = 64L << 20;

    private static final long SEGMENTS_PER_CAP = 16;
    private static final long MAX_SEGMENT_BYTES = 1L << 30;
    private static final long MAX_RESERVE_BYTES = 1L << 20;

    public JournalSettings {
        if (segmentBytes < 1 || segmentBytes > MAX_SEGMENT_BYTES) {
            throw new IllegalArgumentException("a segment has 1 to " + MAX_SEGMENT_BYTES + " bytes: " + segmentBytes);
        }
        if (capBytes < 1) {
            throw new IllegalArgumentException("the cap must be positive: " + capBytes);
        }
    }

    /** Default segments under the given cap; in a small journal smaller ones, so that it can give room back. */
    public static JournalSettings withCap(long capBytes) {
        return new JournalSettings(Math.max(1, Math.min(DEFAULT_SEGMENT_BYTES, capBytes / SEGMENTS_PER_CAP)), capBytes);
    }

    /**
     * What data may never take: of the cap, and, as a file that is deleted in need, of the disk. So that what frees
     * space (that something was committed, a checkpoint) can be written when the disk is full.
     */
    long reserveBytes() {
        return Math.min(MAX_RESERVE_BYTES, capBytes / 16);
    }
}
