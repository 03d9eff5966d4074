package isle.test.model;

import isle.fs.s3.GarageServer;
import isle.test.rig.Account;
import isle.test.rig.Command;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random reads and writes of few files, by handle and by mapping, with truncation, holes and growth: each byte that is
 * read is the last that was written, at once, after the daemon was started again, from an emptied cache, and on a second
 * mount of the same store. {@code isle.io.seed} names a seed to try again, {@code isle.io.operations} how many
 * operations there are.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#tried")
class RandomIoTest {

    private static final int ROUNDS = 5;
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final Duration SHOWN_ELSEWHERE = Duration.ofSeconds(60);

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final int operations;
    private final Path folder = Folders.temporary("isle-io");
    private final long seed = Long.getLong("isle.io.seed", new Random().nextInt(1 << 30));

    RandomIoTest(VolumeKind kind) {
        this.kind = kind;
        this.operations = kind.orShorter("isle.io.operations", 40_000, 10_000);
    }

    @Test
    void whatIsReadIsWhatWasWrittenOnTheStoreThatNeedsNothing() {
        try {
            // A folder belongs to one daemon: there is no second mount of it.
            exercise(isles.plan().of(Account.ordinary()).make(), Optional.empty());
        } finally {
            Folders.delete(folder);
        }
    }

    @Tag("garage")
    @Test
    void whatIsReadIsWhatWasWrittenOnGarage() throws IOException {
        try (GarageServer garage = GarageServer.startWithoutFsync(Folders.make(folder, "garage", Account.current()))) {
            String first = garage.createBucket();
            String second = garage.createBucket();
            exercise(
                    isles.plan().on(garage, first, second, garage.key()).make(),
                    Optional.of(
                            isles.plan().on(garage, first, second, garage.key()).make()));
        } finally {
            Folders.delete(folder);
        }
    }

    private void exercise(IsleProfile isle, Optional<IsleProfile> second) {
        Path script = Scripts.copy("randomio.py", folder);
        Path kept = Folders.make(folder, "kept", isle.account());
        isle.start();
        second.ifPresent(other -> {
            other.start();
            if (kind == VolumeKind.VAULT) {
                other.linkTo(isle);
            }
        });
        isle.inMount("mkdir " + kind.volume() + "/io").ok();
        for (int round = 0; round < ROUNDS; round++) {
            long from = seed + round;
            String arguments = from + " " + operations / ROUNDS;
            right(io("run", script, isle, kept, arguments), "while it is written");
            if (round % 2 == 0) {
                isle.restart();
                right(io("check", script, isle, kept, ""), "after a restart, seed " + from);
            } else {
                isle.awaitStored();
                isle.unmount().ok();
                isle.emptyCache();
                isle.start();
                right(io("check", script, isle, kept, ""), "from an emptied cache, seed " + from);
            }
            isle.awaitStored();
            second.ifPresent(other -> Eventually.holds(
                    "the second mount shows what was stored, seed " + from,
                    SHOWN_ELSEWHERE,
                    () -> io("check", script, other, kept, "").exitCode() == 0));
        }
        isle.unmount().ok();
        second.ifPresent(other -> other.unmount().ok());
    }

    private Finished io(String what, Path script, IsleProfile isle, Path kept, String arguments) {
        Path files = isle.mountPoint().resolve(kind.volume()).resolve("io");
        return Command.shell("python3 '" + script + "' " + what + " '" + files + "' '" + kept + "' " + arguments)
                .as(isle.account())
                .within(LIMIT)
                .run();
    }

    private static void right(Finished finished, String when) {
        if (finished.exitCode() != 0) {
            throw new AssertionError(when + ": " + finished.all());
        }
    }
}
