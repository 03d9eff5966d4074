package isle.fs.vfs;

import isle.fs.journal.QuietLog;
import isle.fs.journal.TestSeal;
import isle.fs.spi.AtRest;
import isle.fs.spi.BlockCodec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Histories of a plain volume, decided by a seed ({@link VfsSimulation}). */
@ExtendWith(QuietLog.class)
class VfsSimulationTest {
    private static final int SEEDS = Integer.getInteger("isle.simulation.seeds", 100);

    private static final boolean ALL_SEALED = Boolean.getBoolean("isle.simulation.sealed");

    @TempDir
    Path folder;

    @Test
    void what_was_acknowledged_is_there_whatever_happens_when() throws Exception {
        long first = Long.getLong("isle.simulation.seed", 1);
        VfsSimulation.play(first, SEEDS, folder, (seed, store) -> {
            // Every third seed has a sealed journal, and must say the same.
            boolean sealed = seed % 3 == 0 || ALL_SEALED;
            return new PlainRigVolume(sealed ? new AtRest(BlockCodec.PLAIN, new TestSeal(seed)) : AtRest.PLAIN);
        });
    }
}
