package isle.fs.index;

/**
 * How well a directory is known.
 *
 * @param inode the directory
 * @param listedMillis when the store was last listed, in milliseconds since 1970; 0 for never
 * @param complete whether the index has every entry that the store had then
 */
public record DirectoryState(long inode, long listedMillis, boolean complete) {
    public DirectoryState {
        if (!InodeNumbers.isValid(inode) || listedMillis < 0) {
            throw new IllegalArgumentException("directory " + inode + " listed at " + listedMillis);
        }
    }
}
