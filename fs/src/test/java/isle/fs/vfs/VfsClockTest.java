package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.MemoryObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody sets the clock of the machine while the VFS runs, or between two runs. */
class VfsClockTest {
    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();
    private MemoryObjectStore store;
    private VfsRig rig;

    @BeforeEach
    void open() throws FsException {
        store = new MemoryObjectStore(clock.wall(), new Random(1));
        rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {});
        rig.mkdir("d");
        rig.put("d/mine", "1");
        rig.await();
        clock.advanceMillis(6_000);
        rig.list("d");
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void foreign(String key) throws FsException {
        store.put(new ObjectKey(key), ObjectStore.Body.of("x".getBytes(StandardCharsets.UTF_8)), ObjectMetadata.NONE);
    }

    /** The look that finds the view old starts a list; the next one shows what it found. */
    private List<String> shownAfterSixSeconds() throws FsException {
        clock.advanceMillis(6_000);
        rig.list("d");
        return rig.list("d");
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, 3600})
    void what_others_change_shows_in_time(long seconds) throws FsException {
        clock.set(Duration.ofSeconds(seconds));
        foreign("d/theirs");
        assertEquals(List.of("mine", "theirs"), shownAfterSixSeconds());
    }

    @ParameterizedTest
    @ValueSource(longs = {-3600, 3600})
    void what_others_changed_meanwhile_shows_in_time_after_a_restart(long seconds) throws FsException {
        clock.set(Duration.ofSeconds(seconds));
        foreign("d/theirs");
        rig.restart();
        assertEquals(List.of("mine", "theirs"), shownAfterSixSeconds());
    }

    @Test
    void a_view_that_is_fresh_stays_so_when_the_clock_is_set_forward() throws FsException {
        foreign("d/theirs");
        clock.set(Duration.ofHours(1));
        rig.list("d");
        assertEquals(List.of("mine"), rig.list("d"));
    }

    @Test
    void what_is_saved_after_the_clock_was_set_back_is_stored_and_no_conflict() throws FsException {
        clock.set(Duration.ofHours(-1));
        rig.write("d/mine", 0, "22".getBytes(StandardCharsets.UTF_8));
        rig.put("d/new", "3");
        rig.rename("d/new", "d/newer");
        rig.await();
        assertEquals(List.of(), rig.conflicts);
        rig.restart();
        assertEquals(List.of("mine", "newer"), shownAfterSixSeconds());
        assertEquals("22", rig.text("d/mine"));
        assertEquals("3", rig.text("d/newer"));
    }
}
