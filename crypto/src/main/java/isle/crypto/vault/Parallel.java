package isle.crypto.vault;

import isle.fs.model.FsException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Does several things at once. The caller's thread takes part, so that it goes on, if slowly, when the threads of the
 * executor are all busy, even with callers of this.
 */
final class Parallel {

    private final Executor executor;
    private final int width;

    /**
     * @param executor of threads that may wait for the store
     * @param width most things at once, the caller's among them
     */
    Parallel(Executor executor, int width) {
        this.executor = executor;
        this.width = width;
    }

    /** One of several things. */
    @FunctionalInterface
    interface Step {
        /** @param index from 0 */
        void run(int index) throws FsException;
    }

    /**
     * Does all of them, begun in their order. When one fails no further one is begun.
     *
     * @throws FsException of the first that failed; nothing is under way any more
     */
    void run(int count, Step step) throws FsException {
        Run run = new Run(count, step);
        for (int i = 1; i < Math.min(width, count); i++) {
            try {
                executor.execute(run);
            } catch (RejectedExecutionException e) {
                // the executor is being closed: the caller's thread does what is left
                break;
            }
        }
        run.run();
        run.await();
    }

    private static final class Run implements Runnable {
        private final int count;
        private final Step step;
        private int next;
        private int underWay;
        private @Nullable FsException failure;
        private @Nullable RuntimeException fault;

        Run(int count, Step step) {
            this.count = count;
            this.step = step;
        }

        @Override
        public void run() {
            for (int index = begin(); index >= 0; index = begin()) {
                FsException failed = null;
                RuntimeException broken = new IllegalStateException("a thread died while it worked on this");
                try {
                    step.run(index);
                    broken = null;
                } catch (FsException e) {
                    failed = e;
                    broken = null;
                } catch (RuntimeException e) {
                    broken = e;
                } finally {
                    end(failed, broken);
                }
            }
        }

        private synchronized int begin() {
            if (next == count) {
                return -1;
            }
            underWay++;
            return next++;
        }

        private synchronized void end(@Nullable FsException failed, @Nullable RuntimeException broken) {
            underWay--;
            failure = failure == null ? failed : failure;
            fault = fault == null ? broken : fault;
            if (failed != null || broken != null) {
                next = count;
            }
            notifyAll();
        }

        synchronized void await() throws FsException {
            boolean interrupted = false;
            while (underWay > 0) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            if (fault != null) {
                throw fault;
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
