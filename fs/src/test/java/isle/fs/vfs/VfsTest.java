package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.store.MemoryObjectStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VfsTest {
    @TempDir
    Path folder;

    private ObjectStore store;
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        store = new MemoryObjectStore(InstantSource.system(), new Random(1));
        rig = new VfsRig(folder.resolve("state"), store);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private List<String> keys() throws FsException {
        return store.list("", false, "", 1000).objects().stream()
                .map(object -> object.key().value())
                .toList();
    }

    private String object(String key) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(10_000);
        store.get(new ObjectKey(key), 0, into, null);
        return new String(into.array(), 0, into.position(), StandardCharsets.UTF_8);
    }

    @Test
    void a_file_becomes_an_object_and_comes_back_after_a_restart() throws FsException {
        rig.mkdir("d");
        rig.put("d/a.txt", "hello");
        assertEquals("hello", rig.text("d/a.txt"));
        rig.await();
        assertEquals(List.of("d/", "d/a.txt"), keys());
        assertEquals("hello", object("d/a.txt"));
        long number = rig.number("d/a.txt");
        rig.restart();
        assertEquals("hello", rig.text("d/a.txt"));
        assertEquals(number, rig.number("d/a.txt"));
        rig.loseIndex();
        assertEquals("hello", rig.text("d/a.txt"));
    }

    @Test
    void a_rename_of_a_folder_moves_everything_in_it() throws FsException {
        rig.mkdir("d");
        rig.mkdir("d/e");
        rig.put("d/a", "1");
        rig.put("d/e/b", "2");
        rig.await();
        rig.rename("d", "z");
        assertEquals("2", rig.text("z/e/b"));
        rig.put("z/e/new", "3");
        rig.await();
        assertEquals(List.of("z/", "z/a", "z/e/", "z/e/b", "z/e/new"), keys());
        assertEquals("2", object("z/e/b"));
    }

    @Test
    void names_that_change_places_keep_their_content() throws FsException {
        rig.put("a", "from a");
        rig.put("b", "from b");
        rig.await();
        rig.rename("a", "t");
        rig.rename("b", "a");
        rig.rename("t", "b");
        assertEquals("from b", rig.text("a"));
        rig.await();
        assertEquals("from b", object("a"));
        assertEquals("from a", object("b"));
        rig.restart();
        assertEquals("from a", rig.text("b"));
    }

    @Test
    void a_folder_that_takes_the_name_of_a_file_renamed_away_leaves_its_content_alone() throws FsException {
        rig.put("a", "content");
        rig.mkdir("d");
        rig.await();
        rig.rename("a", "d/b");
        rig.mkdir("a");
        rig.await();
        assertEquals("content", object("d/b"));
        assertEquals(List.of("a/", "d/", "d/b"), keys());
    }

    @Test
    void a_folder_can_be_wrapped_in_one_that_takes_its_name() throws FsException {
        rig.mkdir("a");
        rig.put("a/f", "content");
        rig.await();
        rig.mkdir("t");
        rig.rename("a", "t/inner");
        rig.rename("t", "a");
        rig.put("a/f", "outer");
        rig.await();
        assertEquals(List.of("a/", "a/f", "a/inner/", "a/inner/f"), keys());
        assertEquals("content", object("a/inner/f"));
        assertEquals("outer", object("a/f"));
    }

    @Test
    void a_save_by_rename_is_one_object() throws FsException {
        rig.put("doc", "old");
        rig.await();
        rig.put("doc.tmp", "new");
        rig.rename("doc.tmp", "doc");
        rig.await();
        assertEquals(List.of("doc"), keys());
        assertEquals("new", object("doc"));
    }

    @Test
    void an_unlinked_open_file_can_be_read_until_it_is_closed() throws FsException, InterruptedException {
        rig.put("a", "content");
        rig.await();
        rig.restart();
        long number = rig.number("a");
        long handle = rig.vfs.open(number, VfsRig.READ, VfsRig.ME);
        rig.unlink("a");
        rig.await();
        assertEquals("content", new String(rig.read(handle, 7), StandardCharsets.UTF_8));
        assertEquals(0, rig.vfs.getattr(number).links());
        assertThrows(FsException.NotFound.class, () -> rig.number("a"));
        rig.vfs.release(handle);
        // The kept copy goes with the next round of the committer, half a second away at most.
        for (int i = 0; i < 200 && !keys().isEmpty(); i++) {
            Thread.sleep(50);
        }
        rig.put("b", "x");
        rig.await();
        assertEquals(List.of("b"), keys());
    }

    @Test
    void sparse_writes_and_truncations_read_as_zeros() throws FsException {
        rig.put("f", "0123456789");
        rig.await();
        rig.truncate("f", 4);
        rig.truncate("f", 8);
        rig.write("f", 12, "x".getBytes(StandardCharsets.UTF_8));
        byte[] expected = "0123\0\0\0\0\0\0\0\0x".getBytes(StandardCharsets.UTF_8);
        assertArrayEquals(expected, rig.read("f"));
        rig.crash();
        assertArrayEquals(expected, rig.read("f"));
        rig.await();
        assertArrayEquals(expected, object("f").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void what_was_closed_before_a_crash_is_there_after_it() throws FsException {
        rig.mkdir("d");
        for (int i = 0; i < 50; i++) {
            rig.put("d/f" + i, "text " + i);
        }
        rig.rename("d", "e");
        rig.crash();
        for (int i = 0; i < 50; i++) {
            assertEquals("text " + i, rig.text("e/f" + i));
        }
        rig.await();
        assertEquals(51, keys().size());
        rig.loseIndex();
        assertEquals(50, rig.list("e").size());
    }

    @Test
    void two_writers_of_one_name_lose_nothing() throws FsException {
        rig.put("a.txt", "base");
        rig.await();
        store.put(
                new ObjectKey("a.txt"),
                ObjectStore.Body.of("theirs".getBytes(StandardCharsets.UTF_8)),
                ObjectStore.ObjectMetadata.NONE);
        rig.write("a.txt", 0, "OURS".getBytes(StandardCharsets.UTF_8));
        rig.await();
        assertEquals("theirs", rig.text("a.txt"));
        assertEquals(2, rig.list("").size());
        String other = rig.list("").stream()
                .filter(n -> !n.equals("a.txt"))
                .findFirst()
                .orElseThrow();
        assertEquals("OURS", rig.text(other));
        assertEquals("OURS", object(other));
        assertEquals(1, rig.conflicts.size());
    }

    @Test
    void folders_that_were_exchanged_are_exchanged_in_the_store_too() throws FsException {
        for (String folder : List.of("a", "a/in", "b", "b/in", "b/in/deep")) {
            rig.mkdir(folder);
        }
        rig.put("a/in/x", "of a");
        rig.put("b/in/x", "of b");
        rig.put("b/in/deep/y", "of b too");
        rig.await();
        rig.rename("a", "aside");
        rig.rename("b", "a");
        rig.rename("aside", "b");
        rig.await();
        assertEquals(List.of("a/", "a/in/", "a/in/deep/", "a/in/deep/y", "a/in/x", "b/", "b/in/", "b/in/x"), keys());
        assertEquals("of b", object("a/in/x"));
        assertEquals("of a", object("b/in/x"));
        assertEquals("of b too", rig.text("a/in/deep/y"));

        rig.rename("a/in", "t");
        rig.rename("b/in", "a/in");
        rig.rename("a", "u");
        rig.rename("b", "a");
        rig.rename("u", "b");
        rig.rename("t", "a/in");
        rig.await();
        assertEquals(List.of("a/", "a/in/", "a/in/deep/", "a/in/deep/y", "a/in/x", "b/", "b/in/", "b/in/x"), keys());
        assertEquals("of a", object("b/in/x"));
        assertEquals("of b", object("a/in/x"));
        rig.restart();
        assertEquals("of b too", rig.text("a/in/deep/y"));
    }
}
