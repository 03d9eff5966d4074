package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All segments of a journal, what of them is still needed, and when one goes. */
final class SegmentSet {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentSet.class);

    private final JournalDisk disk;
    private final NavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final AtomicLong usedBytes = new AtomicLong();
    private final Object sweepMonitor = new Object();

    /** The last segment that was there when the journal was opened; of later ones the live data is known exactly. */
    private final long lastFound;

    /** Segments that the owner needs data of and that are not there. */
    private volatile Set<Long> missing = Set.of();

    /**
     * Up to which record the journal is safe. What says that data is not needed must itself be safe before the data
     * goes, or the loss of power would bring the need back.
     */
    private final AtomicLong durableSequence = new AtomicLong();

    /** Whether a segment waits only for {@link #durableSequence}. */
    private volatile boolean waiting;

    private volatile boolean accounting;
    private volatile long lastCheckpoint;

    SegmentSet(JournalDisk disk, Collection<Segment> found, long lastCheckpoint) {
        this.disk = disk;
        this.lastCheckpoint = lastCheckpoint;
        found.forEach(this::add);
        this.lastFound = segments.isEmpty() ? 0 : segments.lastKey();
    }

    void add(Segment segment) {
        segments.put(segment.number(), segment);
        usedBytes.addAndGet(segment.end());
    }

    /** Moves the end of a segment. */
    void grow(Segment segment, long newEnd) {
        usedBytes.addAndGet(newEnd - segment.end());
        segment.setEnd(newEnd);
    }

    long usedBytes() {
        return usedBytes.get();
    }

    long lastCheckpoint() {
        return lastCheckpoint;
    }

    /** From now on what lies before this segment is needed only for its live data. */
    void checkpointComplete(long firstSegment) {
        lastCheckpoint = firstSegment;
        sweep();
    }

    /** The records up to this one are safe from power loss. */
    void safeUntil(long sequence) {
        durableSequence.accumulateAndGet(sequence, Math::max);
        if (waiting) {
            sweep();
        }
    }

    /** Makes this segment and all later ones void. */
    void killFrom(long number) {
        segments.tailMap(number).values().forEach(Segment::markDead);
        sweep();
    }

    void startAccounting(Map<Long, Long> liveBytesBySegment) {
        if (accounting) {
            throw new IllegalStateException("the accounting has been started already");
        }
        Set<Long> absent = new HashSet<>();
        liveBytesBySegment.forEach((number, bytes) -> {
            Segment segment = segments.get(number);
            if (number > lastFound) {
                return;
            }
            if (segment != null) {
                segment.liveBytes().addAndGet(bytes);
            } else if (bytes > 0) {
                absent.add(number);
            }
        });
        if (!absent.isEmpty()) {
            LOG.warn("the journal lacks segments {}, of which data is needed", absent);
        }
        missing = Set.copyOf(absent);
        accounting = true;
        sweep();
    }

    void release(long number, long bytes, long lastSequence) {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative: " + bytes);
        }
        Segment segment = segments.get(number);
        if (segment == null) {
            return;
        }
        segment.releasedAt(lastSequence);
        long left = segment.liveBytes().addAndGet(-bytes);
        if (left < 0) {
            segment.liveBytes().addAndGet(bytes);
            throw new IllegalArgumentException(bytes + " bytes released of segment " + number + ", which has "
                    + (left + bytes) + " bytes of live data");
        }
        if (left == 0 && isOver(segment)) {
            sweep();
        }
    }

    private boolean isOver(Segment segment) {
        return segment.isDead() || segment.number() < lastCheckpoint;
    }

    /** Deletes what nobody needs. What cannot be deleted now is tried again next time. */
    void sweep() {
        if (!accounting) {
            return;
        }
        synchronized (sweepMonitor) {
            // Set before the number is read: who raises it afterwards sweeps again.
            waiting = true;
            boolean left = false;
            for (Segment segment : List.copyOf(segments.values())) {
                if (!isOver(segment) || (segment.liveBytes().get() > 0 && !segment.isDead())) {
                    continue;
                }
                if (segment.releasedAt() > durableSequence.get()) {
                    left = true;
                    continue;
                }
                try {
                    disk.delete(segment.fileName());
                } catch (IOException e) {
                    LOG.warn("the journal's segment {} cannot be deleted: {}", segment.number(), e.toString());
                    continue;
                }
                segments.remove(segment.number());
                usedBytes.addAndGet(-segment.end());
                closeQuietly(segment);
            }
            waiting = left;
        }
    }

    private static void closeQuietly(Segment segment) {
        try {
            segment.close();
        } catch (IOException e) {
            // It was forced long ago and its name is gone: nothing depends on this.
            LOG.debug("closing segment {}: {}", segment.number(), e.toString());
        }
    }

    List<Long> halfDead(long current) {
        List<Long> numbers = new ArrayList<>();
        if (accounting) {
            for (Segment segment : segments.values()) {
                long live = segment.liveBytes().get();
                if (segment.number() != current && live > 0 && live * 2 < segment.end()) {
                    numbers.add(segment.number());
                }
            }
        }
        return numbers;
    }

    void read(DataLocation location, int skip, ByteBuffer into) throws FsException {
        if (skip < 0 || into.remaining() > location.length() - skip) {
            throw new IllegalArgumentException(
                    into.remaining() + " bytes wanted from byte " + skip + " of " + location.length());
        }
        Segment segment = segments.get(location.segment());
        if (segment == null && missing.contains(location.segment())) {
            throw new FsException.Corrupt("segment " + location.segment() + " of the journal is missing");
        }
        if (segment == null) {
            throw new FsException.Stale("segment " + location.segment() + " is no longer in the journal");
        }
        segment.read(location, skip, into);
    }

    void close() throws IOException {
        IOException failure = null;
        for (Segment segment : segments.values()) {
            try {
                segment.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
