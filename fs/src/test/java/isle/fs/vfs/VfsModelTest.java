package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random operations on the VFS and on a map of paths, with the VFS's own threads: after each run both agree, in memory,
 * after a crash, with a lost index, and in the store.
 */
class VfsModelTest {
    private static final int SEEDS = Integer.getInteger("isle.model.seeds", 12);
    private static final int STEPS = 120;

    @TempDir
    Path folder;

    @Test
    void the_vfs_agrees_with_a_map_of_paths() throws Exception {
        long first = Long.getLong("isle.model.seed", 1);
        for (long seed = first; seed < first + SEEDS; seed++) {
            run(seed);
        }
    }

    private void run(long seed) throws FsException, IOException {
        Random random = new Random(seed);
        ObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(seed));
        Path state = Files.createDirectories(folder.resolve("s" + seed));
        try (VfsRig rig = new VfsRig(state.resolve("state"), store)) {
            VfsModel model = new VfsModel(rig, random);
            try {
                for (int i = 0; i < STEPS; i++) {
                    model.step();
                    if (random.nextInt(40) == 0) {
                        disturb(rig, model, random.nextInt(5));
                    }
                }
                model.end(store);
                assertEquals(List.of(), rig.conflicts);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " after " + model.past, e);
            }
        }
    }

    private static void disturb(VfsRig rig, VfsModel model, int what) throws FsException {
        model.past.add("disturbance " + what);
        switch (what) {
            case 0 -> rig.await();
            case 1 -> {
                model.forgetHandles();
                rig.crash();
            }
            case 2 -> {
                model.forgetHandles();
                rig.restart();
            }
            case 3 -> {
                // Until what was under way has arrived, a new index may show a renamed folder's old place too.
                model.forgetHandles();
                rig.loseIndex();
                rig.await();
                rig.refreshAll();
            }
            default -> {}
        }
        model.compare();
    }
}
