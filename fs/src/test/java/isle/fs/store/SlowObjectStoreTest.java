package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SlowObjectStoreTest extends ObjectStoreContract {

    private final AtomicReference<Duration> slept = new AtomicReference<>(Duration.ZERO);
    private final SlowObjectStore slow = new SlowObjectStore(
            new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1)),
            duration -> slept.accumulateAndGet(duration, Duration::plus));

    @Override
    protected ObjectStore openEmpty() {
        slow.setLatency(Duration.ofMillis(2));
        slow.setBytesPerSecond(1_000_000);
        return slow;
    }

    @Test
    void everyRequestTakesTheLatency() throws FsException {
        put("empty", "");
        store.head(key("empty"));
        store.list("", false, "", 1);

        assertEquals(Duration.ofMillis(6), slept.get());
    }

    @Test
    void contentTakesItsTimeOnTheWire() throws FsException {
        slow.setLatency(Duration.ZERO);

        put("k", new byte[500_000]);
        assertEquals(Duration.ofMillis(500), slept.get());

        store.get(key("k"), 400_000, ByteBuffer.allocate(200_000), null);
        assertEquals(Duration.ofMillis(600), slept.get());
    }

    @Test
    void aWaitThatIsInterruptedTimesOutAndKeepsTheInterrupt() {
        SlowObjectStore interrupted = new SlowObjectStore(slow, duration -> {
            throw new InterruptedException();
        });
        interrupted.setLatency(Duration.ofMillis(1));

        assertThrows(FsException.TimedOut.class, () -> interrupted.head(key("k")));
        assertTrue(Thread.interrupted());
    }
}
