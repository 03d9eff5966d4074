package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.MemoryObjectStore;
import isle.fs.store.MeteredObjectStore;
import isle.fs.store.SlowObjectStore;
import isle.fs.store.StoreOperation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operations cost at the store, counted. */
class VfsRequestsTest {
    @TempDir
    Path folder;

    private MeteredObjectStore store;
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        store = new MeteredObjectStore(new MemoryObjectStore(InstantSource.system(), new Random(1)));
        rig = new VfsRig(folder.resolve("state"), store);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void foreign(String key, String text) throws FsException {
        ObjectStore.Body body = ObjectStore.Body.of(text.getBytes(StandardCharsets.UTF_8));
        store.put(new ObjectKey(key), body, ObjectMetadata.NONE);
    }

    @Test
    void a_thousand_new_files_are_a_thousand_puts_and_no_heads() throws FsException {
        rig.mkdir("d");
        rig.await();
        MeteredObjectStore.Snapshot before = store.snapshot();
        for (int i = 0; i < 1000; i++) {
            rig.put("d/f" + i, "content " + i);
        }
        rig.await();
        MeteredObjectStore.Snapshot cost = store.snapshot().since(before);
        assertEquals(1000, cost.requests(StoreOperation.PUT), cost.toString());
        assertEquals(0, cost.requests(StoreOperation.HEAD), cost.toString());
    }

    @Test
    void names_of_an_unknown_folder_cost_one_list() throws FsException {
        for (int i = 0; i < 100; i++) {
            foreign("there/f" + i, "x");
        }
        rig.list("");
        MeteredObjectStore.Snapshot before = store.snapshot();
        assertEquals(100, rig.list("there").size());
        MeteredObjectStore.Snapshot cost = store.snapshot().since(before);
        assertEquals(1, cost.requests(StoreOperation.LIST), cost.toString());
    }

    @Test
    void attributes_of_foreign_objects_are_asked_for_once() throws FsException {
        for (int i = 0; i < 50; i++) {
            foreign("there/f" + i, "x");
        }
        rig.list("there");
        MeteredObjectStore.Snapshot before = store.snapshot();
        for (int round = 0; round < 3; round++) {
            for (String name : rig.list("there")) {
                assertEquals(1, rig.stat("there/" + name).size());
            }
        }
        MeteredObjectStore.Snapshot cost = store.snapshot().since(before);
        assertEquals(50, cost.requests(StoreOperation.HEAD), cost.toString());
    }

    @Test
    void a_known_folder_costs_nothing_after_a_restart() throws FsException {
        rig.mkdir("d");
        for (int i = 0; i < 20; i++) {
            rig.put("d/f" + i, "x");
        }
        rig.await();
        rig.list("d");
        rig.restart();
        MeteredObjectStore.Snapshot before = store.snapshot();
        for (String name : rig.list("d")) {
            assertEquals(1, rig.stat("d/" + name).size());
        }
        MeteredObjectStore.Snapshot cost = store.snapshot().since(before);
        assertEquals(0, cost.requests(StoreOperation.HEAD) + cost.requests(StoreOperation.GET), cost.toString());
    }

    @Test
    void what_came_and_went_before_its_commit_costs_nothing_lasting() throws FsException {
        rig.put("a.tmp", "x");
        rig.rename("a.tmp", "a");
        rig.unlink("a");
        rig.await();
        assertEquals(0, store.list("", false, "", 10).objects().size());
    }

    @Test
    void what_was_sent_is_not_fetched_back() throws FsException {
        byte[] content = new byte[40 << 20];
        new Random(3).nextBytes(content);
        rig.put("large", content);
        rig.await();
        rig.restart();
        MeteredObjectStore.Snapshot before = store.snapshot();
        rig.write("large", 20_000_000, new byte[] {1, 2, 3});
        rig.await();
        MeteredObjectStore.Snapshot cost = store.snapshot().since(before);
        // A part that is changed in the middle is sent whole, so the rest of it is needed.
        long bytes = cost.bytesReceived();
        assertTrue(bytes < 12 << 20, bytes + " bytes were fetched to send one part");
    }

    @Test
    void a_large_file_that_is_removed_is_not_sent_any_further() throws FsException {
        SlowObjectStore slow = new SlowObjectStore(store, duration -> Thread.sleep(duration.toMillis()));
        slow.setLatency(Duration.ofMillis(50));
        int parts = 10_000;
        try (VfsRig other = new VfsRig(folder.resolve("other"), slow)) {
            other.put("large", "x");
            other.truncate("large", parts * (8L << 20));
            while (store.snapshot().requests(StoreOperation.UPLOAD_PART) == 0) {
                Thread.onSpinWait();
            }
            other.unlink("large");
            other.await();
            assertEquals(List.of(), other.list(""));
        }
        long sent = store.snapshot().requests(StoreOperation.UPLOAD_PART);
        assertTrue(sent < parts / 10, sent + " parts were sent");
        assertEquals(1, store.snapshot().requests(StoreOperation.ABORT_UPLOAD));
        assertEquals(0, store.list("", false, "", 10).objects().size());
    }

    @Test
    void a_key_over_the_limit_is_refused_without_a_request() throws FsException {
        String name = "n".repeat(200);
        rig.mkdir(name);
        rig.mkdir(name + "/" + name);
        rig.await();
        MeteredObjectStore.Snapshot before = store.snapshot();
        assertThrows(FsException.NameTooLong.class, () -> rig.put(name + "/" + name + "/" + name, "x"));
        assertEquals(0, store.snapshot().since(before).requests(StoreOperation.PUT));
    }
}
