package isle.fs.cache;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The parts of a cache, put together. */
final class CacheCore implements AutoCloseable {

    /** One part in so many of the memory holds what was fetched ahead, the rest what was read. */
    private static final int AHEAD_FRACTION = 4;

    private final CacheSettings settings;
    private final MemoryTier memory;
    private final TransferArena arena;
    private final @Nullable DiskTier disk;
    private final CacheCounters counters = new CacheCounters();
    private final Keeping keeping;
    private final Requests requests;
    private final ReadAhead readAhead;
    private final Reading reading;
    private final Pins pins;
    private final ConcurrentHashMap<ContentKey, Content> contents = new ConcurrentHashMap<>();

    CacheCore(
            CacheSettings settings,
            CacheEvents events,
            LongSupplier nanoTime,
            ThreadFactory threads,
            CacheFiles files) {
        this.settings = settings;
        long ahead = settings.memoryBytes() / AHEAD_FRACTION;
        arena = new TransferArena(ahead);
        memory = new MemoryTier(settings.memoryBytes() - arena.capacityBytes());
        Path directory = settings.directory();
        disk = directory == null
                ? null
                : new DiskTier(directory, settings.diskBytes(), files, events, counters, nanoTime);
        Pace pace = new Pace();
        keeping = new Keeping(memory, disk, arena.capacityBytes() * 3 / 4);
        requests = new Requests(keeping, pace, counters, nanoTime, threads);
        readAhead = new ReadAhead(arena, requests, pace, nanoTime, settings.fetchers());
        reading = new Reading(settings, memory, disk, arena, requests, counters, nanoTime);
        pins = new Pins(reading, disk, counters, threads);
        if (disk != null) {
            disk.start(threads);
        }
    }

    ReadStream open(ContentRef ref, ContentSource source) {
        Content content = contents.compute(ref.key(), (key, present) -> {
            Content shared = present != null
                    ? present
                    : new Content(ref, memory, disk, settings.baseWait().toNanos());
            if (shared.ref().size() != ref.size()) {
                throw new IllegalArgumentException("one content of two sizes: " + shared.ref() + ", " + ref);
            }
            shared.opened();
            return shared;
        });
        return new ReadStream(reading, readAhead, content, source, () -> closed(ref.key()));
    }

    private void closed(ContentKey key) {
        contents.computeIfPresent(key, (k, content) -> content.closed() ? null : content);
    }

    void put(ContentRef ref, long offset, ByteBuffer bytes) {
        long first = Grid.blocksFor(offset);
        long end = offset + bytes.remaining() >= ref.size() ? ref.blocks() : Grid.blockOf(offset + bytes.remaining());
        if (first >= end) {
            return;
        }
        int at = bytes.position() + (int) (first * Grid.BLOCK_BYTES - offset);
        keeping.keep(ref, first, end - first, bytes, at, () -> {});
    }

    long capacityBytes() {
        return disk == null ? settings.memoryBytes() : settings.diskBytes();
    }

    boolean isCached(ContentRef ref, long offset, long length) {
        long end = Grid.blocksFor(offset > ref.size() - length ? ref.size() : offset + length);
        long first = Grid.blockOf(offset);
        for (long unit = first / Grid.BLOCKS_PER_UNIT; unit * Grid.BLOCKS_PER_UNIT < end; unit++) {
            int wanted = Grid.maskOf(first, end, unit);
            int here = memory.mask(ref.key(), unit);
            if (disk != null && (here & wanted) != wanted) {
                here |= disk.mask(ref.key(), unit);
            }
            if ((here & wanted) != wanted) {
                return false;
            }
        }
        return true;
    }

    void pin(ContentRef ref, ContentSource source, PinListener listener) {
        pins.pin(ref, source, listener);
    }

    void unpin(ContentKey content) {
        pins.unpin(content);
    }

    CacheUsage usage(int volume) {
        DiskTier here = disk;
        return new CacheUsage(
                memory.usedBytes() + arena.usedBytes(),
                here == null ? 0 : here.store().ordinaryBytes(),
                here == null ? 0 : here.store().pinnedBytes(),
                here == null ? 0 : here.bytesOf(volume),
                counters.memoryHits.sum(),
                counters.diskHits.sum(),
                counters.fetches.sum(),
                counters.fetchedBytes.sum(),
                counters.failedFetches.sum(),
                counters.damagedBlocks.sum(),
                here != null && here.usable());
    }

    void forgetMemory() {
        memory.clear();
    }

    void awaitScan() throws InterruptedException {
        if (disk != null) {
            disk.awaitScan();
        }
    }

    void checkInvariants() {
        memory.checkInvariants();
        if (disk != null) {
            disk.store().checkInvariants();
        }
        if (memory.usedBytes() + arena.usedBytes() > settings.memoryBytes()) {
            throw new IllegalStateException("memory " + memory.usedBytes() + " + " + arena.usedBytes() + " B");
        }
    }

    @Override
    public void close() {
        readAhead.close();
        pins.close();
        requests.close();
        if (disk != null) {
            disk.close();
        }
        memory.clear();
    }
}
