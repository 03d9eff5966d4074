package isle.fs.vfs;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The read-write lock over the names of one volume, with its rank checked (see {@link LockRank}). */
final class TreeLock {
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

    /** Taken until closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held read() {
        assert LockRank.mayTake(LockRank.TREE, lock.getReadHoldCount() > 0 || lock.isWriteLockedByCurrentThread());
        lock.readLock().lock();
        assert LockRank.taken(LockRank.TREE);
        return () -> {
            assert LockRank.released(LockRank.TREE);
            lock.readLock().unlock();
        };
    }

    Held write() {
        assert lock.getReadHoldCount() == 0 || lock.isWriteLockedByCurrentThread() : "a read lock cannot be upgraded";
        assert LockRank.mayTake(LockRank.TREE, lock.isWriteLockedByCurrentThread());
        lock.writeLock().lock();
        assert LockRank.taken(LockRank.TREE);
        return () -> {
            assert LockRank.released(LockRank.TREE);
            lock.writeLock().unlock();
        };
    }

    boolean isHeldForWriting() {
        return lock.isWriteLockedByCurrentThread();
    }
}
