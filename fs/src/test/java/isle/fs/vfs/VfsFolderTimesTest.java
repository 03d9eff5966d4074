package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.MemoryObjectStore;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.TimeChange;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names come and go in a folder whose attributes are on their way to or from the store: its times are kept. */
class VfsFolderTimesTest {
    private static final Timestamp LONG_AGO = new Timestamp(1_000_000_000L, 0);

    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();
    private UnclosedStore.Hook meanwhile = () -> {};
    private MemoryObjectStore store;
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        store = new MemoryObjectStore(clock.wall(), new Random(1));
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {
            UnclosedStore.Hook once = meanwhile;
            meanwhile = () -> {};
            once.now();
        });
        rig.mkdir("d");
        rig.put("d/old", "0");
        rig.await();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /** The name goes first, so that it is settled when the folder still is under way. */
    private void sendANameAndThenItsFolder(UnclosedStore.Hook whileTheNameIsSent) throws FsException {
        rig.put("d/first", "1");
        rig.vfs.setattr(
                rig.number("d"),
                AttributeChange.times(Optional.empty(), Optional.of(new TimeChange(Optional.of(LONG_AGO)))),
                VfsRig.ME);
        meanwhile = whileTheNameIsSent;
        rig.round();
    }

    private Timestamp mtime() throws FsException {
        Timestamp mtime = rig.stat("d").mtime();
        assertNotEquals(LONG_AGO, mtime);
        return mtime;
    }

    @Test
    void a_name_that_came_is_seen_after_a_restart() throws FsException {
        sendANameAndThenItsFolder(() -> rig.put("d/second", "2"));
        Timestamp before = mtime();
        rig.await();
        rig.restart();
        assertEquals(before, mtime());
    }

    @Test
    void a_name_that_went_is_seen_after_a_restart() throws FsException {
        sendANameAndThenItsFolder(() -> rig.unlink("d/old"));
        Timestamp before = mtime();
        rig.await();
        rig.restart();
        assertEquals(before, mtime());
    }

    @Test
    void a_name_that_came_is_seen_after_a_crash() throws FsException {
        sendANameAndThenItsFolder(() -> rig.put("d/second", "2"));
        Timestamp before = mtime();
        rig.stepIndex(Integer.MAX_VALUE);
        rig.kill();
        rig.recover();
        assertEquals(before, mtime());
    }

    @Test
    void a_name_that_came_is_seen_after_a_crash_before_the_index_was_told() throws FsException {
        sendANameAndThenItsFolder(() -> rig.put("d/second", "2"));
        Timestamp before = mtime();
        rig.kill();
        rig.recover();
        assertEquals(before, mtime());
    }

    @Test
    void a_name_that_came_is_seen_after_a_crash_with_nothing_of_its_folder_under_way() throws FsException {
        sendANameAndThenItsFolder(() -> {});
        rig.put("d/second", "2");
        Timestamp before = mtime();
        rig.await();
        rig.stepIndex(Integer.MAX_VALUE);
        rig.kill();
        rig.recover();
        assertEquals(before, mtime());
    }

    @Test
    void a_name_that_came_before_the_store_told_of_its_folder_is_seen() throws FsException {
        store.put(new ObjectKey("theirs/"), ObjectStore.Body.of(new byte[0]), ObjectMetadata.NONE);
        clock.advanceMillis(6_000);
        rig.list("");
        rig.list("");
        rig.connection.away(true);
        long theirs = rig.number("theirs");
        rig.connection.away(false);
        clock.advanceMillis(1_000);
        Timestamp before = clock.clock().now();
        rig.vfs.mkdir(theirs, FileName.of("ours"), 0755, VfsRig.ME);
        Timestamp shown = rig.stat("theirs").mtime();
        assertTrue(shown.compareTo(before) >= 0, shown + " is before " + before);
    }
}
