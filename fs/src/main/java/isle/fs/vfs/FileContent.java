package isle.fs.vfs;

import isle.fs.journal.DataLocation;
import isle.fs.journal.JournalRecord.Shrink;
import isle.fs.model.EntryVersion;
import isle.fs.spi.Volume;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of one file are made of: the committed version below (the base), as far as shrinks left it, and the
 * dirty ranges of the journal above. The same steps are taken live and in a replay, so both end equal. Guarded by the
 * inode's lock.
 */
final class FileContent {

    /** A piece of a read, in order and without gaps. Exactly one of: at an origin, of the base, zeros. */
    record Piece(long start, long end, @Nullable Origin origin, int skip, boolean ofBase) {}

    private final ExtentMap extents;
    /** Shrinks since the base: bytes beyond of anything older are zeros. Oldest first. */
    private final Deque<Shrink> shrinks = new ArrayDeque<>();

    private Volume.@Nullable Source base;
    private long baseLimit;
    private long size;

    /** A file as it is in the store, or an empty new one. */
    FileContent(Volume.@Nullable Source base, long size) {
        this(new ExtentMap(), base, base == null ? 0 : size, size);
    }

    private FileContent(ExtentMap extents, Volume.@Nullable Source base, long baseLimit, long size) {
        this.extents = extents;
        this.base = base;
        this.baseLimit = baseLimit;
        this.size = size;
    }

    /** A copy that stays as it is. */
    FileContent snapshot() {
        return new FileContent(extents.copy(), base, baseLimit, size);
    }

    long size() {
        return size;
    }

    Volume.@Nullable Source base() {
        return base;
    }

    /** Bytes of the base, from its start, that may still be part of the file. */
    long baseLimit() {
        return base == null ? 0 : baseLimit;
    }

    ExtentMap extents() {
        return extents;
    }

    /** Whether the bytes are exactly those of the base. */
    boolean isClean() {
        EntryVersion version = base == null ? null : base.version();
        return extents.isEmpty() && (version == null ? size == 0 : size == version.size() && baseLimit == size);
    }

    void write(long sequence, long offset, DataLocation location, ExtentMap.Freed freed) {
        long end = offset + location.length();
        extents.put(new ExtentMap.Extent(offset, end, sequence, new Origin.Journaled(location), 0), freed);
        size = Math.max(size, end);
    }

    void restore(long sequence, long offset, long length, @Nullable Origin origin, int skip) {
        extents.put(new ExtentMap.Extent(offset, offset + length, sequence, origin, skip), (from, bytes) -> {});
    }

    void restoreBase(long limit, List<Shrink> since) {
        baseLimit = limit;
        shrinks.clear();
        shrinks.addAll(since);
    }

    List<Shrink> shrinks() {
        return List.copyOf(shrinks);
    }

    void zero(long sequence, long offset, long length, ExtentMap.Freed freed) {
        extents.put(new ExtentMap.Extent(offset, offset + length, sequence, null, 0), freed);
    }

    void resize(long sequence, long newSize, ExtentMap.Freed freed) {
        if (newSize < size) {
            extents.remove(newSize, Long.MAX_VALUE, freed);
            baseLimit = Math.min(baseLimit, newSize);
            shrinks.addLast(new Shrink(sequence, newSize));
        }
        size = newSize;
    }

    /** Another version is in the store, and this file has nothing of its own: it becomes that version. */
    void rebase(Volume.@Nullable Source source, long newSize) {
        base = source;
        baseLimit = source == null ? 0 : newSize;
        size = newSize;
        shrinks.clear();
    }

    /** The same bytes lie at another place in the store. */
    void moveBase(Volume.Source source) {
        base = source;
    }

    /**
     * The store has everything up to a journal position.
     *
     * @param storedSize size of what was stored
     */
    void committed(long upTo, Volume.Source stored, long storedSize, ExtentMap.Freed freed) {
        extents.removeUpTo(upTo, freed);
        while (!shrinks.isEmpty() && shrinks.peekFirst().sequence() <= upTo) {
            shrinks.removeFirst();
        }
        base = stored;
        baseLimit = storedSize;
        for (Shrink later : shrinks) {
            baseLimit = Math.min(baseLimit, later.size());
        }
    }

    /** What a read of this range is made of; cut to the size. */
    List<Piece> plan(long from, long to) {
        long end = Math.min(to, size);
        List<Piece> pieces = new ArrayList<>();
        long at = from;
        for (ExtentMap.Extent extent : extents.slice(from, Math.max(from, end))) {
            below(at, extent.start(), pieces);
            pieces.add(new Piece(extent.start(), extent.end(), extent.origin(), extent.skip(), false));
            at = extent.end();
        }
        below(at, end, pieces);
        return pieces;
    }

    private void below(long from, long to, List<Piece> pieces) {
        if (from >= to) {
            return;
        }
        long limit = Math.min(Math.max(from, baseLimit()), to);
        if (limit > from) {
            pieces.add(new Piece(from, limit, null, 0, true));
        }
        if (to > limit) {
            pieces.add(new Piece(limit, to, null, 0, false));
        }
    }

    /** Where the store has the bytes of this range one after the other; null if nowhere. */
    Volume.@Nullable StoredRange stored(long offset, long length) {
        Volume.Source below = base;
        if (below != null && offset + length <= baseLimit() && extents.isClear(offset, offset + length)) {
            return new Volume.StoredRange(below, offset);
        }
        List<ExtentMap.Extent> found = extents.slice(offset, offset + length);
        if (found.size() == 1
                && found.get(0).length() == length
                && found.get(0).origin() instanceof Origin.Staged staged) {
            return new Volume.StoredRange(staged.object(), found.get(0).skip());
        }
        return null;
    }

    /** Parts of which all bytes lie in the journal, first ones first. */
    List<Volume.Part> wholeParts(Volume volume, int most) {
        List<Volume.Part> parts = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (ExtentMap.Extent extent : extents.all()) {
            if (!(extent.origin() instanceof Origin.Journaled)) {
                continue;
            }
            if (extent.start() != to) {
                addParts(volume, from, to, parts);
                from = extent.start();
            }
            to = extent.end();
            if (parts.size() >= most) {
                return parts.subList(0, most);
            }
        }
        addParts(volume, from, to, parts);
        return parts.subList(0, Math.min(most, parts.size()));
    }

    private static void addParts(Volume volume, long from, long to, List<Volume.Part> parts) {
        for (Volume.Part part = volume.part(from); part.end() <= to; part = volume.part(part.end())) {
            if (part.start() >= from) {
                parts.add(part);
            }
        }
    }

    /** Bytes of a part that were written at or before a journal position lie in an object of their own; how many. */
    long stage(Volume.Part part, long upTo, Volume.Source object, ExtentMap.Freed freed) {
        return extents.stage(part.start(), part.end(), upTo, new Origin.Staged(object), freed);
    }

    /** The journal has an extent's bytes at another place. */
    void moved(ExtentMap.Extent extent, DataLocation to, ExtentMap.Freed freed) {
        Origin origin = new Origin.Journaled(to);
        extents.put(new ExtentMap.Extent(extent.start(), extent.end(), extent.sequence(), origin, 0), freed);
    }

    void discard(ExtentMap.Freed freed) {
        extents.remove(0, Long.MAX_VALUE, freed);
    }
}
