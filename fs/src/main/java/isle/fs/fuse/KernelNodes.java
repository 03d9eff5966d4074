package isle.fs.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;

/**
 * The inodes that the kernel refers to, and how often it was handed each: it gives the count back when it forgets one.
 * An open table of plain numbers, because there is one entry for every file that the kernel has ever looked at and not
 * dropped from its memory.
 */
final class KernelNodes {

    private static final int SMALLEST = 1024;
    /** No inode has this number; it marks a free place. */
    private static final long FREE = 0;

    @GuardedBy("this") private long[] inodes = new long[SMALLEST];

    @GuardedBy("this") private long[] counts = new long[SMALLEST];

    @GuardedBy("this") private int size;

    /** The kernel is about to be told of this inode once more. */
    synchronized void handedOut(long inode) {
        int place = place(inode);
        if (inodes[place] == FREE) {
            inodes[place] = inode;
            counts[place] = 0;
            size++;
        }
        counts[place]++;
        if (size > inodes.length / 2) {
            resize(inodes.length * 2);
        }
    }

    /** The kernel gives back so many; true if it refers to the inode no longer. */
    synchronized boolean givenBack(long inode, long times) {
        int place = place(inode);
        if (inodes[place] == FREE) {
            return false;
        }
        counts[place] -= times;
        if (counts[place] > 0) {
            return false;
        }
        remove(place);
        size--;
        if (inodes.length > SMALLEST && size < inodes.length / 8) {
            resize(inodes.length / 2);
        }
        return true;
    }

    /** All of them, at this moment. */
    synchronized long[] all() {
        long[] all = new long[size];
        int next = 0;
        for (long inode : inodes) {
            if (inode != FREE) {
                all[next++] = inode;
            }
        }
        return all;
    }

    synchronized int size() {
        return size;
    }

    @GuardedBy("this") private int place(long inode) {
        int mask = inodes.length - 1;
        int place = home(inode, mask);
        while (inodes[place] != inode && inodes[place] != FREE) {
            place = (place + 1) & mask;
        }
        return place;
    }

    /** Closes the gap, so that every entry is found from its home place without crossing a free one. */
    @GuardedBy("this") private void remove(int removed) {
        int mask = inodes.length - 1;
        int gap = removed;
        int next = (gap + 1) & mask;
        while (inodes[next] != FREE) {
            int home = home(inodes[next], mask);
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                inodes[gap] = inodes[next];
                counts[gap] = counts[next];
                gap = next;
            }
            next = (next + 1) & mask;
        }
        inodes[gap] = FREE;
    }

    @GuardedBy("this") private void resize(int length) {
        long[] oldInodes = inodes;
        long[] oldCounts = counts;
        inodes = new long[length];
        counts = new long[length];
        for (int i = 0; i < oldInodes.length; i++) {
            if (oldInodes[i] != FREE) {
                int place = place(oldInodes[i]);
                inodes[place] = oldInodes[i];
                counts[place] = oldCounts[i];
            }
        }
    }

    /** Inode numbers are counted up, with the volume on top: the multiplication spreads both over the table. */
    private static int home(long inode, int mask) {
        long mixed = inode * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & mask;
    }
}
