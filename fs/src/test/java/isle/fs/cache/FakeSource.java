package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A content whose bytes follow from its id; counts what is asked of it, and fails, waits or hangs as it is told. */
final class FakeSource implements ContentSource {

    record Fetch(long offset, int length) {}

    private final String id;
    private final long size;
    private final List<Fetch> fetches = new ArrayList<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private volatile int mostInFlight;
    private volatile long delayNanos;
    private volatile long bytesPerSecond = Long.MAX_VALUE;
    private volatile @Nullable FsException failure;
    private volatile @Nullable CountDownLatch gate;

    FakeSource(String id, long size) {
        this.id = id;
        this.size = size;
    }

    static byte byteAt(String id, long offset) {
        long x = (offset >>> 3) * 0x9E3779B97F4A7C15L + id.hashCode();
        x ^= x >>> 29;
        return (byte) ((x * 0xBF58476D1CE4E5B9L) >>> ((offset & 7) * 8));
    }

    static void fill(String id, long offset, ByteBuffer into) {
        for (long at = offset; into.hasRemaining(); at++) {
            into.put(byteAt(id, at));
        }
    }

    static ByteBuffer bytes(String id, long offset, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        fill(id, offset, bytes);
        return bytes.flip();
    }

    FakeSource delayMillis(long millis) {
        delayNanos = millis * 1_000_000;
        return this;
    }

    FakeSource bytesPerSecond(long rate) {
        bytesPerSecond = rate;
        return this;
    }

    void fail(@Nullable FsException with) {
        failure = with;
    }

    /** Requests wait until the latch opens; null for none. */
    void gate(@Nullable CountDownLatch latch) {
        gate = latch;
    }

    @Override
    public String contentId() {
        return id;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void fetch(long offset, ByteBuffer into) throws FsException {
        int length = into.remaining();
        if (length == 0 || offset < 0 || offset + length > size) {
            throw new IllegalArgumentException("fetch of " + length + " at " + offset + " of " + size);
        }
        synchronized (fetches) {
            fetches.add(new Fetch(offset, length));
            mostInFlight = Math.max(mostInFlight, inFlight.incrementAndGet());
        }
        try {
            CountDownLatch latch = gate;
            if (latch != null) {
                latch.await();
            }
            long until = System.nanoTime() + delayNanos + (long) (1e9 * length / bytesPerSecond);
            while (System.nanoTime() - until < 0) {
                LockSupport.parkNanos(until - System.nanoTime());
            }
            FsException reason = failure;
            if (reason != null) {
                throw reason;
            }
            fill(id, offset, into);
        } catch (InterruptedException e) {
            throw new FsException.Unavailable("interrupted", e);
        } finally {
            inFlight.decrementAndGet();
        }
    }

    List<Fetch> fetches() {
        synchronized (fetches) {
            return List.copyOf(fetches);
        }
    }

    long fetchedBytes() {
        return fetches().stream().mapToLong(Fetch::length).sum();
    }

    int mostInFlight() {
        return mostInFlight;
    }
}
