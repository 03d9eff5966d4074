package isle.fs.vfs;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who does the work that no caller waits for.
 *
 * @param refreshing looks again at what is old; by way of {@link #refreshes}
 * @param stepped whether committers and index queues have no threads of their own but are stepped from outside, so that
 *     a test decides what happens when
 */
record Workers(ExecutorService background, ExecutorService transfers, ExecutorService refreshing, boolean stepped) {
    private static final int BACKGROUND_THREADS = 8;

    private static final int REFRESH_THREADS = 2;
    private static final long REFRESH_AFTER_MILLIS = 200;

    /** More work than threads: the work is done by who asked for it. */
    private static final class Overflow extends ThreadPoolExecutor.CallerRunsPolicy {}

    static Workers threads() {
        return new Workers(
                new ThreadPoolExecutor(
                        0,
                        BACKGROUND_THREADS,
                        10,
                        TimeUnit.SECONDS,
                        new SynchronousQueue<>(),
                        named("vfs"),
                        new Overflow()),
                Executors.newCachedThreadPool(named("transfer")),
                Executors.newFixedThreadPool(REFRESH_THREADS, named("refresh")),
                false);
    }

    /** Everything by who asks for it. */
    static Workers stepped(ExecutorService caller) {
        return new Workers(caller, caller, caller, true);
    }

    /** Looks again at what is old: soon, but not beside the work of who has just looked. */
    Executor refreshes() {
        return stepped
                ? refreshing
                : CompletableFuture.delayedExecutor(REFRESH_AFTER_MILLIS, TimeUnit.MILLISECONDS, refreshing);
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    void shutdown() {
        background.shutdown();
        transfers.shutdown();
        refreshing.shutdownNow();
    }
}
