package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that the store had already and that are changed here, and a crash: the journal has to know whose change it is. */
class VfsAgainTest {
    @TempDir
    Path folder;

    private final MemoryObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(1));
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        rig = new VfsRig(folder.resolve("state"), store);
        rig.put("a", "content");
        rig.await();
        // Nothing of it is left in the journal.
        rig.restart();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void append(String path, String text) throws FsException {
        long handle = rig.open(path);
        rig.vfs.write(handle, FileSystem.END, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        // It stays open, so that it is not committed now.
    }

    private void chmod(int permissions) throws FsException {
        rig.vfs.setattr(rig.number("a"), FileSystem.AttributeChange.chmod(permissions), VfsRig.ME);
    }

    @Test
    void what_was_written_after_a_change_of_mode_survives_a_crash() throws FsException {
        long handle = rig.open("a");
        chmod(0600);
        rig.vfs.write(handle, FileSystem.END, ByteBuffer.wrap("!".getBytes(StandardCharsets.UTF_8)));
        rig.crash();
        assertEquals("content!", rig.text("a"));
        assertEquals(0600, rig.stat("a").permissions());
    }

    @Test
    void a_change_of_mode_survives_a_crash() throws FsException {
        rig.open("a");
        chmod(0600);
        rig.crash();
        assertEquals(0600, rig.stat("a").permissions());
    }

    @Test
    void what_is_written_to_a_version_of_somebody_else_builds_on_that_after_a_crash() throws FsException {
        append("a", " of mine");
        rig.sync("a");
        rig.await();
        VfsRig other = new VfsRig(folder.resolve("other"), store);
        try (other) {
            other.put("a", "theirs");
            other.await();
        }
        rig.refreshAll();
        append("a", " and mine");
        rig.crash();
        assertEquals("theirs and mine", rig.text("a"));
    }

    @Test
    void a_version_of_somebody_else_is_not_cut_to_the_length_of_mine_after_a_crash() throws FsException {
        rig.put("a", "mine");
        rig.await();
        VfsRig other = new VfsRig(folder.resolve("other"), store);
        try (other) {
            other.put("a", "theirs, which is longer");
            other.await();
        }
        rig.refreshAll();
        rig.open("a");
        chmod(0600);
        rig.crash();
        assertEquals("theirs, which is longer", rig.text("a"));
        rig.await();
        assertEquals("theirs, which is longer", rig.text("a"));
        assertEquals(0600, rig.stat("a").permissions());
    }
}
