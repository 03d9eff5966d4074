package isle.fs.cache;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The segment files of the disk tier, and which of them go when the cap is reached: the oldest, as a whole. Runs in it
 * that were read since they were written move on to the newest first, up to half a segment: that is recency, in steps,
 * for the price of few files and writing in order.
 *
 * <p>All methods are guarded by this. They do file operations under that lock, so readers must not take it.
 */
final class SegmentStore {

    private static final String ORDINARY = "seg-";
    private static final String PINNED = "pin-";
    private static final String SUFFIX = ".isle";

    /** The cap is cut into so many segments: what one eviction drops is small, and so is the number of open files. */
    private static final int SEGMENTS_IN_CAP = 128;

    private static final long LEAST_SEGMENT_BYTES = 256 << 10;

    /** Below this a segment could not hold the blocks of one read. */
    static final long LEAST_CAP = 4L * Grid.UNIT_BYTES;

    /** The index of so many runs is about 25 MB of heap; a store of tiny files reaches this before the cap. */
    private static final int MOST_RUNS = 1 << 17;

    private final CacheFiles files;
    private final OpenFiles open = new OpenFiles();
    private final Path directory;
    private final long cap;
    private final long capacity;
    private final RunIndex index;

    /** Oldest first. */
    private final ArrayDeque<Segment> sealed = new ArrayDeque<>();

    private final Map<String, Segment> pins = new HashMap<>();
    /** Files that the disk did not let us delete; they count until it does. */
    private final List<Segment> undeleted = new ArrayList<>();

    private @Nullable Segment active;
    private long charged;

    /** Runs in pinned segments. They do not count, or many pins would leave no room for anything else. */
    private int pinnedRuns;

    private long nextNumber;
    private boolean takenOver;
    private boolean closed;

    SegmentStore(CacheFiles files, Path directory, long cap, RunIndex index) {
        this.files = files;
        this.directory = directory;
        this.cap = cap;
        this.capacity = Math.min(cap / 4, Math.max(LEAST_SEGMENT_BYTES, cap / SEGMENTS_IN_CAP));
        this.index = index;
    }

    /** Blocks of this sealed size that one record can take. */
    int blocksPerRecord(int sealedBytes) {
        long most = (capacity - RecordCodec.LONGEST_HEADER_BYTES * 3L) / sealedBytes;
        return (int) Math.max(1, Math.min(Grid.BLOCKS_PER_GROUP, most));
    }

    /**
     * Takes over the files that are there, without reading them, and brings them below the cap.
     *
     * @return them, newest first
     */
    synchronized List<Segment> takeOver() throws IOException {
        if (takenOver) {
            return List.of();
        }
        List<Path> ordinary = new ArrayList<>();
        List<Segment> found = new ArrayList<>();
        for (Path file : files.list(directory)) {
            String name = String.valueOf(file.getFileName());
            if (name.startsWith(PINNED) && name.endsWith(SUFFIX)) {
                Segment segment = new Segment(files, open, file, true);
                pins.put(name, segment);
                found.add(segment);
            } else if (name.startsWith(ORDINARY) && name.endsWith(SUFFIX)) {
                ordinary.add(file);
            }
        }
        // Numbers have a fixed length: their order is that of the names.
        ordinary.sort(null);
        for (Path file : ordinary) {
            Segment segment = new Segment(files, open, file, false);
            segment.setFull();
            segment.setCharge(files.size(file));
            charged += segment.charge();
            sealed.addLast(segment);
            found.add(0, segment);
            nextNumber = Math.max(nextNumber, numberOf(file) + 1);
        }
        while (charged > cap && !sealed.isEmpty()) {
            dropOldest();
        }
        found.removeIf(Segment::isGone);
        takenOver = true;
        return found;
    }

    private static long numberOf(Path file) {
        String name = String.valueOf(file.getFileName());
        try {
            return HexFormat.fromHexDigitsToLong(name, ORDINARY.length(), name.length() - SUFFIX.length());
        } catch (IllegalArgumentException e) {
            return 0;
        }
    }

    synchronized long ordinaryBytes() {
        return charged;
    }

    synchronized long pinnedBytes() {
        return pins.values().stream().mapToLong(Segment::end).sum();
    }

    /** A place for a record. */
    record Place(Segment segment, long offset) {}

