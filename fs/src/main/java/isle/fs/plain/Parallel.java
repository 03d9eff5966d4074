package isle.fs.plain;

import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs steps that talk to the store side by side and waits for all of them. */
final class Parallel {
    private Parallel() {}

    /** One step for one item. */
    interface Step<T> {
        void run(T item) throws FsException;
    }

    /** Runs a step for each item of something that fails as a whole: after one has failed no other begins. */
    static <T> void allOrNone(Executor executor, List<T> items, Step<T> step) throws FsException {
        AtomicBoolean failed = new AtomicBoolean();
        run(executor, items, item -> {
            if (failed.get()) {
                return;
            }
            boolean done = false;
            try {
                step.run(item);
                done = true;
            } finally {
                if (!done) {
                    failed.set(true);
                }
            }
        });
    }

    /** Runs a step for each item; when some fail, all others have still been tried, and the first failure is thrown. */
    static <T> void run(Executor executor, List<T> items, Step<T> step) throws FsException {
        if (items.size() == 1) {
            step.run(items.get(0));
            return;
        }
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        for (T item : items) {
            FutureTask<Boolean> task = new FutureTask<>(() -> {
                step.run(item);
                return true;
            });
            tasks.add(task);
            executor.execute(task);
        }
        FsException first = null;
        for (FutureTask<Boolean> task : tasks) {
            try {
                task.get();
            } catch (ExecutionException e) {
                FsException failure = e.getCause() instanceof FsException cause
                        ? cause
                        : new FsException.Failed("a request failed: " + e.getCause(), e.getCause());
                first = first == null ? failure : first;
            } catch (CancellationException e) {
                first = first == null ? new FsException.Unavailable("the volume is closing", e) : first;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FsException.Unavailable("interrupted while waiting for the store", e);
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
