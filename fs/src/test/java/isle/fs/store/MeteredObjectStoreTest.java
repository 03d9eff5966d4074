package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.store.MeteredObjectStore.Snapshot;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MeteredObjectStoreTest extends ObjectStoreContract {

    private final MeteredObjectStore metered =
            new MeteredObjectStore(new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1)));

    @Override
    protected ObjectStore openEmpty() {
        return metered;
    }

    @Test
    void everyOperationIsCountedOnce() throws FsException {
        put("k", "x");
        store.head(key("k"));
        store.get(key("k"), 0, ByteBuffer.allocate(1), null);
        store.copy(key("k"), null, key("k"), null);
        store.list("", false, "", 1);
        String id = store.startUpload(key("u"), ObjectMetadata.NONE);
        String etag = store.uploadPart(key("u"), id, 1, Body.of(new byte[1]));
        store.copyPart(key("u"), id, 2, new PartSource(key("k"), null, 0, 1));
        store.pendingUploads("");
        store.completeUpload(key("u"), id, List.of(new Part(1, etag)));
        store.abortUpload(key("u"), id);
        store.delete(key("k"));
        store.deleteMany(List.of(key("u")));
        store.statistics();

        Snapshot snapshot = metered.snapshot();
        for (StoreOperation operation : StoreOperation.values()) {
            assertEquals(1, snapshot.requests(operation), operation.name());
            assertEquals(0, snapshot.failures(operation), operation.name());
        }
        assertEquals(StoreOperation.values().length, snapshot.totalRequests());
    }

    @Test
    void bytesAreCountedInBothDirections() throws FsException {
        put("k", new byte[1_000]);
        Snapshot before = metered.snapshot();
        put("k", new byte[300]);
        store.get(key("k"), 100, ByteBuffer.allocate(1_000), null);

        Snapshot difference = metered.snapshot().since(before);

        assertEquals(1_000, before.bytesSent());
        assertEquals(300, difference.bytesSent());
        assertEquals(200, difference.bytesReceived());
        assertEquals(1, difference.requests(StoreOperation.PUT));
        assertEquals(2, difference.totalRequests());
    }

    @Test
    void failuresAreCountedToo() {
        assertThrows(FsException.NotFound.class, () -> store.head(key("missing")));

        Snapshot snapshot = metered.snapshot();
        assertEquals(1, snapshot.requests(StoreOperation.HEAD));
        assertEquals(1, snapshot.failures(StoreOperation.HEAD));
        assertEquals(0, snapshot.failures(StoreOperation.GET));
    }
}
