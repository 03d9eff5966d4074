package isle.fs.model;

/**
 * Names one block of immutable content. A block never changes, so whoever caches it never has to invalidate it.
 *
 * @param contentId identity of the whole content; equal ids mean equal bytes
 * @param index number of the block, from 0; blocks of one content all have the cache's block size but the last
 */
public record BlockId(String contentId, long index) {
    public BlockId {
        if (contentId.isEmpty() || index < 0) {
            throw new IllegalArgumentException("block " + index + " of '" + contentId + "'");
        }
    }
}
