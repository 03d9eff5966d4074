package isle.fs.vfs;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

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

    int size() {
        lock.lock();
        try {
            return names.size();
        } finally {
            lock.unlock();
        }
    }
}
