package isle.fs.index;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** A few readers, each lent to one thread at a time. Waiting is not interruptible: it lasts as long as one query. */
final class ReaderPool {

    private final Deque<Reader> free;
    private final int size;
    private boolean closed;

    ReaderPool(List<Reader> readers) {
        free = new ArrayDeque<>(readers);
        size = readers.size();
    }

    synchronized Reader take() {
        boolean interrupted = false;
        while (free.isEmpty() && !closed) {
            interrupted |= waitForChange();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (closed) {
            throw new IllegalStateException("the index is closed");
        }
        return free.pop();
    }

    synchronized void giveBack(Reader reader) {
        // The one used last is taken next: its page cache and statements are warm.
        free.push(reader);
        notifyAll();
    }

    private boolean waitForChange() {
        try {
            wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    /** Waits until all queries have ended, and closes the readers. */
    synchronized void close() throws SQLException {
        closed = true;
        notifyAll();
        boolean interrupted = false;
        while (free.size() < size) {
            interrupted |= waitForChange();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Reader reader : free) {
            reader.close();
        }
    }
}
