package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MemoryObjectStoreTest extends ObjectStoreContract {

    @Override
    protected ObjectStore openEmpty() {
        return new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1));
    }

    @Test
    void timesGrowForOneKeyThoughTheClockStands() throws FsException {
        store = new MemoryObjectStore(InstantSource.fixed(Instant.ofEpochMilli(1_000)), new SplittableRandom(1));

        Instant last = put("k", "0").lastModified().orElseThrow();
        for (int i = 0; i < 5; i++) {
            Instant next = put("k", "same").lastModified().orElseThrow();
            assertTrue(next.isAfter(last));
            store.delete(key("k"));
            last = next;
        }
    }

    @Test
    void statisticsCountTheBytes() throws FsException {
        put("a", new byte[10]);
        put("b", new byte[5]);
        put("b", new byte[7]);

        assertEquals(Optional.of(17L), store.statistics().usedBytes());
    }

    @Test
    void twoClientsMayShareAnInstance() throws FsException {
        put("k", "x");
        store.close();

        ObjectSummary summary = store.head(key("k")).summary();

        assertEquals(1, summary.size());
    }
}
