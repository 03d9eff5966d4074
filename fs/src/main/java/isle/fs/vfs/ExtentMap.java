package isle.fs.vfs;

import isle.fs.journal.DataLocation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The dirty ranges of one file: which bytes lie in the journal, and where. Ranges do not overlap; the newest write
 * wins. Not thread-safe.
 */
final class ExtentMap {

    /** Told about data in the journal that nobody needs any more. */
    interface Freed {
        void freed(long segment, long bytes);
    }

    /**
     * One range.
     *
     * @param start offset in the file
     * @param end offset behind the last byte
     * @param sequence journal position of the write
     * @param location where the bytes are; null for zeros
     * @param skip bytes of the location before {@code start}'s byte
     */
    record Extent(
            long start, long end, long sequence, @Nullable DataLocation location, int skip) {
        long length() {
            return end - start;
        }

        private Extent part(long from, long to) {
            return new Extent(from, to, sequence, location, (int) (skip + (from - start)));
        }
    }

    private final NavigableMap<Long, Extent> extents;

    ExtentMap() {
        this.extents = new TreeMap<>();
    }

    private ExtentMap(NavigableMap<Long, Extent> extents) {
        this.extents = extents;
    }

    boolean isEmpty() {
        return extents.isEmpty();
    }

    Collection<Extent> all() {
        return extents.values();
    }

    /** A copy that does not change with this map. */
    ExtentMap copy() {
        return new ExtentMap(new TreeMap<>(extents));
    }

    /** Adds a range over whatever was there. */
    void put(Extent extent, Freed freed) {
        remove(extent.start(), extent.end(), freed);
        extents.put(extent.start(), extent);
    }

    /** Takes a range out. */
    void remove(long from, long to, Freed freed) {
        if (from >= to) {
            return;
        }
        Map.Entry<Long, Extent> before = extents.lowerEntry(from);
        if (before != null && before.getValue().end() > from) {
            Extent extent = before.getValue();
            extents.put(extent.start(), extent.part(extent.start(), from));
            long cutEnd = Math.min(extent.end(), to);
            release(extent, cutEnd - from, freed);
            if (extent.end() > to) {
                extents.put(to, extent.part(to, extent.end()));
                return;
            }
        }
        Map.Entry<Long, Extent> next = extents.ceilingEntry(from);
        while (next != null && next.getValue().start() < to) {
            Extent extent = next.getValue();
            extents.remove(extent.start());
            if (extent.end() > to) {
                release(extent, to - extent.start(), freed);
                extents.put(to, extent.part(to, extent.end()));
                return;
            }
            release(extent, extent.length(), freed);
            next = extents.ceilingEntry(from);
        }
    }

    /** Takes out everything that was written at or before a journal position. */
    void removeUpTo(long sequence, Freed freed) {
        extents.values().removeIf(extent -> {
            if (extent.sequence() > sequence) {
                return false;
            }
            release(extent, extent.length(), freed);
            return true;
        });
    }

    /** The ranges that meet {@code from} to {@code to}, cut to it, in order. */
    List<Extent> slice(long from, long to) {
        List<Extent> found = new ArrayList<>();
        Map.Entry<Long, Extent> before = extents.lowerEntry(from);
        if (before != null && before.getValue().end() > from) {
            Extent extent = before.getValue();
            found.add(extent.part(from, Math.min(to, extent.end())));
        }
        for (Extent extent : extents.subMap(from, to).values()) {
            found.add(extent.end() <= to ? extent : extent.part(extent.start(), to));
        }
        return found;
    }

    /** Whether no dirty range meets this one. */
    boolean isClear(long from, long to) {
        Map.Entry<Long, Extent> before = extents.lowerEntry(to);
        return before == null || before.getValue().end() <= from;
    }

    /** Bytes in the journal per segment. */
    void countLive(Map<Long, Long> bySegment) {
        for (Extent extent : extents.values()) {
            if (extent.location() != null) {
                bySegment.merge(extent.location().segment(), extent.length(), Long::sum);
            }
        }
    }

    /** Bytes of data in the journal. */
    long dataBytes() {
        long sum = 0;
        for (Extent extent : extents.values()) {
            sum += extent.location() == null ? 0 : extent.length();
        }
        return sum;
    }

    private static void release(Extent extent, long bytes, Freed freed) {
        if (extent.location() != null && bytes > 0) {
            freed.freed(extent.location().segment(), bytes);
        }
    }
}
