package isle.fs.index;

/** One step of a transaction on the {@link Index}. */
public sealed interface IndexChange {

    /**
     * The inode has this entry from now on, and no other: this is how an entry is made, changed and moved. Another
     * inode that has the name loses its entry, as by {@link Remove}, unless the same transaction puts it elsewhere.
     */
    record Put(IndexEntry entry) implements IndexChange {}

    /**
     * The inode has no entry; if it was a directory, neither have those below it that are still there at the end of
     * the transaction, and what was known of the directory is forgotten. Nothing happens where there is no entry.
     */
    record Remove(long inode) implements IndexChange {}

    /** A directory was listed. Nothing happens when the directory has no entry and is not the root of a volume. */
    record Listed(DirectoryState state) implements IndexChange {}

    /** A cursor or another small value of the index's owner; replaces what the key had. */
    record Meta(String key, String value) implements IndexChange {
        /** Most characters of a key, and of a value. */
        public static final int MAX_LENGTH = 65_536;

        public Meta {
            if (key.isEmpty() || key.length() > MAX_LENGTH || value.length() > MAX_LENGTH) {
                throw new IllegalArgumentException("key of " + key.length() + ", value of " + value.length());
            }
        }
    }
}
