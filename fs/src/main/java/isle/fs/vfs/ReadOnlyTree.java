package isle.fs.vfs;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder of {@code .isle} that somebody else fills. It can only be read, and by the mount's owner alone. What a file of it
 * contains never changes; names come and go. May be used by several threads.
 */
public interface ReadOnlyTree {

    /**
     * What is in a folder of it.
     *
     * @param path from the tree's own root, which is the empty one
     * @throws FsException.NotFound there is no such folder
     */
    List<Node> list(List<FileName> path) throws FsException;

    /** The bytes of a file. */
    interface Content {
        /** Reads until {@code into} is full or the file ends. */
        void read(long offset, ByteBuffer into) throws FsException;
    }

    /**
     * Something in a folder.
     *
     * @param content null of a folder
     */
    record Node(FileName name, @Nullable Content content, long size, Timestamp time) {}
}
