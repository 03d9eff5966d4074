package isle.test.crash;

import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Command;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * kill -9 of the daemon while several programs write, force, rename and delete. What the mount acknowledged is there
 * after the next start, and once more from the store alone.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class KillTest {

    private static final int ROUNDS = Integer.getInteger("isle.kill.rounds", 4);
    private static final int WRITERS = 16;
    private static final int SHORTEST_MILLIS = 300;
    private static final int LONGEST_MILLIS = 5_000;
    private static final Duration VERIFY = Duration.ofMinutes(2);

    @RegisterExtension
    final Isles isles = new Isles();

    private final Random random = new Random();

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
        List<Writer> writers = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Writer> now = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                String volume = i % 2 == 0 ? "public" : "protected";
                now.add(new Writer(isle, script, volume + "/round" + round + "-" + i, random.nextLong()));
            }
            pauseWhileTheyWrite();
            isle.kill();
            now.forEach(Writer::awaitEnd);
            writers.addAll(now);
            isle.start();
            writers.forEach(writer -> writer.verify("after kill -9"));
        }
        isle.awaitStored();
        isle.kill();
        isle.emptyCache();
        isle.start();
        writers.forEach(writer -> writer.verify("from the store, without a cache"));
        isle.unmount().ok();
    }

    private void pauseWhileTheyWrite() {
        int millis = SHORTEST_MILLIS + random.nextInt(LONGEST_MILLIS - SHORTEST_MILLIS);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    /** A program that writes into a folder of its own and keeps a ledger beside the mount. */
    private static final class Writer {
        private final IsleProfile isle;
        private final Path script;
        private final Path folder;
        private final Path ledger;
        private final Process process;

        Writer(IsleProfile isle, Path script, String name, long seed) {
            this.isle = isle;
            this.script = script;
            this.folder = isle.mountPoint().resolve(name);
            this.ledger = isle.person().resolve(name.replace('/', '-') + ".ledger");
            isle.inMount("mkdir -p " + name).ok();
            this.process = Command.of(
                            "python3",
                            script.toString(),
                            "write",
                            folder.toString(),
                            ledger.toString(),
                            Long.toString(seed))
                    .as(isle.account())
                    .startPiped();
        }

        /** Its next operation fails, since nobody is behind the mount any more. */
        void awaitEnd() {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("a program hangs in the mount of a daemon that is gone");
                }
                process.getInputStream().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void verify(String when) {
            Finished finished = Command.of("python3", script.toString(), "verify", folder.toString(), ledger.toString())
                    .as(isle.account())
                    .within(VERIFY)
                    .run();
            if (finished.exitCode() != 0) {
                throw new AssertionError(when + ", in " + folder + ":\n" + finished.all());
            }
        }
    }
}
