package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.journal.QuietLog;
import isle.fs.store.FastTempDir;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** R9 to R12 on real packs: {@link CompactionHistory}. */
@ExtendWith(QuietLog.class)
class CompactionHistoryTest {
    private static final int SEEDS = Integer.getInteger("isle.simulation.seeds", 40);
    private static final int LEAST_TAKEN_AWAY = 5;

    @TempDir(factory = FastTempDir.class)
    Path folder;

    @Test
    void nothingIsLostAndNothingShownTwice() throws Exception {
        long first = Long.getLong("isle.simulation.seed", 1);
        for (long seed = first; seed < first + SEEDS; seed++) {
            CompactionHistory history = new CompactionHistory(seed, folder.resolve("s" + seed));
            history.go();
            assertTrue(history.takenAway >= LEAST_TAKEN_AWAY, "seed " + seed + " compacts nothing");
        }
    }
}
