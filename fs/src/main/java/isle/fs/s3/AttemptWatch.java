package isle.fs.s3;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Cuts an attempt off when its time is over, by closing its connection from another thread. Socket time-outs alone do
 * not bound anything: a server that sends one byte a second never meets them, and a write has none.
 */
final class AttemptWatch {

    private final Duration limit;
    private final Future<?> alarm;
    private volatile boolean fired;

    private AttemptWatch(ScheduledExecutorService alarms, Duration limit, Runnable cut) {
        this.limit = limit;
        this.alarm = alarms.schedule(
                () -> {
                    fired = true;
                    cut.run();
                },
                Math.max(0, limit.toNanos()),
                TimeUnit.NANOSECONDS);
    }

    /** The thread that rings; one is enough because cutting a connection does not wait. */
    static ScheduledExecutorService newAlarms() {
        ScheduledThreadPoolExecutor alarms = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = Executors.defaultThreadFactory().newThread(task);
            thread.setName("isle-s3-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        alarms.setRemoveOnCancelPolicy(true);
        return alarms;
    }

    static AttemptWatch start(ScheduledExecutorService alarms, Duration limit, Runnable cut) {
        return new AttemptWatch(alarms, limit, cut);
    }

    /** Ends the watch: the attempt is over. */
    void stop() {
        alarm.cancel(false);
    }

    /** The true reason of a failure of the attempt: what a cut connection throws says nothing. */
    IOException reasonOf(IOException failure) {
        if (fired) {
            DeadlineExceeded exceeded = new DeadlineExceeded(limit);
            exceeded.initCause(failure);
            return exceeded;
        }
        return failure;
    }
}
