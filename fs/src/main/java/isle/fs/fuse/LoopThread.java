package isle.fs.fuse;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A Java thread that takes requests from the kernel one by one and answers each before it takes the next. libfuse's own
 * threads would be attached to the virtual machine and detached from it with every request.
 */
final class LoopThread extends Thread {

    private static final int HEADER_OPCODE = 4;

    /** Pause after a failure that has nothing to do with a request (no memory), so that it cannot spin. */
    private static final long RETRY_NANOS = 10_000_000L;

    private final Loop loop;
    private final Session session;
    private final Reply reply;
    private final Answer answer;
    private final ByteBuffer channelPointer =
            ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    /** Odd while a request is in hand, even while waiting for one; grows with each. */
    private final AtomicInteger turn = new AtomicInteger();

    LoopThread(Loop loop, String name, Session session, Reply reply, KernelNodes nodes) {
        super(null, null, name);
        this.loop = loop;
        this.session = session;
        this.reply = reply;
        this.answer = new Answer(session, nodes);
        setDaemon(true);
    }

    /** The loop thread that runs this handler. */
    static LoopThread current() {
        return (LoopThread) Thread.currentThread();
    }

    Answer answer() {
        return answer;
    }

    int turn() {
        return turn.get();
    }

    @Override
    public void run() {
        try {
            while (serve()) {
                if (loop.isSurplus(this)) {
                    break;
                }
            }
        } finally {
            loop.left(this);
        }
    }

    /** One request, whatever happens; false when the connection has ended. */
    private boolean serve() {
        try {
            answer.reset();
            channelPointer.putLong(0, session.channel());
            long buffer = answer.buffers().requestAddress();
            int length = session.receive(Native.address(channelPointer), buffer, TransferBuffers.REQUEST_BYTES);
            if (length <= 0) {
                return !session.isEnded() && (length == -LinuxErrno.EINTR || length == -LinuxErrno.EAGAIN);
            }
            turn.set(turn.getPlain() + 1);
            try {
                loop.requestTaken();
                process(buffer, length);
            } finally {
                turn.lazySet(turn.getPlain() + 1);
            }
        } catch (Throwable e) {
            reply.log("loop", e);
            LockSupport.parkNanos(RETRY_NANOS);
        }
        return true;
    }

    private void process(long buffer, int length) {
        int opcode = Native.getInt(buffer + HEADER_OPCODE);
        boolean failed = false;
        try {
            session.process(buffer, length);
        } catch (Throwable e) {
            failed = true;
            reply.log("opcode " + opcode, e);
        }
        // Between libfuse and a handler lies code of the binding, which may fail too when memory is short. libfuse does
        // not notice; the caller would wait for ever.
        if (!answer.given() && Operation.answeredByUs(opcode)) {
            session.fail(buffer);
            if (!failed) {
                reply.log("opcode " + opcode + " reached no handler", new IllegalStateException());
            }
        }
        if (opcode == Operation.OPCODE_INIT) {
            loop.connected();
        }
    }
}
