package isle.fs.cache;

import isle.fs.model.FsException;

/** Follows the fetching of a pinned content. Calls come one after another, from a thread of the cache. */
public interface PinListener {

    /** {@code doneBytes} of {@code totalBytes} are on disk. Called at the start and after each piece. */
    void progress(long doneBytes, long totalBytes);

    /** All of it is on disk. */
    void complete();

    /** It stopped; what is there stays pinned. Pinning again goes on where it stopped. */
    void failed(FsException reason);
}
