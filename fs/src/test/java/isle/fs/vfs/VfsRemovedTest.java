package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files removed here that the store, and the index, still have at the next start. */
@Timeout(value = 60)
class VfsRemovedTest {
    private static final int ROUNDS = 3;
    private static final int REMOVED = 400;

    /** They make the index's answer long. */
    private static final int KEPT = 1_000;

    @TempDir
    Path folder;

    private volatile boolean slow;

    /** The committer removes them while the folder is read out of the index. */
    @Test
    void stayAwayWhileTheirFolderIsReadForTheFirstTime() throws FsException {
        MemoryObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(1));
        try (VfsRig rig = VfsRig.narrow(folder.resolve("state"), store, this::pause, 1L << 30)) {
            rig.mkdir("d");
            for (int i = 0; i < KEPT; i++) {
                rig.put("d/kept" + i, "");
            }
            List<String> kept = rig.list("d");
            for (int round = 0; round < ROUNDS; round++) {
                slow = false;
                for (int i = 0; i < REMOVED; i++) {
                    rig.put("d/removed" + i, "");
                }
                rig.await();
                rig.connection.away(true);
                for (int i = 0; i < REMOVED; i++) {
                    rig.unlink("d/removed" + i);
                }
                slow = true;
                rig.crash();
                awaitFirstRemovals(rig);
                assertEquals(kept, rig.list("d"), "round " + round);
                rig.await();
                assertEquals(kept, rig.list("d"), "round " + round + ", later");
            }
        }
    }

    private void pause() {
        if (slow) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
    }

    /** A new process first lets pass what an earlier one may have sent. */
    private static void awaitFirstRemovals(VfsRig rig) {
        DirtyNames dirty = rig.vfs.parts(FileName.of("v")).tree.dirty;
        while (dirty.size() > REMOVED - REMOVED / 8) {
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }
}
