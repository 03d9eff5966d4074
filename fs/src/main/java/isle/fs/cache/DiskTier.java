package isle.fs.cache;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Sealed blocks on disk. Nothing of it fails for a reader: a disk that cannot be read is a miss, one that cannot be
 * written is left alone for a while, and both are told to {@link CacheEvents}.
 */
final class DiskTier implements AutoCloseable {

    /** After a failed write none is tried for so long. */
    private static final long PAUSE_NANOS = 30_000_000_000L;

    /** When the disk has less than this left, a failed write means that it is full. */
    private static final long FULL_BYTES = 16 << 20;

    /** A full disk gets back so many of our segments: journal and user need the space more than copies do. */
    private static final int SEGMENTS_GIVEN_UP = 8;

    private final SegmentStore store;
    private final RunIndex index = new RunIndex();
    private final DiskReading reading;
    private final CacheEvents events;
    private final LongSupplier nanoTime;
    private final CacheFiles files;
    private final Path directory;
    private final CountDownLatch scanned = new CountDownLatch(1);
    private final AtomicBoolean failing = new AtomicBoolean();
    private volatile long pausedUntil;
    private volatile boolean closed;

    DiskTier(
            Path directory,
            long cap,
            CacheFiles files,
            CacheEvents events,
            CacheCounters counters,
            LongSupplier nanoTime) {
        this.directory = directory;
        this.files = files;
        this.store = new SegmentStore(files, directory, cap, index);
        this.reading = new DiskReading(store, index, events, counters);
        this.events = events;
        this.nanoTime = nanoTime;
        this.pausedUntil = nanoTime.getAsLong();
    }

    /** Takes over what the directory holds; reads it on a thread of its own. */
    void start(ThreadFactory threads) {
        List<Segment> found = takeOver();
        Thread scanner = threads.newThread(() -> scan(found));
        scanner.start();
    }

    /** Tries again what failed at the start. */
    private void ensureTakenOver() throws IOException {
        for (Segment segment : store.takeOver()) {
            scan(segment, false);
        }
    }

    /** From now on blocks of this content go to a file of their own. */
    void pin(ContentKey content) throws IOException {
        ensureTakenOver();
        store.pin(content);
    }

    /** Empty also when the directory cannot be used: then the next write tries again. */
    private List<Segment> takeOver() {
        try {
            return store.takeOver();
        } catch (IOException e) {
            failed(e);
            return List.of();
        }
    }

    private void scan(List<Segment> segments) {
        try {
            boolean newest = true;
            for (Segment segment : segments) {
                if (closed) {
                    return;
                }
                scan(segment, newest);
                newest = false;
            }
        } finally {
            scanned.countDown();
        }
    }

    private void scan(Segment segment, boolean newest) {
        try {
            DiskScan.Found found = DiskScan.scan(segment);
            if (found == null) {
                store.discard(segment);
                return;
            }
            store.found(segment, found.runs(), found.end());
            if (newest) {
                store.resume(segment);
            }
        } catch (IOException e) {
            store.discard(segment);
        }
    }

    void awaitScan() throws InterruptedException {
        scanned.await();
    }

    /** Which blocks of a unit are on disk, a bit each. */
    int mask(ContentKey content, long unit) {
        return index.mask(content, unit, false);
    }

    /** See {@link DiskReading#read}. */
    int read(ContentRef ref, long position, long end, ByteBuffer into, MemoryTier memory) {
        return reading.read(ref, position, end, into, memory);
    }

