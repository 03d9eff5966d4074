package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets nobody wait twice for a store that is down. After one time-out the store counts as down: requests fail at once,
 * with {@link FsException.Unavailable}, until a request that is made in the background is answered. A store that refuses
 * connections or answers with server errors is asked in the background first, since that may concern one object only.
 *
 * <p>Why: lookups in one directory are serial in the kernel, and a thousand of them must not take 5 s each.
 */
public final class GuardedObjectStore extends DecoratedObjectStore {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedObjectStore.class);

    private final Duration firstPause;
    private final Duration longestPause;
    private final AtomicBoolean probing = new AtomicBoolean();

    private final ReentrantLock asking = new ReentrantLock();

    /** Ends a pause before its time. */
    private final Semaphore early = new Semaphore(0);

    private volatile boolean closed;
    private volatile boolean down;

    /**
     * @param firstPause between the first two requests in the background; it doubles from one to the next
     * @param longestPause and never gets longer than this
     */
    public GuardedObjectStore(ObjectStore inner, Duration firstPause, Duration longestPause) {
        super(inner);
        this.firstPause = firstPause;
        this.longestPause = longestPause;
    }

    /** Whether requests fail at once now. */
    public boolean isDown() {
        return down;
    }

    /** Asks the store now, whatever it counts as, and lets it count as what that says. Takes two requests' time at most. */
    public void ask() {
        if (!examined()) {
            suspect(true);
        } else if (probing.get()) {
            // The request in the background that waits for its turn need not wait any more.
            early.release();
        }
    }

    @Override
    <T> T around(StoreRequest request, Call<T> call) throws FsException {
        if (down) {
            throw new FsException.Unavailable(capabilities().description() + " does not answer");
        }
        try {
            return call.run();
        } catch (FsException.TimedOut e) {
            suspect(true);
            throw e;
        } catch (FsException.Unavailable e) {
            suspect(false);
            throw e;
        }
    }

    private void suspect(boolean isDown) {
        if (isDown && !closed) {
            changeTo(true);
        }
        if (!closed && probing.compareAndSet(false, true)) {
            Thread thread = new Thread(this::probe, "store-probe");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void changeTo(boolean isDown) {
        if (down != isDown) {
            down = isDown;
            LOG.info("{} {}", capabilities().description(), isDown ? "does not answer" : "answers again");
        }
    }

    private void probe() {
        try {
            Duration pause = firstPause;
            while (!examined()) {
                early.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
                if (closed) {
                    return;
                }
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        probing.set(false);
        if (down) {
            // It went down again between the two steps above: whoever noticed found this probe still there.
            suspect(true);
        }
    }

    /** Whether it answers, and counts as what that says: one asks at a time, so that the last answer counts. */
    private boolean examined() {
        asking.lock();
        try {
            boolean answered = answers();
            changeTo(!answered);
            return answered;
        } finally {
            asking.unlock();
        }
    }

    /** A refusal is an answer too: then each request has to tell by itself what is wrong. */
    private boolean answers() {
        try {
            inner.list("", false, "", 1);
            return true;
        } catch (FsException e) {
            return !(e instanceof FsException.TimedOut || e instanceof FsException.Unavailable);
        }
    }

    @Override
    public void close() {
        closed = true;
        early.release();
        super.close();
    }
}
