package isle.fs.vfs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The dirty ranges of one file: which bytes the store does not have under its name, and where they are. Ranges do not
 * overlap; the newest write wins. Not thread-safe.
 */
final class ExtentMap {

    /** Told about bytes that nobody needs any more. */
    interface Freed {
        void freed(Origin origin, long bytes);
    }

    /**
     * One range.
     *
     * @param start offset in the file
     * @param end offset behind the last byte
     * @param sequence journal position of the write
     * @param origin where the bytes are; null for zeros
     * @param skip bytes of the origin before {@code start}'s byte
     */
    record Extent(
            long start, long end, long sequence, @Nullable Origin origin, int skip) {
        long length() {
            return end - start;
        }

        private Extent part(long from, long to) {
            return new Extent(from, to, sequence, origin, (int) (skip + (from - start)));
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

    /**
     * Bytes that lay elsewhere lie in an object of their own now: those of this range that were written at or before a
     * journal position. What becomes one range counts as written when the newest of it was.
     *
     * @return how many
     */
    long stage(long from, long to, long upTo, Origin.Staged object, Freed freed) {
        List<Extent> moved = new ArrayList<>();
        long bytes = 0;
        for (Extent part : slice(from, to)) {
            if (part.sequence() > upTo) {
                continue;
            }
            remove(part.start(), part.end(), freed);
            bytes += part.length();
            Extent last = moved.isEmpty() ? null : moved.get(moved.size() - 1);
            if (last != null && last.end() == part.start()) {
                long newest = Math.max(last.sequence(), part.sequence());
                moved.set(moved.size() - 1, new Extent(last.start(), part.end(), newest, object, last.skip()));
            } else {
                moved.add(new Extent(
                        part.start(), part.end(), part.sequence(), object, Math.toIntExact(part.start() - from)));
            }
        }
        for (Extent extent : moved) {
            extents.put(extent.start(), extent);
        }
        return bytes;
    }

    /** Bytes in objects of their own, per place. */
    void countStaged(Map<String, Long> byRef) {
        for (Extent extent : extents.values()) {
            if (extent.origin() instanceof Origin.Staged staged) {
                byRef.merge(staged.object().ref(), extent.length(), Long::sum);
            }
        }
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
            if (extent.origin() instanceof Origin.Journaled journaled) {
                bySegment.merge(journaled.location().segment(), extent.length(), Long::sum);
            }
        }
    }

    /** Bytes of data in the journal. */
    long journaledBytes() {
        long sum = 0;
        for (Extent extent : extents.values()) {
            sum += extent.origin() instanceof Origin.Journaled ? extent.length() : 0;
        }
        return sum;
    }

    private static void release(Extent extent, long bytes, Freed freed) {
        Origin origin = extent.origin();
        if (origin != null && bytes > 0) {
            freed.freed(origin, bytes);
        }
    }
}
