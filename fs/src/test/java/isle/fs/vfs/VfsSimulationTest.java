package isle.fs.vfs;

import isle.fs.journal.QuietLog;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Histories of a plain volume, decided by a seed ({@link VfsSimulation}). */
@ExtendWith(QuietLog.class)
class VfsSimulationTest {
    private static final int SEEDS = Integer.getInteger("isle.simulation.seeds", 100);

    @TempDir
    Path folder;

    @Test
    void what_was_acknowledged_is_there_whatever_happens_when() throws Exception {
        long first = Long.getLong("isle.simulation.seed", 1);
        VfsSimulation.play(first, SEEDS, folder, (seed, store) -> new PlainRigVolume());
    }
}
