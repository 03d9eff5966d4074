package isle.fs.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The loop threads of a mount: two, because idle readers of the device wake each other in vain, and more only while all
 * of them are held up by a slow store. A watcher looks at them while there is work; with none it sleeps.
 */
final class Loop {

    /** Threads that are always there. */
    static final int BASE = 2;

    /** Most threads, which is most requests that may wait for the store at once. Beyond it, callers queue. */
    static final int MOST = 128;

    /** A thread that is in the same request as so long ago counts as held up. */
    private static final long TICK_NANOS = 10_000_000L;

    /** Ticks without any request after which the watcher sleeps. */
    private static final int QUIET_TICKS = 50;

    private final Session session;
    private final Reply reply;
    private final KernelNodes nodes;
    private final Runnable afterLast;
    private final CountDownLatch connected = new CountDownLatch(1);
    private final AtomicInteger names = new AtomicInteger();
    private final Thread watcher;

    @GuardedBy("this") private boolean ended;

    /** Copied on each change, so that it is read without the lock. */
    private volatile List<LoopThread> threads = List.of();

    private volatile boolean watching;

    /**
     * Makes a loop that does not run yet.
     *
     * @param afterLast run once, by the last thread, when the kernel has ended the connection
     */
    Loop(Session session, Reply reply, KernelNodes nodes, Runnable afterLast) {
        this.session = session;
        this.reply = reply;
        this.nodes = nodes;
        this.afterLast = afterLast;
        this.watcher = new Thread(this::watch, "isle-fuse-watch");
        watcher.setDaemon(true);
    }

    void start() {
        grow(BASE);
        watcher.start();
    }

    /** Waits for the kernel's first request to be answered; false if it did not come in time. */
    boolean awaitConnected(long nanos) throws InterruptedException {
        return connected.await(nanos, TimeUnit.NANOSECONDS);
    }

    int size() {
        return threads.size();
    }

    void connected() {
        connected.countDown();
    }

    /** Called by a loop thread with each request, after it has marked itself as busy. */
    void requestTaken() {
        if (!watching) {
            watching = true;
            LockSupport.unpark(watcher);
        }
    }

    private synchronized void grow(int target) {
        if (ended) {
            return;
        }
        List<LoopThread> grown = new ArrayList<>(threads);
        while (grown.size() < target) {
            LoopThread thread = new LoopThread(this, "isle-fuse-" + names.incrementAndGet(), session, reply, nodes);
            grown.add(thread);
            threads = List.copyOf(grown);
            thread.start();
        }
    }

    /** True if this thread shall end because enough others are idle. */
    boolean isSurplus(LoopThread thread) {
        if (threads.size() <= BASE) {
            return false;
        }
        synchronized (this) {
            long idle = threads.stream()
                    .filter(other -> other != thread && isIdle(other.turn()))
                    .count();
            if (idle < BASE || threads.size() <= BASE) {
                return false;
            }
            remove(thread);
            return true;
        }
    }

    /** A thread ends: as surplus, or because the kernel has ended the connection. */
    void left(LoopThread thread) {
        boolean last;
        synchronized (this) {
            boolean surplus = !threads.contains(thread);
            if (surplus) {
                return;
            }
            ended = true;
            remove(thread);
            last = threads.isEmpty();
        }
        if (last) {
            LockSupport.unpark(watcher);
            afterLast.run();
        }
    }

    @GuardedBy("this") private void remove(LoopThread thread) {
        List<LoopThread> shrunk = new ArrayList<>(threads);
        shrunk.remove(thread);
        threads = List.copyOf(shrunk);
    }

    private static boolean isIdle(int turn) {
        return (turn & 1) == 0;
    }

    private void watch() {
        Observation last = null;
        int quiet = 0;
        while (!threads.isEmpty()) {
            if (quiet >= QUIET_TICKS) {
                watching = false;
                // A request that came in between found the watcher still awake.
                if (new Observation(threads).isQuietSince(last)) {
                    LockSupport.park(this);
                }
                watching = true;
                quiet = 0;
            }
            LockSupport.parkNanos(this, TICK_NANOS);
            Observation now = new Observation(threads);
            if (now.isHeldUpSince(last)) {
                addThreads();
            }
            quiet = now.isQuietSince(last) ? quiet + 1 : 0;
            last = now;
        }
    }

    private void addThreads() {
        try {
            grow(Math.min(MOST, size() * 2));
        } catch (Throwable e) {
            // No memory for another thread now: those that are there go on.
            reply.log("loop", e);
        }
    }

    /** Where each thread stood at one moment. */
    private static final class Observation {
        private final List<LoopThread> threads;
        private final int[] turns;

        Observation(List<LoopThread> threads) {
            this.threads = threads;
            this.turns = threads.stream().mapToInt(LoopThread::turn).toArray();
        }

        private boolean comparable(@Nullable Observation before) {
            return before != null && before.threads.equals(threads);
        }

        /** All are still in the request that they were in. */
        boolean isHeldUpSince(@Nullable Observation before) {
            if (before == null || !comparable(before)) {
                return false;
            }
            for (int i = 0; i < turns.length; i++) {
                if (isIdle(turns[i]) || turns[i] != before.turns[i]) {
                    return false;
                }
            }
            return turns.length > 0;
        }

        /** All wait for a request, and none came. */
        boolean isQuietSince(@Nullable Observation before) {
            if (before == null || !comparable(before)) {
                return false;
            }
            for (int i = 0; i < turns.length; i++) {
                if (!isIdle(turns[i]) || turns[i] != before.turns[i]) {
                    return false;
                }
            }
            return true;
        }
    }
}
