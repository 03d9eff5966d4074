package isle.fs.vfs;

import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Identity, attributes and content of one file, directory, link or special file. Fields say which lock guards them:
 * those of the tree by the {@link TreeLock}, the others by {@link #lock}.
 */
final class Inode {
    final long id;
    final RankedLock lock = new RankedLock(LockRank.INODE);

    /** The last name it has; null for an orphan (unlinked while open) and for the root. Tree lock. */
    @Nullable Dentry dentry;

    /** Names below a directory; null for anything else. The reference: tree lock. */
    @Nullable Directory directory;

    /** Inode lock, and the tree lock (reading or writing) for every change. */
    Attributes attributes;

    /** Whether the attributes are all there is; else they are what a list told. Inode lock. */
    boolean described = true;

    /** Last access, in memory only unless it was set. Inode lock. */
    @Nullable Timestamp atime;

    /** Where the store has the content; null while it has nothing. Inode lock and tree lock. */
    Volume.@Nullable Source stored;

    /** What the bytes are made of; null as long as they are simply those of {@link #stored}. Inode lock. */
    @Nullable FileContent content;

    /** Journal position of the last change of attributes or content here; inode lock. */
    long changedAt;

    /** Journal position up to which the store has this inode; inode lock. */
    long storedUpTo;

    /** Open handles, and those of them that write. Inode lock. */
    int handles;

    int writers;

    /** Set by fsync and by the last close of a writer; ripe for commit although open. Inode lock. */
    boolean syncRequested;

    /** Data that a commit under way may still read, to be given up when it has ended. As the content. */
    private @Nullable Freed freedLater;

    /**
     * Bytes that are not needed any more.
     *
     * @param segments in the journal, by segment
     * @param objects of parts that were sent ahead, by place
     */
    record Freed(Map<Long, Long> segments, Map<String, Long> objects) {}

    /** Whether a commit is under way. Tree lock. */
    boolean inFlight;

    /** Whether parts of it are being sent ahead. Tree lock. */
    boolean staging;

    /** The name under which it was last sent with an outcome that is not known; null if none. Tree lock. */
    @Nullable Dentry attempted;

    /** Where its last commit left it beside what took its name, if so: the next takes it from there. Tree lock. */
    Volume.@Nullable Source stranded;

    /** Why the store refused it last; null if it did not. Tree lock. */
    @Nullable FsException refused;

    /** When it last became different from the store, nanoseconds of the ticker. Inode lock. */
    long dirtyNanos;

    Inode(long id, Attributes attributes) {
        this.id = id;
        this.attributes = attributes;
        if (attributes.kind() == FileKind.DIRECTORY) {
            directory = new Directory();
        }
    }

    boolean isDirectory() {
        return directory != null;
    }

    /** Path from the volume's root, for people; empty for the root. Caller holds the tree lock. */
    String path() {
        Dentry name = dentry;
        if (name == null) {
            return "";
        }
        String above = name.parent.path();
        return above.isEmpty() ? name.name.display() : above + "/" + name.name.display();
    }

    /** Where to note what a commit under way may still read; made now if there is nothing yet. */
    Freed freedLater() {
        Freed found = freedLater;
        if (found == null) {
            found = new Freed(new HashMap<>(), new HashMap<>());
            freedLater = found;
        }
        return found;
    }

    /** What was noted, once; null if nothing was. */
    @Nullable Freed takeFreed() {
        Freed found = freedLater;
        freedLater = null;
        return found;
    }

    /** Whether it has its name in a directory or below it. Caller holds the tree lock. */
    boolean isInside(Inode outer) {
        for (Dentry name = dentry; name != null; name = name.parent.dentry) {
            if (name.parent == outer) {
                return true;
            }
        }
        return false;
    }

    /** The directory part; NotDirectory for anything else. */
    Directory asDirectory() throws FsException {
        Directory found = directory;
        if (found == null) {
            throw new FsException.NotDirectory("not a directory");
        }
        return found;
    }

    /** The content, made now if the file was untouched so far. Caller holds the inode lock. */
    FileContent content() {
        FileContent found = content;
        if (found == null) {
            found = new FileContent(stored, attributes.size());
            content = found;
        }
        return found;
    }

    /** Whether the store has other attributes or bytes. Caller holds the inode lock. */
    boolean isDirty() {
        return changedAt > storedUpTo || stored == null;
    }

    /** Names in one directory. Guarded by the tree lock, {@link #load} excepted. */
    static final class Directory {
        /** One load or refresh at a time. */
        final RankedLock load = new RankedLock(LockRank.LOAD);

        final Map<FileName, Dentry> children = new HashMap<>();

        /** Whether {@link #children} has every name that exists. */
        boolean loaded;

        /** When the store was last listed. */
        Listing listed = Listing.NEVER;

        /** Lists of the store under way. */
        int listing;

        /** Names whose removal was committed while a list was under way, with the commit's number. */
        final Map<FileName, Long> settled = new HashMap<>(0);

        /** Sub-directories among the children. */
        int directories;

        /** Children that still lie at an old place in the store. */
        int misplaced;

        /** Whether the index lost its row, and all below it, because something else took its name there. */
        boolean rowLost;

        /**
         * Places that it has left, and at which some of what is below it still lies: each is that of the topmost
         * directory that went from there with it.
         */
        final List<String> left = new ArrayList<>(0);

        /** It has left a place, or something that is to be below it was found there. */
        void hasLeft(String top) {
            if (!left.contains(top)) {
                left.add(top);
            }
        }

        /** The topmost directory that left a place, at which a child of this one lay; the place itself if it alone did. */
        String topOf(String ref) {
            return left.stream().filter(ref::startsWith).findFirst().orElse(ref);
        }

        /** Whether the directory was removed; nothing can be made in it any more. */
        boolean removed;

        /** Whether its times changed with its names since its row in the index was written. */
        boolean touched;

        /** Whether a refresh was asked for and has not ended. */
        boolean refreshing;
    }
}
