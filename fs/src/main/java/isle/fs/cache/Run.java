package isle.fs.cache;

import org.jspecify.annotations.Nullable;

/** Blocks in a row of one group of a content that lie in a segment. What it says never changes. */
final class Run {

    private final Segment segment;
    private final long offset;
    private final RecordCodec.Header header;

    /** The next run of the same group in the index. Written under the index's lock of the group. */
    volatile @Nullable Run next;

    private volatile boolean live = true;
    private volatile boolean used;

    /** @param offset where in the segment the first block's sealed bytes begin */
    Run(Segment segment, long offset, RecordCodec.Header header) {
        this.segment = segment;
        this.offset = offset;
        this.header = header;
    }

    Segment segment() {
        return segment;
    }

    long offset() {
        return offset;
    }

    RecordCodec.Header header() {
        return header;
    }

    boolean has(long block) {
        return header.first() <= block && block < header.end();
    }

    /** Whether it is in the index. */
    boolean isLive() {
        return live;
    }

    void setDead() {
        live = false;
    }

    /** Whether it was read since it was written: then it outlives its segment once. */
    boolean isUsed() {
        return used;
    }

    void setUsed() {
        // Written once only: a shared line that is written by every reader would be slow.
        if (!used) {
            used = true;
        }
    }
}
