package isle.fs.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;

/** The cache of immutable contents, shared by all volumes of a daemon. Thread-safe. */
public final class BlockCache implements AutoCloseable {

    /** Contents are kept and dropped in pieces of this size; offsets of {@link #put} should be multiples of it. */
    public static final int UNIT_BYTES = 128 << 10;

    private record Key(String contentId, long unit) {}

    private final CacheSettings settings;
    private final String volume;
    private final Cache<Key, byte[]> memory;
    private final ConcurrentHashMap<Key, CompletableFuture<byte[]>> flights = new ConcurrentHashMap<>();
    private final LongAdder fetches = new LongAdder();
    private final LongAdder fetchedBytes = new LongAdder();

    public BlockCache(CacheSettings settings) {
        this(settings, CacheEvents.NONE);
    }

    public BlockCache(CacheSettings settings, CacheEvents events) {
        this(
                settings,
                "",
                Caffeine.newBuilder()
                        .executor(Runnable::run)
                        .maximumWeight(settings.memoryBytes())
                        .<Key, byte[]>weigher((key, bytes) -> bytes.length)
                        .build());
    }

    private BlockCache(CacheSettings settings, String volume, Cache<Key, byte[]> memory) {
        this.settings = settings;
        this.volume = volume;
        this.memory = memory;
    }

    /**
     * The same cache (one memory, one disk, one set of threads and caps) for the contents of one volume, which lie on
     * disk as {@code codec} seals them. Equal content ids of two volumes are two contents. Closing it does nothing.
     */
    public BlockCache forVolume(String name, BlockCodec codec) {
        return new BlockCache(settings, name + "\0", memory);
    }

    /** Starts reading a content: one per open handle, since it remembers the pattern of access. */
    public ReadStream open(ContentSource source) {
        return new ReadStream(this, source);
    }

    /**
     * Keeps bytes that were written here and are committed now, or were read for another purpose; no request is made.
     * Whole units are kept, and the last one of the content; what is less at the edges is not.
     */
    public void put(String contentId, long contentSize, long offset, ByteBuffer bytes) {
        ByteBuffer from = bytes.duplicate();
        long unit = Math.floorDiv(offset + UNIT_BYTES - 1, UNIT_BYTES);
        for (; ; unit++) {
            long start = unit * UNIT_BYTES;
            int length = (int) Math.min(UNIT_BYTES, contentSize - start);
            if (length <= 0 || start + length > offset + bytes.remaining()) {
                return;
            }
            byte[] copy = new byte[length];
            from.get((int) (bytes.position() + start - offset), copy);
            memory.put(new Key(volume + contentId, unit), copy);
        }
    }

    /** Whether the whole range, as far as it lies within the content, can be read without a request. */
    public boolean isCached(String contentId, long contentSize, long offset, long length) {
        long end = Math.min(contentSize, offset + length);
        for (long unit = offset / UNIT_BYTES; unit * UNIT_BYTES < end; unit++) {
            if (memory.getIfPresent(new Key(volume + contentId, unit)) == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * Keeps a content on disk whatever the cap says, until it is unpinned; also over restarts. Fetches what is missing
     * in the background. Returns at once.
     */
    public void pin(ContentSource source, PinListener listener) {
        listener.progress(0, source.size());
        try {
            ByteBuffer piece = ByteBuffer.allocate(UNIT_BYTES);
            for (long offset = 0; offset < source.size(); offset += UNIT_BYTES) {
                read(source, offset, piece.clear());
                listener.progress(Math.min(source.size(), offset + UNIT_BYTES), source.size());
            }
            listener.complete();
        } catch (FsException e) {
            listener.failed(e);
        }
    }

    /** Ends what {@link #pin} began; the bytes become ordinary cached ones, or go. */
    public void unpin(String contentId) {
        memory.asMap().keySet().removeIf(key -> key.contentId().equals(volume + contentId));
    }

    public CacheUsage usage() {
        long bytes =
                memory.policy().eviction().map(e -> e.weightedSize().orElse(0)).orElse(0L);
        return new CacheUsage(bytes, 0, 0, 0, 0, fetches.sum(), fetchedBytes.sum(), 0, 0, false);
    }

    /** Ends the threads; what is on disk stays for the next start. */
    @Override
    public void close() {
        if (volume.isEmpty()) {
            memory.invalidateAll();
        }
    }

    void read(ContentSource source, long offset, ByteBuffer into) throws FsException {
        long position = offset;
        long end = Math.min(source.size(), offset + into.remaining());
        long nanos =
                settings.baseWait().toNanos() + settings.waitPerMebibyte().toNanos() * (into.remaining() / (1 << 20));
        while (position < end) {
            long unit = position / UNIT_BYTES;
            byte[] bytes = unit(source, unit, nanos);
            int from = (int) (position - unit * UNIT_BYTES);
            int length = (int) Math.min(end - position, bytes.length - from);
            into.put(bytes, from, length);
            position += length;
        }
    }

    private byte[] unit(ContentSource source, long unit, long nanos) throws FsException {
        Key key = new Key(volume + source.contentId(), unit);
        byte[] cached = memory.getIfPresent(key);
        if (cached != null) {
            return cached;
        }
        CompletableFuture<byte[]> mine = new CompletableFuture<>();
        CompletableFuture<byte[]> running = flights.putIfAbsent(key, mine);
        if (running != null) {
            return await(running, nanos);
        }
        try {
            byte[] bytes = new byte[(int) Math.min(UNIT_BYTES, source.size() - unit * UNIT_BYTES)];
            source.fetch(unit * UNIT_BYTES, ByteBuffer.wrap(bytes));
            fetches.increment();
            fetchedBytes.add(bytes.length);
            memory.put(key, bytes);
            mine.complete(bytes);
            return bytes;
        } catch (FsException | RuntimeException | Error e) {
            mine.completeExceptionally(e);
            throw e;
        } finally {
            flights.remove(key, mine);
        }
    }

    private static byte[] await(CompletableFuture<byte[]> flight, long nanos) throws FsException {
        try {
            return flight.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new FsException.TimedOut("no answer to a request for a block", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.Unavailable("interrupted while waiting for a block", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FsException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        }
    }
}
