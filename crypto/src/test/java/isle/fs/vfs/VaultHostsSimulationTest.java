package isle.fs.vfs;

import isle.fs.journal.QuietLog;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Histories of several hosts of one vault, each a whole VFS, decided by a seed ({@link HostsSimulation}). */
@ExtendWith(QuietLog.class)
class VaultHostsSimulationTest {
    private static final int SEEDS = Integer.getInteger("isle.simulation.seeds", 15);

    /** Each of these has found something once. */
    private static final List<Long> WERE_WRONG =
            List.of(18L, 20L, 21L, 49L, 51L, 73L, 96L, 111L, 128L, 134L, 171L, 251L, 254L, 443L);

    @TempDir
    Path folder;

    @Test
    void histories_that_were_wrong_once() throws Exception {
        for (long seed : WERE_WRONG) {
            VfsSimulation.playEach(seed, 1, each -> new HostsSimulation(each, folder).go());
        }
    }

    @Test
    void all_hosts_show_the_same_and_nothing_that_nobody_removed_is_missing() throws Exception {
        long first = Long.getLong("isle.simulation.seed", 1);
        VfsSimulation.playEach(first, SEEDS, seed -> new HostsSimulation(seed, folder).go());
    }
}
