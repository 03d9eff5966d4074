package isle.fs.cache;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
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

    /** What a codec may add to the blocks of one unit. */
    private static final int MOST_SEALING_BYTES = 4 << 10;

    private final SegmentStore store;
    private final RunIndex index = new RunIndex();
    private final CacheEvents events;
    private final CacheCounters counters;
    private final LongSupplier nanoTime;
    private final CacheFiles files;
    private final Path directory;
    private final ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
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
        this.events = events;
        this.counters = counters;
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

    /**
     * Copies bytes from {@code position} on, up to {@code end} or the end of the unit, as far as good blocks lie in a
     * row, and gives those blocks to the memory tier.
     *
     * @return the number of bytes copied, 0 when the first block is not here
     */
    int read(ContentRef ref, long position, long end, ByteBuffer into, MemoryTier memory) {
        long first = Grid.blockOf(position);
        Run run = index.find(ref.key(), first);
        if (run == null) {
            return 0;
        }
        long unitEnd = (first / Grid.BLOCKS_PER_UNIT + 1) * Grid.BLOCKS_PER_UNIT;
        long last = Math.min(Math.min(run.header().end(), unitEnd), Grid.blocksFor(end));
        ByteBuffer sealed = takeBuffer();
        boolean plain = ref.codec() == BlockCodec.PLAIN;
        ByteBuffer opened = plain ? sealed : takeBuffer();
        try {
            long good = load(ref, run, first, last, sealed, opened);
            if (good == first) {
                return 0;
            }
            run.setUsed();
            memory.insert(ref, first, good - first, opened, 0);
            int length = (int) (Math.min(end, Grid.startOf(good, ref.size())) - position);
            into.put(into.position(), opened, (int) (position - first * Grid.BLOCK_BYTES), length);
            into.position(into.position() + length);
            return length;
        } finally {
            buffers.offer(sealed);
            if (!plain) {
                buffers.offer(opened);
            }
        }
    }

    /** Reads, checks and opens blocks. Returns the end of those that are good. */
    private long load(ContentRef ref, Run run, long first, long last, ByteBuffer sealed, ByteBuffer opened) {
        RecordCodec.Header header = run.header();
        long from = header.dataOffset(first);
        long length = header.dataOffset(last - 1) + header.sealedBytes(last - 1) - from;
        if (!isOfSize(ref, header, first) || !isOfSize(ref, header, last - 1) || length > sealed.capacity()) {
            damaged(run, first, "has another size than it should");
            return first;
        }
        try {
            if (!run.segment().read(run.offset() + from, sealed.clear().limit((int) length))) {
                if (run.isLive()) {
                    damaged(run, first, "is cut off");
                }
                return first;
            }
        } catch (IOException e) {
            damaged(run, first, "cannot be read: " + e.getMessage());
            return first;
        }
        for (long block = first; block < last; block++) {
            int index = (int) (header.dataOffset(block) - from);
            int bytes = header.sealedBytes(block);
            int checksum = RecordCodec.blockChecksum(header.key(), block, sealed, index, bytes);
            if (checksum != header.checksums()[(int) (block - header.first())]) {
                damaged(run, block, "fails its checksum");
                return block;
            }
            if (ref.codec() != BlockCodec.PLAIN && !open(ref, run, block, sealed.slice(index, bytes), opened, first)) {
                return block;
            }
        }
        return last;
    }

    private static boolean isOfSize(ContentRef ref, RecordCodec.Header header, long block) {
        return header.sealedBytes(block) == ref.codec().sealedSize(ref.lengthOf(block, 1));
    }

    private boolean open(ContentRef ref, Run run, long block, ByteBuffer sealed, ByteBuffer opened, long first) {
        try {
            ByteBuffer plain = ref.codec().open(new BlockId(ref.contentId(), block), sealed);
            if (plain.remaining() != ref.lengthOf(block, 1)) {
                throw new FsException.Corrupt("opened to " + plain.remaining() + " B");
            }
            opened.clear().position((int) (block - first) * Grid.BLOCK_BYTES).put(plain);
            return true;
        } catch (FsException.Corrupt e) {
            damaged(run, block, "is not what was sealed");
            return false;
        } catch (FsException e) {
            // No key just now: the block is as good as not here.
            return false;
        }
    }

    private void damaged(Run run, long block, String what) {
        counters.damagedBlocks.increment();
        store.damaged(run, block);
        events.damageFound("A cached block " + what + "; it is fetched again when needed.");
    }

    private ByteBuffer takeBuffer() {
        ByteBuffer buffer = buffers.poll();
        return buffer != null ? buffer : ByteBuffer.allocateDirect(Grid.UNIT_BYTES + MOST_SEALING_BYTES);
    }

    /** Keeps whole blocks that are not there yet: {@code plain} from {@code at} on holds {@code count} of them. */
    void write(ContentRef ref, long first, long count, ByteBuffer plain, int at) {
        if (!usable()) {
            return;
        }
        try {
            ensureTakenOver();
            boolean pinned = store.isPinned(ref.key());
            long block = first;
            while (block < first + count) {
                long end = endOfMissing(ref, block, first + count, pinned);
                if (end > block) {
                    append(ref, block, end, plain, at + (int) ((block - first) * Grid.BLOCK_BYTES));
                }
                block = Math.max(end, block + 1);
            }
            if (failing.compareAndSet(true, false)) {
                events.diskRecovered();
            }
        } catch (FsException e) {
            // The codec has no key just now: nothing may lie on disk unsealed.
            return;
        } catch (IOException e) {
            failed(e);
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

    private void append(ContentRef ref, long first, long end, ByteBuffer plain, int at) throws IOException {
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
            return;
        }
        boolean done = false;
        try {
            ByteBuffer bytes = ByteBuffer.allocate(header.headerBytes());
            RecordCodec.putHeader(header, bytes);
            place.segment().write(place.offset(), bytes.flip());
            place.segment().write(place.offset() + header.headerBytes(), data);
            done = true;
        } finally {
            store.written(place, done ? header : null);
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

    private void failed(IOException reason) {
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
