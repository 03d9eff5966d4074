package isle.fs.vfs;

import isle.fs.spi.Volume;
import java.util.HashSet;
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
                addFolders(above(here.ref()), dentry.parent.stored);
            }
        }
    }

    /** Adds the old place of a folder that lies elsewhere by now, and those above it up to the one that was renamed. */
    private void addFolders(String old, Volume.@Nullable Source stored) {
        String now = stored == null ? "" : stored.ref();
        String before = old;
        places.add(before);
        while (!now.isEmpty() && last(before).equals(last(now))) {
            before = above(before);
            now = above(now);
            if (before.isEmpty()) {
                return;
            }
            places.add(before);
        }
    }

    private static String last(String ref) {
        return ref.substring(above(ref).length());
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
