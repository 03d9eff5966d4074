package isle.fs.vfs;

import isle.fs.cache.BlockCache;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what was just committed into the block cache under its new identity, as far as it is on this host: what was
 * written here can be read here, whether the store can be reached or not.
 */
final class CommittedContent {
    private static final Logger LOG = LoggerFactory.getLogger(CommittedContent.class);

    /** Content of this share of the cache is kept; more would push out too much else. */
    private static final int SHARE = 4;

    private static final int STEP = 1 << 20;

    private final BlockCache cache;

    CommittedContent(BlockCache cache) {
        this.cache = cache;
    }

    /** Keeps the content of a job that the store has now. Makes no request. */
    void keep(CommitJob job, Volume.Source stored) {
        FileContent frozen = job.frozen();
        EntryVersion version = stored.version();
        if (frozen == null || version == null || !fits(frozen.size())) {
            return;
        }
        if (!(job.change() instanceof Volume.Change.Put put) || put.content() == null) {
            return;
        }
        try {
            for (long at = 0; at < frozen.size(); at += STEP) {
                keep(frozen, put.content(), version.contentId(), at, Math.min(at + STEP, frozen.size()));
            }
        } catch (FsException e) {
            LOG.debug("committed content was not cached: {}", e.getMessage());
        }
    }

    /** Keeps a part of a file that was stored ahead of the rest: the commit takes it from here. Makes no request. */
    void keepPart(Volume.Content part, Volume.Source stored, long fileSize) {
        EntryVersion version = stored.version();
        if (version == null || !fits(fileSize)) {
            return;
        }
        try {
            for (long at = 0; at < version.size(); at += STEP) {
                put(part, version.size(), version.contentId(), at, Math.min(at + STEP, version.size()));
            }
        } catch (FsException e) {
            LOG.debug("a part was not cached: {}", e.getMessage());
        }
    }

    private boolean fits(long size) {
        return size <= cache.capacityBytes() / SHARE;
    }

    /** Keeps of a range what lies here, run by run. */
    private void keep(FileContent frozen, Volume.Content content, String contentId, long start, long end)
            throws FsException {
        long from = start;
        for (FileContent.Piece piece : frozen.plan(start, end)) {
            if (!isHere(piece, frozen.base())) {
                put(content, frozen.size(), contentId, from, piece.start());
                from = piece.end();
            }
        }
        put(content, frozen.size(), contentId, from, end);
    }

    private void put(Volume.Content content, long size, String contentId, long start, long end) throws FsException {
        if (start < end) {
            ByteBuffer buffer = ByteBuffer.allocate((int) (end - start));
            content.read(start, buffer);
            cache.put(contentId, size, start, buffer.flip());
        }
    }

    private boolean isHere(FileContent.Piece piece, Volume.@Nullable Source base) {
        long length = piece.end() - piece.start();
        if (piece.origin() instanceof Origin.Staged staged) {
            return isCached(staged.object(), piece.skip(), length);
        }
        return !piece.ofBase() || isCached(base, piece.start(), length);
    }

    private boolean isCached(Volume.@Nullable Source source, long offset, long length) {
        EntryVersion version = source == null ? null : source.version();
        return version != null && cache.isCached(version.contentId(), version.size(), offset, length);
    }
}
