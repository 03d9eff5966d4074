package isle.fs.vfs;

import isle.fs.model.FileName;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One name in one directory: what it means here, and what the store has under it. It stays for as long as either is
 * something, so a name deleted here and not yet in the store is a dentry without an inode. Guarded by the tree lock.
 */
final class Dentry {
    final Inode parent;
    final FileName name;

    /** What the name means; null when it was removed here. */
    @Nullable Inode inode;

    /** What the store has under the name as far as we know; null for nothing. */
    Volume.@Nullable Source storedHere;

    /** Number of the inode that the index has under the name; 0 for none. */
    long storedInode;

    /** Journal position of the last change of the name here; 0 for none. */
    long sequence;

    /** Whether {@link #storedHere} lies at an old place because an ancestor was renamed. */
    boolean misplaced;

    /** Whether a commit of this name is under way. */
    boolean inFlight;

    /** Tokens of commits whose outcome is not known (yet), the place that they wrote to, and of which inode. */
    final List<String> tokens = new ArrayList<>(0);

    String attemptRef = "";
    long attemptInode;

    /** Whether the name is to lie at another place by now than where it was sent to. */
    boolean attemptElsewhere;

    /** Value of the volume's commit counter when this name was last committed. */
    long commitStamp;

    /** Earliest time of the next attempt (nanoseconds of the ticker), and how many failed in a row. */
    long retryNanos;

    int failures;

    /** When the name last became dirty, nanoseconds of the ticker. */
    long dirtyNanos;

    /** Whether it is open what the store has under the name, and the next commit of the name would not find out. */
    boolean isUncertain() {
        return !tokens.isEmpty() && !inFlight && (inode == null || inode.id != attemptInode || attemptElsewhere);
    }

    /** Whether this is the place of what the store has under the name. */
    boolean liesAt(String ref) {
        return storedHere != null && storedHere.ref().equals(ref);
    }

    /** The outcome of the last attempt is known. */
    void settled() {
        tokens.clear();
        attemptInode = 0;
        attemptRef = "";
        attemptElsewhere = false;
    }

    Dentry(Inode parent, FileName name) {
        this.parent = parent;
        this.name = name;
    }
}
