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

/** The store is away for a long time, or takes requests and carries them out later. */
class VfsAwayTest {
    private static final int TRIES = 3_000;

    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();
    private VfsRig rig;

    /** Whether the store takes requests and does nothing with them for now. */
    private boolean stops;

    /** How many requests, and answers to them, come through. */
    private int answers = Integer.MAX_VALUE;

    @BeforeEach
    void open() throws FsException {
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(1));
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {
            if (stops) {
                rig.connection.delay();
                throw new FsException.Unavailable("no answer");
            }
            if (answers-- <= 0) {
                throw new FsException.Unavailable("no answer");
            }
        });
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

    /** What is sent now gets no answer, and is carried out when the store goes on. */
    private void commitWhileItStops() throws FsException {
        stops = true;
        rig.round();
        stops = false;
        clock.advanceMillis(1000);
    }

    @Test
    void what_was_given_up_and_arrives_late_does_not_undo_what_was_saved_since() throws FsException {
        rig.put("f", "first");
        rig.await();
        rig.write("f", 0, "given".getBytes(StandardCharsets.UTF_8));
        commitWhileItStops();
        rig.put("new", "other");
        rig.rename("new", "f");
        rig.await();
        rig.refreshAll();
        assertEquals("other", rig.text("f"));
        assertEquals(List.of("f"), rig.list(""));
        assertEquals(List.of(), rig.conflicts);
    }

    @Test
    void a_removal_that_was_given_up_does_not_take_what_came_since() throws FsException {
        rig.put("f", "first");
        rig.await();
        rig.unlink("f");
        commitWhileItStops();
        rig.put("f", "second");
        rig.await();
        rig.loseIndex();
        assertEquals("second", rig.text("f"));
    }

    @Test
    void a_removal_that_an_earlier_process_gave_up_does_not_take_what_came_since() throws FsException {
        rig.put("f", "first");
        rig.await();
        rig.unlink("f");
        commitWhileItStops();
        rig.kill();
        rig.recover();
        rig.put("f", "second");
        rig.await();
        rig.loseIndex();
        assertEquals("second", rig.text("f"));
    }

    @Test
    void what_was_given_up_does_not_bring_back_what_was_removed() throws FsException {
        rig.put("f", "first");
        commitWhileItStops();
        rig.unlink("f");
        rig.mkdir("d");
        commitWhileItStops();
        rig.rmdir("d");
        rig.await();
        rig.refreshAll();
        assertEquals(List.of(), rig.list(""));
    }

    @Test
    void what_was_moved_into_a_folder_that_comes_back_is_not_removed_with_what_had_its_name() throws FsException {
        rig.mkdir("d");
        rig.mkdir("d/x");
        rig.put("moved", "content");
        rig.await();
        rig.rename("d", "away");
        answers = 2;
        rig.round();
        rig.rmdir("away/x");
        rig.rename("moved", "away/x");
        rig.rename("away", "d");
        answers = Integer.MAX_VALUE;
        clock.advanceMillis(1000);
        rig.await();
        rig.loseIndex();
        assertEquals("content", rig.text("d/x"));
        assertEquals(List.of("d"), rig.list(""));
    }

    @Test
    void a_move_that_was_given_up_does_not_take_what_came_to_its_old_place() throws FsException {
        rig.put("a", "moved");
        rig.await();
        rig.rename("a", "b");
        commitWhileItStops();
        rig.put("a", "new");
        rig.await();
        rig.loseIndex();
        assertEquals("new", rig.text("a"));
        assertEquals("moved", rig.text("b"));
        assertEquals(List.of("a", "b"), rig.list(""));
    }
}
