package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store is away for a long time. */
class VfsAwayTest {
    private static final int TRIES = 3_000;

    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(1));
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {});
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<Dentry> dirty() {
        return rig.vfs.parts(FileName.of("v")).tree.dirty.inOrder(100);
    }

    @Test
    void what_waits_for_it_takes_no_more_memory_and_disk_with_each_try() throws FsException {
        rig.put("stored", "old");
        rig.mkdir("d");
        rig.await();
        rig.connection.away(true);
        rig.put("d/new", "1");
        rig.write("stored", 0, "new".getBytes(StandardCharsets.UTF_8));
        rig.put("gone", "2");
        rig.round();
        rig.unlink("gone");
        long before = rig.disk.usedBytes();
        for (int i = 0; i < TRIES; i++) {
            clock.advanceMillis(40_000);
            rig.round();
        }
        List<Dentry> waiting = dirty();
        assertEquals(2, waiting.size(), waiting.toString());
        for (Dentry dentry : waiting) {
            assertEquals(List.of(), dentry.tokens);
        }
        assertTrue(rig.disk.usedBytes() < before + (20 << 10), rig.disk.usedBytes() + " bytes of journal");

        rig.kill();
        rig.recover();
        rig.connection.away(false);
        rig.await();
        assertEquals("new", rig.text("stored"));
        assertEquals("1", rig.text("d/new"));
        assertEquals(List.of("d", "stored"), rig.list(""));
        assertEquals(List.of(), rig.conflicts);
    }
}
