package isle.fs.journal;

import isle.fs.model.FsException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets many threads share one force. The first leads; those who come while it forces wait and then need one more force
 * at most, which one of them leads for all.
 */
final class GroupForce {

    /** Forces everything that was appended before the call, or throws. */
    interface Lead {
        void run() throws FsException;
    }

    /** The highest sequence number known to survive power loss. */
    interface Durable {
        long sequence();
    }

    private final Lead lead;
    private final Durable durable;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private boolean running;
    private long started;
    private long failedRun;
    private @Nullable FsException failure;

    GroupForce(Lead lead, Durable durable) {
        this.lead = lead;
        this.durable = durable;
    }

    /** Returns when the record of this number survives power loss. */
    void force(long sequence) throws FsException {
        lock.lock();
        try {
            while (durable.sequence() < sequence) {
                if (running) {
                    long run = started;
                    while (running && started == run) {
                        ended.awaitUninterruptibly();
                    }
                    // What was appended after that run began may still be fine, but the disk is not.
                    if (failedRun == run && failure != null) {
                        throw new FsException.Failed("the journal could not be made safe from power loss", failure);
                    }
                } else {
                    lead();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void lead() throws FsException {
        running = true;
        started++;
        lock.unlock();
        FsException thrown = null;
        boolean returned = false;
        try {
            lead.run();
            returned = true;
        } catch (FsException e) {
            thrown = e;
            throw e;
        } finally {
            lock.lock();
            running = false;
            if (!returned) {
                failedRun = started;
                failure = thrown;
            }
            ended.signalAll();
        }
    }
}
