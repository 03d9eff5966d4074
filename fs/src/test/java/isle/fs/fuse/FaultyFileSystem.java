package isle.fs.fuse;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Fails in the ways that a program fails, where names or content ask for it: "boom-runtime", "boom-stack", "boom-memory",
 * "boom-io", and "slow" for reads that take until somebody says go.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // a slow read must not hold the lock of all others
final class FaultyFileSystem extends MemoryFileSystem {

    private static final long MOST_SECONDS = 60;

    private volatile CountDownLatch gate = new CountDownLatch(1);

    FaultyFileSystem(int uid, int gid) {
        super(uid, gid);
    }

    /** Lets slow reads go on, and makes a gate for the next ones. */
    void go() {
        CountDownLatch opened = gate;
        gate = new CountDownLatch(1);
        opened.countDown();
    }

    private static void failIfAsked(String text) throws FsException {
        if (text.startsWith("boom-runtime")) {
            throw new IllegalStateException("asked for");
        }
        if (text.startsWith("boom-stack")) {
            failDeep(text);
        }
        if (text.startsWith("boom-memory")) {
            // What the virtual machine does when an array passes every limit.
            throw new OutOfMemoryError("asked for");
        }
        if (text.startsWith("boom-heap")) {
            fillHeap();
        }
        if (text.startsWith("boom-io")) {
            throw new FsException.Corrupt("asked for");
        }
    }

    @SuppressWarnings("InfiniteRecursion")
    private static void failDeep(String text) throws FsException {
        failDeep(text);
    }

    /** Really runs out of memory; all of it is free again when this is left. */
    private static void fillHeap() {
        Object[] chain = null;
        while (true) {
            Object[] next = new Object[1 << 20];
            next[0] = chain;
            chain = next;
        }
    }

    @Override
    public Stat mkdir(long parent, FileName name, int permissions, Caller caller) throws FsException {
        failIfAsked(name.raw());
        return super.mkdir(parent, name, permissions, caller);
    }

    @Override
    public void unlink(long parent, FileName name, Caller caller) throws FsException {
        failIfAsked(name.raw());
        super.unlink(parent, name, caller);
    }

    @Override
    public void write(long handle, long offset, ByteBuffer from) throws FsException {
        failIfAsked(beginning(from));
        super.write(handle, offset, from);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer into) throws FsException {
        int count = super.read(handle, offset, into);
        if (beginning(into.duplicate().flip()).startsWith("slow")) {
            await(gate);
        }
        return count;
    }

    private static void await(CountDownLatch latch) throws FsException {
        try {
            if (!latch.await(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new FsException.TimedOut("nobody said go");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.TimedOut("interrupted", e);
        }
    }

    private static String beginning(ByteBuffer bytes) {
        byte[] start = new byte[Math.min(bytes.remaining(), 16)];
        bytes.duplicate().get(start);
        return new String(start, StandardCharsets.ISO_8859_1);
    }
}
