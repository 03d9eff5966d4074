package isle.fs.vfs;

import java.util.ArrayDeque;
import java.util.Deque;

/** The total order of the locks of a volume, outermost first. {@code fs/LOCKING.md} says what each one guards. */
enum LockRank {
    /** Learning what one lost attempt has done; held over requests to the store. */
    ATTEMPT,
    /** One load or refresh of one directory; held over requests to the store. */
    LOAD,
    /** Names, and which inode has which; never held over a request. */
    TREE,
    /** Attributes and content of one inode; two of them only in the order of their numbers. */
    INODE,
    /** Small tables; nothing else is taken under them. */
    LEAF;

    private static final ThreadLocal<Deque<LockRank>> HELD = ThreadLocal.withInitial(ArrayDeque::new);

    /** Fails when the calling thread holds a lock of a later rank. Always true, for use in assertions. */
    static boolean mayTake(LockRank rank, boolean reentrant) {
        LockRank innermost = HELD.get().peekLast();
        if (!reentrant && innermost != null && innermost.compareTo(rank) > 0) {
            throw new AssertionError("lock " + rank + " taken while " + innermost + " is held");
        }
        return true;
    }

    static boolean taken(LockRank rank) {
        HELD.get().addLast(rank);
        return true;
    }

    static boolean released(LockRank rank) {
        HELD.get().removeLastOccurrence(rank);
        return true;
    }
}
