package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/** Where the bytes of one immutable content come from. */
public interface ContentSource {

    /** Identity of the content: equal ids mean equal bytes, for ever and on every host. Any characters, not empty. */
    String contentId();

    /** Bytes in the content. Constant. */
    long size();

    /**
     * Fills all of {@code into} from {@code offset} with one ranged request. Blocks; bounded by the store's own
     * deadline. Called from threads of the cache, several at a time for different ranges. The buffer may be direct or
     * not; it belongs to the source until this returns, and must not be touched afterwards.
     *
     * @throws FsException.Stale the store has another content by now
     * @throws FsException.NotFound it has none
     */
    void fetch(long offset, ByteBuffer into) throws FsException;
}
