package isle.fs.cache;

import isle.fs.spi.BlockCodec;

/** A content and how its blocks lie on disk. */
record ContentRef(ContentKey key, String contentId, long size, BlockCodec codec) {

    ContentRef {
        if (contentId.isEmpty() || size < 0) {
            throw new IllegalArgumentException("content '" + contentId + "' of " + size + " B");
        }
    }

    long blocks() {
        return Grid.blocksFor(size);
    }

    int lengthOf(long first, long count) {
        return Grid.lengthOf(first, count, size);
    }
}