    /**
     * Keeps whole blocks that are not there yet: {@code plain} from {@code at} on holds {@code count} of them.
     *
     * @return whether all of them are on disk now
     */
    boolean write(ContentRef ref, long first, long count, ByteBuffer plain, int at) {
        if (!usable()) {
            return false;
        }
        try {
            ensureTakenOver();
            boolean pinned = store.isPinned(ref.key());
            long block = first;
            boolean all = true;
            while (block < first + count) {
                long end = endOfMissing(ref, block, first + count, pinned);
                if (end > block) {
                    all &= append(ref, block, end, plain, at + (int) ((block - first) * Grid.BLOCK_BYTES));
                }
                block = Math.max(end, block + 1);
            }
            if (failing.compareAndSet(true, false)) {
                events.diskRecovered();
            }
            return all;
        } catch (FsException e) {
            // The codec has no key just now: nothing may lie on disk unsealed.
            return false;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    boolean usable() {
        return !closed && nanoTime.getAsLong() - pausedUntil >= 0;
    }

    /** Missing blocks from {@code from} on that one record can hold. */
    private long endOfMissing(ContentRef ref, long from, long to, boolean pinned) {
        int most = store.blocksPerRecord(ref.codec().sealedSize(Grid.BLOCK_BYTES));
        long group = (from / Grid.BLOCKS_PER_GROUP + 1) * Grid.BLOCKS_PER_GROUP;
        long end = Math.min(Math.min(to, group), from + most);
        for (long unit = from / Grid.BLOCKS_PER_UNIT; unit * Grid.BLOCKS_PER_UNIT < end; unit++) {
            int found = index.mask(ref.key(), unit, pinned) & Grid.maskOf(from, end, unit);
            if (found != 0) {
                return unit * Grid.BLOCKS_PER_UNIT + Integer.numberOfTrailingZeros(found);
            }
        }
        return end;
    }

    private boolean append(ContentRef ref, long first, long end, ByteBuffer plain, int at) throws IOException {
        ByteBuffer data = seal(ref, first, end, plain, at);
        int sealedBytes = ref.codec().sealedSize(ref.lengthOf(first, 1));
        int[] checksums = new int[(int) (end - first)];
        for (int i = 0; i < checksums.length; i++) {
            int length = Math.min(sealedBytes, data.limit() - i * sealedBytes);
            checksums[i] = RecordCodec.blockChecksum(ref.key(), first + i, data, i * sealedBytes, length);
        }
        int last = data.limit() - (checksums.length - 1) * sealedBytes;
        RecordCodec.Header header = new RecordCodec.Header(ref.key(), first, sealedBytes, last, checksums);
        SegmentStore.Place place = store.reserve(header);
        if (place == null) {
            return false;
        }
        boolean done = false;
        try {
            write(place, header, data);
            done = true;
        } finally {
            store.written(place, done ? header : null);
        }
        return true;
    }

    /** A short record goes in one call, since the call takes longer than the copy. */
    private static void write(SegmentStore.Place place, RecordCodec.Header header, ByteBuffer data) throws IOException {
        boolean together = data.limit() <= Grid.BLOCK_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(header.headerBytes() + (together ? data.limit() : 0));
        RecordCodec.putHeader(header, bytes);
        if (together) {
            bytes.put(data);
        }
        place.segment().write(place.offset(), bytes.flip());
        if (!together) {
            place.segment().write(place.offset() + header.headerBytes(), data);
        }
    }

    /** The sealed blocks from index 0 to the limit. */
    private static ByteBuffer seal(ContentRef ref, long first, long end, ByteBuffer plain, int at) throws FsException {
        int length = ref.lengthOf(first, end - first);
        if (ref.codec() == BlockCodec.PLAIN) {
            return plain.slice(at, length);
        }
        int sealedBytes = ref.codec().sealedSize(Grid.BLOCK_BYTES);
        ByteBuffer data = ByteBuffer.allocate((int) (end - first) * sealedBytes);
        for (long block = first; block < end; block++) {
            ByteBuffer one = plain.slice(at + (int) ((block - first) * Grid.BLOCK_BYTES), ref.lengthOf(block, 1));
            ByteBuffer sealed = ref.codec().seal(new BlockId(ref.contentId(), block), one.asReadOnlyBuffer());
            if (sealed.remaining() != ref.codec().sealedSize(ref.lengthOf(block, 1))) {
                throw new IllegalStateException("the codec sealed a block to " + sealed.remaining() + " B");
            }
            data.put(sealed);
        }
        return data.flip();
    }

    /** Threads that fail together count as one. */
    private synchronized void failed(IOException reason) {
        if (!usable()) {
            return;
        }
        pausedUntil = nanoTime.getAsLong() + PAUSE_NANOS;
        String what = "The cache's disk takes no data (" + reason.getMessage() + ")";
        try {
            if (files.usableBytes(directory) < FULL_BYTES) {
                what = "The cache's disk is full";
                store.giveUp(SEGMENTS_GIVEN_UP);
            }
            store.retire();
        } catch (IOException e) {
            // What cannot be written now is found out again by the scan of the next start.
            reason.addSuppressed(e);
        }
        if (!failing.getAndSet(true)) {
            events.diskFailed(what + "; contents are kept in memory only.");
        }
    }

    /** Whether all these blocks are in the file of a pinned content. */
    boolean hasPinned(ContentKey content, long first, long end) {
        for (long unit = first / Grid.BLOCKS_PER_UNIT; unit * Grid.BLOCKS_PER_UNIT < end; unit++) {
            int wanted = Grid.maskOf(first, end, unit);
            if ((index.mask(content, unit, true) & wanted) != wanted) {
                return false;
            }
        }
        return true;
    }

    SegmentStore store() {
        return store;
    }

    long bytesOf(int volume) {
        return index.bytesOf(volume);
    }

    @Override
    public void close() {
        closed = true;
        try {
            store.close();
        } catch (IOException e) {
            events.diskFailed("The cache could not be closed (" + e.getMessage() + "); the next start takes longer.");
        }
    }
}
