package isle.fs.fuse;

import isle.fs.model.FsException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one wrapper round every handler: whatever happens in it, the kernel gets an answer and the loop thread lives on. An
 * exception that reached libfuse would vanish there.
 *
 * <p>What is logged names the operation and the kind of error, never a file: a name of {@code private/} must not get
 * into a log, and the message of a foreign exception may carry one.
 */
final class Reply {

    private static final Logger LOG = LoggerFactory.getLogger(Reply.class);

    /** A broken handler may fail thousands of times a second; one in this many seconds is told in full. */
    private static final long LOG_INTERVAL_NANOS = 1_000_000_000L;

    private final AtomicLong unlogged = new AtomicLong();
    private final AtomicLong nextLogNanos = new AtomicLong(System.nanoTime());

    /** A handler: gives exactly one answer, or throws before it gave one. */
    interface Call {
        void run(Answer answer) throws FsException;
    }

    void run(Operation operation, long request, Call call) {
        Answer answer = LoopThread.current().answer();
        answer.begin(request);
        try {
            call.run(answer);
        } catch (FsException e) {
            LOG.debug("{}: {}", operation, e.getClass().getSimpleName());
            refuse(answer, errno(operation, e));
            if (e instanceof FsException.TimedOut) {
                answer.distrustBuffers();
            }
        } catch (Throwable e) {
            refuse(answer, LinuxErrno.EIO);
            answer.distrustBuffers();
            log(operation, e);
        }
        if (!answer.given()) {
            refuse(answer, LinuxErrno.EIO);
            LOG.error("{}: the handler gave no answer", operation);
        }
    }

    private static int errno(Operation operation, FsException e) {
        if (operation.onSubject() && e instanceof FsException.NotFound) {
            return LinuxErrno.ESTALE;
        }
        return LinuxErrno.of(e.errno());
    }

    private static void refuse(Answer answer, int errno) {
        if (!answer.given()) {
            answer.error(errno);
        }
    }

    /** Says what broke and where, without the messages. Out of memory it may fail itself, which must not matter. */
    void log(Object operation, Throwable broken) {
        try {
            long now = System.nanoTime();
            long next = nextLogNanos.get();
            if (now - next < 0 || !nextLogNanos.compareAndSet(next, now + LOG_INTERVAL_NANOS)) {
                unlogged.incrementAndGet();
                return;
            }
            LOG.error("{}: {} ({} more not told)", operation, describe(broken), unlogged.getAndSet(0));
        } catch (Throwable again) {
            unlogged.incrementAndGet();
        }
    }

    private static String describe(Throwable broken) {
        StringBuilder text = new StringBuilder();
        Throwable part = broken;
        for (int depth = 0; part != null && depth < 4; depth++) {
            text.append(depth == 0 ? "" : "\n  because of ")
                    .append(part.getClass().getName());
            StackTraceElement[] trace = part.getStackTrace();
            for (int i = 0; i < trace.length && i < 12; i++) {
                text.append("\n    at ").append(trace[i]);
            }
            part = part.getCause();
        }
        return text.toString();
    }
}
