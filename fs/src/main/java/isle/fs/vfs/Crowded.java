package isle.fs.vfs;

import isle.fs.journal.DataLocation;
import isle.fs.journal.JournalRecord;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties segments of a journal that gets full: a segment goes only as a whole, and one small file that cannot be
 * committed may hold it. During a checkpoint, what is left in a segment that is mostly dead is written anew; after it,
 * nobody needs the old bytes. Used by who holds the tree lock for writing.
 */
final class Crowded {
    private static final Logger LOG = LoggerFactory.getLogger(Crowded.class);

    /** Most bytes that one checkpoint writes anew: everybody waits for it. */
    private static final long MOST_BYTES = 32L << 20;

    private final VolumeTree tree;
    private final Set<Long> segments;
    private final List<Moved> moved = new ArrayList<>();
    private long left;

    private record Moved(Inode inode, ExtentMap.Extent extent, DataLocation to) {}

    Crowded(VolumeTree tree) {
        this.tree = tree;
        long used = tree.journal().usedBytes();
        long cap = tree.journal().capBytes();
        this.segments = used > cap / 2 ? Set.copyOf(tree.journal().halfDeadSegments()) : Set.of();
        this.left = Math.min(MOST_BYTES, (cap - used) / 2);
    }

    /** Writes an extent with its data, if it should leave its place and there is room; else false. */
    boolean move(Inode inode, ExtentMap.Extent extent) throws FsException {
        if (!(extent.origin() instanceof Origin.Journaled old)
                || extent.length() > left
                || !segments.contains(old.location().segment())) {
            return false;
        }
        ByteBuffer data = ByteBuffer.allocate((int) extent.length());
        try {
            tree.journal().read(old.location(), extent.skip(), data);
        } catch (FsException e) {
            LOG.warn("data of the journal stays where it is: {}", e.getMessage());
            return false;
        }
        JournalRecord.Extent record =
                new JournalRecord.Extent(inode.id, extent.sequence(), extent.start(), extent.length(), null, null, 0);
        try {
            moved.add(new Moved(inode, extent, tree.append(record, data.flip()).location()));
        } catch (FsException.NoSpace e) {
            left = 0;
            return false;
        }
        left -= extent.length();
        return true;
    }

    /** The checkpoint is complete: the old places are given up. */
    void leave() {
        for (Moved one : moved) {
            FileContent content = one.inode().content;
            if (content != null) {
                content.moved(one.extent(), one.to(), tree.freed(one.inode()));
            }
        }
    }

    /** Says in a checkpoint where an extent lies. */
    static JournalRecord.Extent recordOf(long inode, ExtentMap.Extent extent) {
        return new JournalRecord.Extent(
                inode,
                extent.sequence(),
                extent.start(),
                extent.length(),
                extent.origin() instanceof Origin.Journaled journaled ? journaled.location() : null,
                extent.origin() instanceof Origin.Staged staged ? staged.object() : null,
                extent.skip());
    }
}
