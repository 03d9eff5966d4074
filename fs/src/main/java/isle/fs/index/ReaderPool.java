package isle.fs.index;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A few readers, each lent to one thread at a time. Waiting is not interruptible: it lasts as long as one query. */
final class ReaderPool {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Reader> free;
    private final int size;
    private boolean closed;

    ReaderPool(List<Reader> readers) {
        free = new ArrayDeque<>(readers);
        size = readers.size();
    }

    Reader take() {
        lock.lock();
        try {
            while (free.isEmpty() && !closed) {
                changed.awaitUninterruptibly();
            }
            if (closed) {
                throw new IllegalStateException("the index is closed");
            }
            return free.pop();
        } finally {
            lock.unlock();
        }
    }

    void giveBack(Reader reader) {
        lock.lock();
        try {
            // The one used last is taken next: its page cache is warm.
            free.push(reader);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all queries have ended, and closes the readers. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            while (free.size() < size) {
                changed.awaitUninterruptibly();
            }
            free.forEach(Reader::close);
        } finally {
            lock.unlock();
        }
    }
}
