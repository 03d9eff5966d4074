package isle.fs.cache;

import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * The cache of immutable contents in memory and on disk, shared by all volumes of a daemon. Thread-safe.
 *
 * <p>A cache made by a constructor is for one volume; {@link #forVolume} shows the same one to others.
 */
public final class BlockCache implements AutoCloseable {

    /** Blocks of this size are kept or not; offsets and lengths given to {@link #put} should be multiples of it. */
    public static final int BLOCK_BYTES = Grid.BLOCK_BYTES;

    private final CacheCore core;
    private final String volume;
    private final int volumeTag;
    private final BlockCodec codec;
    private final boolean owner;

    public BlockCache(CacheSettings settings) {
        this(settings, CacheEvents.NONE);
    }

    public BlockCache(CacheSettings settings, CacheEvents events) {
        this(settings, events, System::nanoTime, new CacheThreads(), CacheFiles.ON_DISK);
    }

    BlockCache(
            CacheSettings settings,
            CacheEvents events,
            LongSupplier nanoTime,
            ThreadFactory threads,
            CacheFiles files) {
        this(new CacheCore(settings, events, nanoTime, threads, files), "", settings.codec(), true);
    }

    private BlockCache(CacheCore core, String volume, BlockCodec codec, boolean owner) {
        this.core = core;
        this.volume = volume;
        this.volumeTag = ContentKey.volumeTag(volume);
        this.codec = codec;
        this.owner = owner;
    }

    /**
     * The same cache (one memory, one disk, one set of threads and caps) for the contents of one volume, which lie on
     * disk as {@code codec} seals them. Equal content ids of two volumes are two contents. Closing it does nothing.
     */
    public BlockCache forVolume(String name, BlockCodec volumeCodec) {
        return new BlockCache(core, name, volumeCodec, false);
    }

    /** Starts reading a content: one stream per open handle, since it remembers the pattern of access. */
    public ReadStream open(ContentSource source) {
        return core.open(ref(source.contentId(), source.size()), source);
    }

    /**
     * Keeps bytes that were written here and are committed now, or were read for another purpose; no request is made.
     * Whole blocks are kept, the last one of the content too; what is less at the edges is not.
     *
     * @param offset where in the content the remaining bytes of {@code bytes} lie; its position stays
     */
    public void put(String contentId, long contentSize, long offset, ByteBuffer bytes) {
        core.put(ref(contentId, contentSize), offset, bytes);
    }

    /** Bytes of contents that it holds at most: on its disk, or in memory if it has none. */
    public long capacityBytes() {
        return core.capacityBytes();
    }

    /** Whether the whole range, as far as it lies within the content, can be read without a request. */
    public boolean isCached(String contentId, long contentSize, long offset, long length) {
        return core.isCached(ref(contentId, contentSize), offset, length);
    }

    /**
     * Keeps a content on disk whatever the cap says, until it is unpinned; also over restarts. Fetches what is missing
     * in the background. Returns at once.
     */
    public void pin(ContentSource source, PinListener listener) {
        core.pin(ref(source.contentId(), source.size()), source, listener);
    }

    /** Ends what {@link #pin} began. The bytes become ordinary cached ones if they fit well below the cap, or go. */
    public void unpin(String contentId) {
        core.unpin(ContentKey.of(volume, volumeTag, contentId));
    }

    /** The figures of the whole cache, and the disk space of this volume. */
    public CacheUsage usage() {
        return core.usage(volumeTag);
    }

    private ContentRef ref(String contentId, long size) {
        return new ContentRef(ContentKey.of(volume, volumeTag, contentId), contentId, size, codec);
    }

    /** Ends the threads; what is on disk stays for the next start. */
    @Override
    public void close() {
        if (owner) {
            core.close();
        }
    }

    /** Drops all that is in memory. For tests. */
    void forgetMemory() {
        core.forgetMemory();
    }

    /** Waits until what was found on disk at the start is known. For tests. */
    void awaitScan() throws InterruptedException {
        core.awaitScan();
    }

    /** Throws IllegalStateException when something is not as it must be. For tests. */
    void checkInvariants() {
        core.checkInvariants();
    }

    /** Daemon threads with a name that says whose they are. */
    private static final class CacheThreads implements ThreadFactory {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable work) {
            Thread thread = new Thread(work, "isle-cache-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }
    }
}
