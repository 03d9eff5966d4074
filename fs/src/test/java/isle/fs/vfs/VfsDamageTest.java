package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.journal.QuietLog;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A disk that returns other bytes of the journal than were written to it. */
@ExtendWith(QuietLog.class)
class VfsDamageTest {
    private static final int CHECKED = 64 << 10;

    @TempDir
    Path folder;

    private MemoryObjectStore store;
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        SimulatedClock clock = new SimulatedClock();
        store = new MemoryObjectStore(clock.wall(), new Random(1));
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {});
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Turns one bit of the journal where it has these bytes, and starts again. */
    private void damage(byte[] there) throws IOException {
        // What is not known to have been forced would pass for torn by the loss of power.
        rig.put("synced", "");
        rig.sync("synced");
        rig.put("later", "");
        rig.kill();
        int found = 0;
        for (String name : rig.disk.list()) {
            byte[] content = rig.disk.content(name);
            for (int at = 0; at + there.length <= content.length; at++) {
                if (Arrays.equals(content, at, at + there.length, there, 0, there.length)) {
                    content[at] ^= 4;
                    found++;
                }
            }
            rig.disk.setContent(name, content);
        }
        assertEquals(1, found);
        rig.isSound = false;
        rig.recover();
    }

    private byte[] read(String path, long offset, int count) throws FsException {
        long handle = rig.vfs.open(rig.number(path), VfsRig.READ, VfsRig.ME);
        try {
            ByteBuffer into = ByteBuffer.allocate(count);
            rig.vfs.read(handle, offset, into);
            return into.array();
        } finally {
            rig.vfs.release(handle);
        }
    }

    @Test
    void bytes_that_cannot_be_read_back_are_an_error_and_never_others() throws Exception {
        byte[] content = bytes(1, 3 * CHECKED);
        rig.mkdir("d");
        rig.put("d/a", content);
        rig.put("d/b", "whole");
        damage(Arrays.copyOfRange(content, CHECKED, CHECKED + 20));

        assertThrows(FsException.Corrupt.class, () -> read("d/a", CHECKED, 10));
        assertThrows(FsException.Corrupt.class, () -> rig.read("d/a"));
        assertArrayEquals(Arrays.copyOf(content, CHECKED), read("d/a", 0, CHECKED));
        assertArrayEquals(Arrays.copyOfRange(content, 2 * CHECKED, 3 * CHECKED), read("d/a", 2L * CHECKED, CHECKED));
        assertEquals("whole", rig.text("d/b"));
        assertEquals(1, rig.damages.size());
        assertTrue(rig.damages.get(0).contains("d/a has bytes that cannot be read"), rig.damages.toString());
    }

    @Test
    void they_never_reach_the_store_and_are_told_again_after_a_restart() throws Exception {
        rig.put("a", bytes(2, 20_000));
        rig.await();
        byte[] before = rig.read("a");
        byte[] change = bytes(3, 5_000);
        rig.write("a", 1_000, change);
        damage(Arrays.copyOf(change, 20));

        for (int i = 0; i < 5; i++) {
            rig.round();
        }
        assertThrows(FsException.Corrupt.class, () -> rig.read("a"));
        assertArrayEquals(before, stored("a"));
        List<String> failed = rig.vfs.status().volumes().get(0).failed();
        assertTrue(failed.get(0).startsWith("a: "), failed.toString());

        rig.kill();
        rig.recover();
        assertThrows(FsException.Corrupt.class, () -> rig.read("a"));
        assertEquals(2, rig.damages.size(), rig.damages.toString());
    }

    @Test
    void who_writes_them_anew_or_removes_the_file_is_rid_of_them() throws Exception {
        byte[] first = bytes(4, 5_000);
        byte[] second = bytes(5, 5_000);
        rig.put("a", first);
        rig.put("b", second);
        damage(Arrays.copyOf(first, 20));
        damage(Arrays.copyOf(second, 20));
        rig.round();

        rig.write("a", 0, "anew".getBytes(StandardCharsets.UTF_8));
        rig.truncate("a", 4);
        rig.unlink("b");
        rig.await();
        assertEquals("anew", rig.text("a"));
        assertEquals("anew", new String(stored("a"), StandardCharsets.UTF_8));
        rig.damages.clear();
        rig.restart();
        assertEquals("anew", rig.text("a"));
        assertEquals(List.of("a", "later", "synced"), rig.list(""));
        assertEquals(List.of(), rig.damages);
    }

    private byte[] stored(String key) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(100_000);
        store.get(new ObjectKey(key), 0, into, null);
        return Arrays.copyOf(into.array(), into.position());
    }
}
