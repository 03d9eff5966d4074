package isle.fs.vfs;

import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One change on its way into the store.
 *
 * @param dentry the name; for what is put aside, the name under which it still lies
 * @param inode what is put; null for a removal
 * @param change what the volume is asked for
 * @param frozen content that is sent, null if none
 * @param attributes as they are sent; null if the store's are kept
 * @param upTo state of the inode that is sent, as journal position
 * @param linkUpTo state of the name, likewise
 * @param clears place whose content is gone by the same change; null if none
 * @param keeps whether this only puts content, or a directory, aside that others' changes have to wait for; by reference,
 *     whether a new directory comes beside what the store has under its name, and takes its place later
 */
record CommitJob(
        Dentry dentry,
        @Nullable Inode inode,
        Volume.Change change,
        @Nullable FileContent frozen,
        @Nullable Attributes attributes,
        long upTo,
        long linkUpTo,
        @Nullable String clears,
        boolean keeps) {

    /** A file of at least this size is published by itself, and given up when it is removed meanwhile. */
    static final long LARGE_BYTES = 16L << 20;

    /** Stands for the place of what comes beside what is there. */
    static final String BESIDE = "beside";

    /** The bytes of an inode that have to be sent, as they are now; null if the store has them. Caller holds the write lock. */
    static @Nullable FileContent contentOf(Inode inode) {
        if (inode.attributes.kind() != FileKind.FILE) {
            return null;
        }
        FileContent content = inode.content;
        if (content != null && !content.isClean()) {
            return content.snapshot();
        }
        return inode.stored == null ? new FileContent(null, 0) : null;
    }

    /** Bytes that have to travel, as an estimate. */
    long weight() {
        return frozen == null ? 0 : frozen.size();
    }

    /** Whether nobody wants it any more: its file is gone, and the removal comes next. Tree lock. */
    boolean isGivenUp() {
        return inode != null && inode.dentry == null && weight() >= LARGE_BYTES;
    }

    /** Where it puts something. */
    String place(Volume volume) throws FsException {
        if (keeps && volume.traits().byReference()) {
            return BESIDE;
        }
        Volume.Change.Put put = (Volume.Change.Put) change;
        return volume.place(
                put.directory(),
                put.name(),
                Objects.requireNonNull(inode).attributes.kind());
    }

    boolean isRemoval() {
        return inode == null;
    }
}
