package isle.fs.fuse;

import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.Stat;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides whether the kernel may keep the pages of a file that is opened again: only if size and time of change are
 * what they were when it was opened last, or what writing through this very kernel made them. {@link Invalidation}
 * tells the kernel of other hosts' changes at once; this is the second line behind it.
 */
final class PageCaches {

    /** Files remembered. Beyond it all are forgotten: the kernel then reads a page twice at worst. */
    private static final int LIMIT = 100_000;

    private final ConcurrentHashMap<Long, Content> files = new ConcurrentHashMap<>();

    /** Content of a file as far as a stat tells, and the handles that may be changing it from here. */
    private record Content(long size, Timestamp mtime, int writers) {
        boolean sameAs(Stat stat) {
            return size == stat.size() && mtime.equals(stat.mtime());
        }
    }

    /** A file was opened and looks so; true if pages of it that the kernel has are still its content. */
    boolean opened(Stat stat, boolean forWriting) {
        if (files.size() >= LIMIT) {
            files.clear();
        }
        boolean[] same = new boolean[1];
        files.compute(stat.inode(), (inode, before) -> {
            same[0] = before != null && before.sameAs(stat);
            int writers = (before == null ? 0 : before.writers) + (forWriting ? 1 : 0);
            return new Content(stat.size(), stat.mtime(), writers);
        });
        return same[0];
    }

    /** Whether a handle of the file may be changing it from here. */
    boolean isWritten(long inode) {
        Content content = files.get(inode);
        return content != null && content.writers > 0;
    }

    /** A handle that may have written was flushed, and the file looks so now. */
    void written(Stat stat) {
        files.computeIfPresent(
                stat.inode(), (inode, content) -> new Content(stat.size(), stat.mtime(), content.writers));
    }

    /** A handle for writing is gone. */
    void writerGone(long inode) {
        files.computeIfPresent(
                inode, (number, content) -> new Content(content.size, content.mtime, Math.max(0, content.writers - 1)));
    }

    /** The kernel has dropped the inode and its pages. */
    void forget(long inode) {
        files.remove(inode);
    }
}