    /** Takes a place for a record, making room if there is none. Null when closed. */
    synchronized @Nullable Place reserve(RecordCodec.Header header) throws IOException {
        if (closed) {
            return null;
        }
        Segment pin = pins.get(pinName(header.key()));
        if (pin != null) {
            // At 0 it is one that was found and has not been read yet.
            return pin.end() == 0 ? null : new Place(pin, pin.reserve(header));
        }
        if (cap < LEAST_CAP) {
            return null;
        }
        while (index.size() - pinnedRuns >= MOST_RUNS && !sealed.isEmpty()) {
            dropOldest();
        }
        Segment segment = active;
        if (segment == null || !segment.hasRoom(header, capacity)) {
            retire();
            segment = startSegment();
            if (!segment.hasRoom(header, capacity)) {
                return null;
            }
        }
        return new Place(segment, segment.reserve(header));
    }

    /** A record was written at its place; or, with no header, it was not. */
    synchronized void written(Place place, RecordCodec.@Nullable Header header) throws IOException {
        Segment segment = place.segment();
        boolean dropped = segment.isGone();
        Run run = null;
        if (header != null && !dropped) {
            run = new Run(segment, place.offset() + header.headerBytes(), header);
            index.add(run);
            pinnedRuns += segment.pinned() ? 1 : 0;
        }
        if (segment.written(run) && !dropped) {
            finish(segment);
        }
    }

    /** After a failure: nothing more is appended to this file, for what is in it is not known. */
    synchronized void retire() throws IOException {
        Segment segment = active;
        active = null;
        if (segment != null) {
            sealed.addLast(segment);
            if (segment.setFull()) {
                finish(segment);
            }
        }
    }

    private void finish(Segment segment) throws IOException {
        segment.writeIndex(segment.pinned() ? Long.MAX_VALUE : segment.charge());
        if (!segment.pinned()) {
            long size = segment.size();
            charged += size - segment.charge();
            segment.setCharge(size);
        }
    }

    private Segment startSegment() throws IOException {
        undeleted.removeIf(segment -> delete(segment));
        while (charged + capacity > cap && !sealed.isEmpty()) {
            dropOldest();
        }
        Segment started = create(ORDINARY + HexFormat.of().toHexDigits(nextNumber++) + SUFFIX, false);
        started.setCharge(capacity);
        charged += capacity;
        active = started;
        // One segment's room is kept free, so that the next start can move runs on before it drops a file.
        while (charged + capacity > cap && !sealed.isEmpty()) {
            moveOn(sealed.getFirst(), started);
            dropOldest();
        }
        return started;
    }

    private Segment create(String name, boolean pinned) throws IOException {
        Path file = directory.resolve(name);
        files.open(file, true).close();
        Segment segment = new Segment(files, open, file, pinned);
        try {
            segment.write(0, RecordCodec.fileHeader());
        } catch (IOException e) {
            segment.delete();
            throw e;
        }
        segment.setEnd(RecordCodec.FILE_HEADER_BYTES);
        return segment;
    }

    /** Appends those runs of a segment that were read, at most half a segment of them. */
    private void moveOn(Segment from, Segment to) throws IOException {
        long moved = 0;
        for (Run run : List.copyOf(from.runs())) {
            RecordCodec.Header header = run.header();
            if (!run.isLive() || !run.isUsed()) {
                continue;
            }
            moved += header.recordBytes();
            if (moved > capacity / 2 || !to.hasRoom(header, capacity)) {
                return;
            }
            ByteBuffer record = ByteBuffer.allocate((int) header.recordBytes());
            RecordCodec.putHeader(header, record);
            // Checksums go along: bytes that rotted are found out when they are read.
            if (readable(from, run.offset(), record) && index.remove(run)) {
                Place place = new Place(to, to.reserve(header));
                boolean done = false;
                try {
                    to.write(place.offset(), record.flip());
                    done = true;
                } finally {
                    written(place, done ? header : null);
                }
            }
        }
    }

    private static boolean readable(Segment segment, long offset, ByteBuffer into) {
        try {
            return segment.read(offset, into);
        } catch (IOException e) {
            // What the disk does not give back is dropped with its segment.
            return false;
        }
    }

    /** Drops the oldest segment with everything in it. */
    synchronized void dropOldest() {
        Segment oldest = sealed.pollFirst();
        if (oldest != null) {
            drop(oldest);
        }
    }

    /** Drops some of the oldest segments, at most half of them. */
    synchronized void giveUp(int most) {
        for (int count = Math.min(most, sealed.size() / 2); count > 0; count--) {
            dropOldest();
        }
    }

    private void drop(Segment segment) {
        segment.runs().forEach(index::remove);
        segment.runs().clear();
        if (!delete(segment)) {
            undeleted.add(segment);
        }
    }

