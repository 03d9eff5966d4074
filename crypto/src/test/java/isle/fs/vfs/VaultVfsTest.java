package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.journal.QuietLog;
import isle.fs.store.MemoryObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is to be stored of changes in a vault that come between two commits, whatever their order. */
@ExtendWith(QuietLog.class)
class VaultVfsTest {
    @TempDir
    Path folder;

    /** The folder takes the file's name, and the file is to be in the folder: each waited for the other. */
    @Test
    void aFileMovesIntoANewFolderOfItsName() throws Exception {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(1));
        VaultRigVolume volume = new VaultRigVolume(1, folder, store);
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {}, volume)) {
            rig.put("f", "content");
            rig.await();
            rig.rename("f", "t");
            rig.mkdir("f");
            rig.rename("t", "f/x");
            rig.await();
            assertEquals(List.of("f", "f/x"), List.copyOf(volume.stored(store).keySet()));
            rig.restart();
            assertEquals("content", rig.text("f/x"));
        }
    }

    /** A whole folder may have been made in the place of the file by then. */
    @Test
    void aFileMovesDeepIntoANewFolderOfItsName() throws Exception {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore store = new MemoryObjectStore(clock.wall(), new Random(2));
        VaultRigVolume volume = new VaultRigVolume(2, folder, store);
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state"), store, clock, () -> {}, volume)) {
            rig.put("f", "content");
            rig.await();
            rig.rename("f", "t");
            rig.mkdir("f");
            rig.mkdir("f/g");
            rig.put("f/other", "more");
            rig.rename("t", "f/g/f");
            rig.await();
            assertEquals(
                    List.of("f", "f/g", "f/g/f", "f/other"),
                    List.copyOf(volume.stored(store).keySet()));
        }
    }
}
