package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import isle.crypto.vault.Collecting;
import isle.fs.journal.QuietLog;
import isle.fs.store.FastTempDir;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * R15 and R16 on real packs: hosts that write, compact and collect, of which one is away for weeks now and then, with
 * whatever it has promised ({@link CompactionHistory}). No content of anything that is shown, a sibling or history ever
 * goes.
 */
@ExtendWith(QuietLog.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class CollectionHistoryTest {
    private static final int SEEDS = Integer.getInteger("isle.simulation.seeds", 4);
    private static final int SEEDS_OF_A_RULE = 60;

    @TempDir(factory = FastTempDir.class)
    Path folder;

    @Test
    void nothingThatIsNeededIsCollected() throws Exception {
        long first = Long.getLong("isle.simulation.seed", 1);
        int collected = 0;
        for (long seed = first; seed < first + SEEDS; seed++) {
            collected += play(seed, Collecting.USUAL);
        }
        assertTrue(collected >= 2 * SEEDS, collected + " objects were collected");
    }

    @Test
    void withoutTheWordOfAllDevicesSomethingIsLost() throws Exception {
        assertGoesWrong(new Collecting(Collecting.USUAL.age(), Collecting.USUAL.period(), false, true));
    }

    @Test
    void withoutHistorySomethingIsLost() throws Exception {
        assertGoesWrong(new Collecting(Collecting.USUAL.age(), Collecting.USUAL.period(), true, false));
    }

    private void assertGoesWrong(Collecting rules) throws Exception {
        for (long seed = 1; seed <= SEEDS_OF_A_RULE; seed++) {
            try {
                play(seed, rules);
            } catch (AssertionError e) {
                return;
            }
        }
        fail("no history needs it");
    }

    private int play(long seed, Collecting rules) throws Exception {
        CompactionHistory history = new CompactionHistory(seed, folder.resolve("s" + seed), rules);
        history.go();
        return history.collected;
    }
}