    private boolean delete(Segment segment) {
        try {
            segment.delete();
            charged -= segment.charge();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A file that holds nothing we can read. */
    synchronized void discard(Segment segment) {
        if (sealed.remove(segment)) {
            drop(segment);
        } else if (pins.values().remove(segment)) {
            pinnedRuns -= segment.runs().size();
            drop(segment);
        }
    }

    private static String pinName(ContentKey content) {
        return PINNED + content.hex() + SUFFIX;
    }

    synchronized boolean isPinned(ContentKey content) {
        return !pins.isEmpty() && pins.containsKey(pinName(content));
    }

    /** From now on blocks of this content go to a file of their own. */
    synchronized void pin(ContentKey content) throws IOException {
        String name = pinName(content);
        if (!pins.containsKey(name)) {
            pins.put(name, create(name, true));
        }
    }

    /** The file of a pinned content is complete: the next start need not read all of it. */
    synchronized void pinComplete(ContentKey content) throws IOException {
        Segment segment = pins.get(pinName(content));
        if (segment != null) {
            segment.writeIndex(Long.MAX_VALUE);
        }
    }

    /** Ends a pin: its file becomes the newest ordinary one, or goes when it is large for one. */
    synchronized void unpin(ContentKey content) {
        Segment segment = pins.remove(pinName(content));
        if (segment == null) {
            return;
        }
        pinnedRuns -= segment.runs().size();
        if (segment.end() == 0 || !becomeOrdinary(segment)) {
            drop(segment);
        }
    }

    private boolean becomeOrdinary(Segment segment) {
        try {
            // Somebody may just be writing its last record.
            long size = Math.max(segment.size(), segment.end());
            if (size > cap / 4) {
                return false;
            }
            segment.becomeOrdinary(directory.resolve(ORDINARY + HexFormat.of().toHexDigits(nextNumber++) + SUFFIX));
            segment.setFull();
            segment.setCharge(size);
            charged += size;
            sealed.addLast(segment);
            while (charged > cap && !sealed.isEmpty()) {
                dropOldest();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs that were found in a file, and where the last of them ends. */
    synchronized void found(Segment segment, List<Run> runs, long end) {
        if (segment.isGone()) {
            return;
        }
        segment.setEnd(end);
        for (Run run : runs) {
            segment.found(run);
            index.add(run);
            pinnedRuns += segment.pinned() ? 1 : 0;
        }
    }

    /**
     * Goes on appending to a segment that was found, so that many starts do not make many small files. Only the newest
     * will do, and only while there is no other.
     */
    synchronized void resume(Segment segment) throws IOException {
        boolean newest = segment.equals(sealed.peekLast()) && active == null && !closed;
        if (newest && segment.end() < capacity / 2 && charged - segment.charge() + capacity <= cap) {
            segment.truncate();
            segment.setOpenEnded();
            sealed.removeLast();
            charged += capacity - segment.charge();
            segment.setCharge(capacity);
            active = segment;
        }
    }

    /** A block of a run is damaged: the run ends there, and another begins behind it. */
    synchronized void damaged(Run run, long block) {
        if (!index.remove(run)) {
            return;
        }
        RecordCodec.Header header = run.header();
        if (block > header.first()) {
            keep(new Run(run.segment(), run.offset(), header.part(header.first(), block)));
        }
        if (block + 1 < header.end()) {
            long offset = run.offset() + header.dataOffset(block + 1);
            keep(new Run(run.segment(), offset, header.part(block + 1, header.end())));
        }
    }

    private void keep(Run run) {
        run.segment().runs().add(run);
        index.add(run);
        pinnedRuns += run.segment().pinned() ? 1 : 0;
    }

    /** Writes what makes the next start fast. */
    synchronized void close() throws IOException {
        closed = true;
        retire();
        for (Segment segment : pins.values()) {
            if (segment.setFull() && segment.end() > 0) {
                segment.writeIndex(Long.MAX_VALUE);
            }
            segment.close();
        }
        for (Segment segment : sealed) {
            segment.close();
        }
    }

    /** For tests. */
    synchronized void checkInvariants() {
        long sum = (active == null ? 0 : active.charge())
                + sealed.stream().mapToLong(Segment::charge).sum()
                + undeleted.stream().mapToLong(Segment::charge).sum();
        if (sum != charged || charged > cap) {
            throw new IllegalStateException("segments of " + sum + " B counted as " + charged + ", cap " + cap);
        }
        int pinned = pins.values().stream()
                .mapToInt(segment -> segment.runs().size())
                .sum();
        if (pinned != pinnedRuns || index.size() - pinnedRuns > MOST_RUNS + Grid.BLOCKS_PER_GROUP) {
            throw new IllegalStateException(
                    index.size() + " runs, pinned ones: " + pinned + ", counted as " + pinnedRuns);
        }
    }
}
