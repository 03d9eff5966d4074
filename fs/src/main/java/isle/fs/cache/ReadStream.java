package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/** One open content, read through a {@link BlockCache}. Thread-safe. */
public final class ReadStream implements AutoCloseable {

    private final BlockCache cache;
    private final ContentSource source;

    ReadStream(BlockCache cache, ContentSource source) {
        this.cache = cache;
        this.source = source;
    }

    /**
     * Fills {@code into} from {@code offset}, but not past the end of the content: there it keeps room. Waits at most
     * {@link CacheSettings#baseWait()} and {@link CacheSettings#waitPerMebibyte()} for what is not local. After a failure
     * what {@code into} holds is undefined, and so is its position.
     *
     * @throws FsException what the source threw, or TimedOut
     */
    public void read(long offset, ByteBuffer into) throws FsException {
        cache.read(source, offset, into);
    }

    /** Drops what was fetched ahead and not read. Reads that are under way end normally. */
    @Override
    public void close() {}
}
