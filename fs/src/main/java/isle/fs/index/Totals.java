package isle.fs.index;

/**
 * How much of a volume the index knows.
 *
 * @param entries files, directories, symlinks and all others, without the root
 * @param bytes sum of the sizes of regular files
 */
public record Totals(long entries, long bytes) {}
