package isle.fs.vfs;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock that knows its place in the order of {@code fs/LOCKING.md}. With assertions on (as in all tests) a thread that
 * takes locks in another order fails at once, whether or not it would have met a deadlock.
 */
final class RankedLock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    private final transient LockRank rank;

    RankedLock(LockRank rank) {
        this.rank = rank;
    }

    @Override
    public void lock() {
        assert LockRank.mayTake(rank, isHeldByCurrentThread());
        super.lock();
        assert LockRank.taken(rank);
    }

    @Override
    public boolean tryLock() {
        boolean locked = super.tryLock();
        assert !locked || LockRank.taken(rank);
        return locked;
    }

    @Override
    public boolean tryLock(long timeout, TimeUnit unit) throws InterruptedException {
        assert LockRank.mayTake(rank, isHeldByCurrentThread());
        boolean locked = super.tryLock(timeout, unit);
        assert !locked || LockRank.taken(rank);
        return locked;
    }

    @Override
    public void unlock() {
        assert LockRank.released(rank);
        super.unlock();
    }
}
