package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers meet while a store is down, and when it is back. */
class GuardedObjectStoreTest {

    private static final ObjectKey KEY = new ObjectKey("a");

    /** A store that fails as it is told, and counts what reaches it. */
    private static final class Ill extends DecoratedObjectStore {
        private final AtomicInteger reached = new AtomicInteger();
        private volatile @Nullable FsException failure;

        /** Whether lists are answered although everything else fails. */
        private volatile boolean lists;

        Ill() {
            super(new MemoryObjectStore(InstantSource.system(), new Random(1)));
        }

        @Override
        <T> T around(StoreRequest request, Call<T> call) throws FsException {
            reached.incrementAndGet();
            FsException now = failure;
            if (now != null && !(lists && request.operation() == StoreOperation.LIST)) {
                throw now;
            }
            return call.run();
        }
    }

    private final Ill ill = new Ill();
    private final GuardedObjectStore store = new GuardedObjectStore(ill, Duration.ofMillis(10), Duration.ofMillis(20));

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void afterOneTimeOutNobodyReachesTheStoreButTheProbe() throws Exception {
        ill.failure = new FsException.TimedOut("no answer");
        assertThrows(FsException.TimedOut.class, () -> store.head(KEY));
        assertTrue(store.isDown());
        assertThrows(FsException.Unavailable.class, () -> store.delete(KEY));
        ill.failure = null;
        await(() -> !store.isDown());
        store.delete(KEY);
    }

    @Test
    void aServerErrorOfOneObjectDoesNotTakeTheStoreDown() throws Exception {
        ill.failure = new FsException.Unavailable("500");
        ill.lists = true;
        assertThrows(FsException.Unavailable.class, () -> store.head(KEY));
        await(() -> ill.reached.get() == 2);
        assertFalse(store.isDown());
    }

    @Test
    void aStoreThatRefusesConnectionsIsDownOnceTheProbeMeetsTheSame() throws Exception {
        ill.failure = new FsException.Unavailable("connection refused");
        assertThrows(FsException.Unavailable.class, () -> store.head(KEY));
        await(store::isDown);
        int before = ill.reached.get();
        await(() -> ill.reached.get() > before);
        ill.failure = new FsException.AccessDenied("a refusal is an answer");
        await(() -> !store.isDown());
        assertThrows(FsException.AccessDenied.class, () -> store.head(KEY));
    }

    @Test
    void whoAsksLearnsAtOnceWhetherAStoreAnswersThatNobodyUses() throws Exception {
        try (GuardedObjectStore patient = new GuardedObjectStore(ill, Duration.ofHours(1), Duration.ofHours(1))) {
            ill.failure = new FsException.TimedOut("no answer");
            patient.ask();
            assertTrue(patient.isDown());
            ill.failure = null;
            patient.ask();
            assertFalse(patient.isDown());
            patient.delete(KEY);
        }
    }

    @Test
    void nobodyIsAskedAnyMoreAfterItIsClosed() throws Exception {
        ill.failure = new FsException.TimedOut("no answer");
        assertThrows(FsException.TimedOut.class, () -> store.head(KEY));
        store.close();
        LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        int before = ill.reached.get();
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        assertEquals(before, ill.reached.get());
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() - end < 0, "it did not happen");
            LockSupport.parkNanos(1_000_000);
        }
    }
}
