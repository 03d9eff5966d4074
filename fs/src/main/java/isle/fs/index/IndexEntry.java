package isle.fs.index;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import org.jspecify.annotations.Nullable;

/**
 * One name in a directory, as the store has it.
 *
 * @param inode number of the inode, made by {@link InodeNumbers}; an inode has one entry
 * @param parent inode of the directory
 * @param name its name there
 * @param ref where the volume keeps it in the store; any text, opaque here
 * @param version the committed state; null for directories that have none of their own
 * @param attributes what is known of them
 * @param described whether {@code attributes} are complete, else they are only what a list told
 */
public record IndexEntry(
        long inode,
        long parent,
        FileName name,
        String ref,
        @Nullable EntryVersion version,
        Attributes attributes,
        boolean described) {

    public IndexEntry {
        boolean volumesAgree = InodeNumbers.volumeOf(inode) == InodeNumbers.volumeOf(parent);
        if (!InodeNumbers.isValid(inode)
                || !InodeNumbers.isValid(parent)
                || inode == parent
                || !(volumesAgree || InodeNumbers.isRoot(inode))) {
            throw new IllegalArgumentException("inode " + inode + " in directory " + parent);
        }
    }

    /** Whether this is a directory. */
    public boolean isDirectory() {
        return attributes.kind() == FileKind.DIRECTORY;
    }

    /** Bytes that this entry adds to the totals of its volume: content of files, nothing else. */
    long contentBytes() {
        return attributes.kind() == FileKind.FILE ? attributes.size() : 0;
    }
}
