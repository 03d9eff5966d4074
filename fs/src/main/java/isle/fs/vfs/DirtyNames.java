package isle.fs.vfs;

import isle.fs.model.EntryVersion;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names of a volume that may differ from the store, in the order in which they began to. A leaf. */
final class DirtyNames {
    private final RankedLock lock = new RankedLock(LockRank.LEAF);
    private final LinkedHashSet<Dentry> names = new LinkedHashSet<>();

    void add(Dentry dentry) {
        lock.lock();
        try {
            names.add(dentry);
        } finally {
            lock.unlock();
        }
    }

    void remove(Dentry dentry) {
        lock.lock();
        try {
            names.remove(dentry);
        } finally {
            lock.unlock();
        }
    }

    /** The first names, at most this many. */
    List<Dentry> inOrder(int most) {
        lock.lock();
        try {
            List<Dentry> first = new ArrayList<>(Math.min(most, names.size()));
            for (Dentry dentry : names) {
                if (first.size() == most) {
                    break;
                }
                first.add(dentry);
            }
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Versions in the store on which these changes were made. Caller holds the tree lock. */
    Set<EntryVersion> versions() {
        Set<EntryVersion> versions = new HashSet<>();
        for (Dentry dentry : inOrder(Integer.MAX_VALUE)) {
            add(dentry.storedHere, versions);
            add(dentry.inode == null ? null : dentry.inode.stored, versions);
        }
        return versions;
    }

    private static void add(Volume.@Nullable Source source, Set<EntryVersion> versions) {
        EntryVersion version = source == null ? null : source.version();
        if (version != null) {
            versions.add(version);
        }
    }

    int size() {
        lock.lock();
        try {
            return names.size();
        } finally {
            lock.unlock();
        }
    }
}
