package isle.fs.vfs;

import isle.fs.spi.Volume;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Places in the store of what belongs elsewhere, or is to be removed, because it was renamed or a folder above it was;
 * and the old places of such folders. What a list shows there is nothing new.
 */
final class Leftovers {
    private final Set<String> places;

    /** As they are now. Caller holds the tree lock. */
    Leftovers(VolumeTree tree) {
        places = new HashSet<>(tree.displaced.keySet());
        for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
            Volume.Source here = dentry.storedHere;
            if (here != null) {
                // Also of a removed folder, the place of which another one has taken meanwhile.
                places.add(here.ref());
            }
            if (here != null && dentry.misplaced) {
                addFolders(above(here.ref()), dentry.parent);
            }
            Volume.Source parent = dentry.parent.stored;
            if (!dentry.tokens.isEmpty() && (parent == null || !isIn(parent.ref(), dentry.attemptRef))) {
                // Sent to where the folder was then, and not heard of yet.
                places.add(dentry.attemptRef);
                addFolders(above(dentry.attemptRef), dentry.parent);
            }
        }
    }

    /** Adds the old place of a directory, and of those above it that went from there with it. */
    private void addFolders(String old, Inode directory) {
        String top = Objects.requireNonNull(directory.directory).topOf(old);
        for (String at = old; at.startsWith(top) && !at.isEmpty(); at = above(at)) {
            places.add(at);
        }
    }

    /**
     * The place of the topmost directory that has left together with an inode, which is about to; its own if it goes
     * alone.
     */
    static String topOf(VolumeTree tree, Inode inode, @Nullable Dentry name) {
        String ref = inode.stored == null ? "" : inode.stored.ref();
        VolumeTree.Displaced was = tree.displaced.get(ref);
        Dentry from = was != null && was.inode() == inode ? was.slot() : name;
        Inode.Directory parent = from == null ? null : from.parent.directory;
        return parent == null ? ref : parent.topOf(ref);
    }

    /** The place of the directory in which this place is. */
    static String above(String ref) {
        return ref.substring(0, ref.lastIndexOf('/', ref.length() - 2) + 1);
    }

    /** Whether a place is in a directory's itself: a directory may also have been moved to one that was above it. */
    static boolean isIn(String directoryRef, String ref) {
        return above(ref).equals(directoryRef);
    }

    boolean contains(String ref) {
        return places.contains(ref);
    }
}
