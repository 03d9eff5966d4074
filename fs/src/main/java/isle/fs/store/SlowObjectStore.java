package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A store that is far away: each request takes a latency more, each byte its time on the wire. */
public final class SlowObjectStore extends DecoratedObjectStore {

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final Sleeper sleeper;
    private volatile Duration latency = Duration.ZERO;
    private volatile long bytesPerSecond = Long.MAX_VALUE;

    /** How waiting is done: really, or by a clock that a test turns. */
    public interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }

    public SlowObjectStore(ObjectStore inner, Sleeper sleeper) {
        super(inner);
        this.sleeper = sleeper;
    }

    /** Time that is added to each request from now on. */
    public void setLatency(Duration latency) {
        this.latency = latency;
    }

    /** Bandwidth of each request by itself, from now on; at least 1. */
    public void setBytesPerSecond(long bytesPerSecond) {
        if (bytesPerSecond < 1) {
            throw new IllegalArgumentException("bytes per second: " + bytesPerSecond);
        }
        this.bytesPerSecond = bytesPerSecond;
    }

    @Override
    <T> T around(StoreRequest request, Call<T> call) throws FsException {
        pause(latency);
        if (request.operation().isWrite()) {
            pause(onTheWire(request.bytes()));
        }
        return call.run();
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        int before = into.position();
        ObjectHead head = super.get(key, offset, into, ifMatch);
        pause(onTheWire(into.position() - before));
        return head;
    }

    private Duration onTheWire(long bytes) {
        double seconds = (double) bytes / bytesPerSecond;
        return Duration.ofNanos((long) (seconds * NANOS_PER_SECOND));
    }

    private void pause(Duration duration) throws FsException {
        if (duration.isZero()) {
            return;
        }
        try {
            sleeper.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.TimedOut("the wait for the store was interrupted", e);
        }
    }
}
