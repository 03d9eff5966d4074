package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.GarageServer;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The store is away and the queue grows: 60 000 operations, or as many as {@code isle.backlog.operations} says. The
 * daemon has the memory that its launcher gives it. It takes what it can hold, then says that there is no room; it
 * never ends for want of memory, and what it took is there after a kill.
 */
@Tag("fuse")
@Tag("garage")
@Tag("tools")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class BacklogTest {

    private static final int OPERATIONS = Integer.getInteger("isle.backlog.operations", 60_000);
    private static final Duration LIMIT = Duration.ofHours(1);

    /** A start reads the journal. */
    private static final Duration START = Duration.ofSeconds(20 + OPERATIONS / 10_000);

    @RegisterExtension
    final Isles isles = new Isles();

    @Test
    void whatIsQueuedFitsIntoMemoryOrIsRefusedAndNothingTakenIsLost() throws IOException {
        Path folder = Folders.temporary("isle-backlog");
        try (GarageServer garage = GarageServer.startWithoutFsync(folder)) {
            IsleProfile isle = isles.plan().on(garage).make().start();
            Path script = Scripts.copy("backlog.py", isle.person());
            isle.inMount("mkdir public/many public/kept && ls protected").ok();
            isle.awaitStored();
            garage.kill();
            Finished made = backlog(
                    isle,
                    script,
                    "make",
                    OPERATIONS + " " + ThreadLocalRandom.current().nextInt(1_000_000));
            System.out.print(made.out());
            // There is still room for who reads and removes, and for a little more.
            isle.inMount("ls public/many >/dev/null; rm public/many/d0/* && rmdir public/many/d0 && df public")
                    .ok();
            isle.shell("sed -i '/^d0\\//d' \"$HOME/ledger\"").run().ok();
            isle.inMount("for i in $(seq 20); do echo $i >public/kept/$i; done; sync public/kept/20")
                    .ok();
            StrainTest.hasBoundedMemory(isle);
            isle.kill();
            long from = System.nanoTime();
            isle.start();
            Duration start = Duration.ofNanos(System.nanoTime() - from);
            System.out.println("started in " + start.toMillis() + " ms");
            assertTrue(start.compareTo(START) < 0, "a start took " + start);
            backlog(isle, script, "verify", "");
            StrainTest.hasBoundedMemory(isle);
            // Most of it needs never be stored.
            isle.shell("rm -r public/many").within(LIMIT).run().ok();
            garage.restart();
            isle.awaitStored();
            isle.requireHealthy();
            isle.unmount().ok();
            isle.emptyCache();
            isle.start();
            isle.inMount("[ \"$(cat public/kept/* | sort -n | uniq | wc -l)\" = 20 ] && [ \"$(ls public)\" = kept ]")
                    .ok();
        } finally {
            Folders.delete(folder);
        }
    }

    private static Finished backlog(IsleProfile isle, Path script, String what, String more) {
        return isle.shell("python3 " + script + " " + what + " public/many \"$HOME/ledger\" " + more)
                .within(LIMIT)
                .run()
                .ok();
    }
}
