package isle.test.crash;

import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * kill -9 of the daemon while several programs write, force, rename and delete. What the mount acknowledged is there
 * after the next start, and once more from the store alone.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 45, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#tried")
class KillTest {

    private static final int WRITERS = 16;
    private static final int LOOKED_AT_AGAIN = 3 * WRITERS;
    private static final int SHORTEST_MILLIS = 300;
    /** Shorter ones give more rounds in the same time: most of it is taken to store and to verify. */
    private static final int LONGEST_MILLIS = Integer.getInteger("isle.kill.millis", 5_000);

    @RegisterExtension
    final Isles isles = new Isles();

    private final Random random = new Random();
    private final VolumeKind kind;
    private final int rounds;

    KillTest(VolumeKind kind) {
        this.kind = kind;
        this.rounds = kind.orShorter("isle.kill.rounds", 4, 2);
    }

    @Test
    void nothingAcknowledgedIsLostOnTheStoreThatNeedsNothing() {
        killAndVerify(isles.profile());
    }

    @Test
    void nothingAcknowledgedIsLostForAnOrdinaryUser() {
        killAndVerify(isles.plan().of(Account.ordinary()).make());
    }

    @Tag("garage")
    @Test
    void nothingAcknowledgedIsLostOnGarage() throws IOException {
        Path folder = Folders.temporary("isle-kill");
        try (GarageServer garage = GarageServer.startWithoutFsync(folder)) {
            killAndVerify(isles.plan().on(garage).make());
        } finally {
            Folders.delete(folder);
        }
    }

    private void killAndVerify(IsleProfile isle) {
        Path script = Scripts.copy("load.py", Folders.make(isle.person(), "scripts", isle.account()));
        isle.start();
        List<LoadWriter> writers = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            List<LoadWriter> now = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                String folder = kind.in(i % 2 == 0 ? "public" : "protected") + "/round" + round + "-" + i;
                now.add(new LoadWriter(isle, script, folder, random.nextLong()));
            }
            pauseWhileTheyWrite();
            isle.kill();
            now.forEach(LoadWriter::awaitEnd);
            isle.start();
            LoadWriter.verify(now, "after kill -9");
            // What was there already is looked at again while it is quick, and in the end.
            LoadWriter.verify(writers.subList(Math.max(0, writers.size() - LOOKED_AT_AGAIN), writers.size()), "later");
            writers.addAll(now);
        }
        isle.awaitStored();
        isle.kill();
        isle.emptyCache();
        isle.start();
        LoadWriter.verify(writers, "from the store, without a cache");
        isle.unmount().ok();
    }

    private void pauseWhileTheyWrite() {
        int millis = SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
