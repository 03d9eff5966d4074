package isle.fs.journal;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Random loads that end at a random change of the disk, by kill or power loss, again and again on the same disk. */
@ExtendWith(QuietLog.class)
@ParameterizedClass
@EnumSource(Kept.class)
class JournalPowerLossTest {

    private final Kept kept;

    JournalPowerLossTest(Kept kept) {
        this.kept = kept;
    }

    private static final int SEEDS = Integer.getInteger("isle.journal.seeds", 400);
    private static final int FIRST_SEED = Integer.getInteger("isle.journal.firstSeed", 1);
    private static final int CRASHES = 6;
    private static final int MAX_STEPS = 120;
    private static final int MAX_CHANGES = 250;

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void everything_forced_is_there_and_what_follows_it_is_a_prefix() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            try {
                crashAgainAndAgain(new PowerLossDisk(), new SplittableRandom(seed));
            } catch (AssertionError | FsException | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void a_disk_whose_force_does_nothing_is_found_out() {
        int lossesFound = 0;
        for (long seed = 1; seed <= 50; seed++) {
            PowerLossDisk liar = new PowerLossDisk();
            liar.forcesDoNothing();
            SplittableRandom random = new SplittableRandom(seed);
            try {
                crashAgainAndAgain(liar, random);
            } catch (AssertionError | FsException | RuntimeException e) {
                lossesFound++;
            }
        }
        assertTrue(lossesFound > 40, "only " + lossesFound + " of 50 runs noticed");
    }

    @Test
    void a_single_lost_force_is_found_out() {
        assertThrows(AssertionError.class, () -> {
            PowerLossDisk liar = new PowerLossDisk();
            ModelOwner owner = new ModelOwner(kept);
            Journal journal = owner.open(liar, Replayed.SMALL);
            owner.put(journal, 100);
            owner.force(journal);
            liar.forcesDoNothing();
            owner.put(journal, 100);
            owner.force(journal);
            for (long seed = 0; seed < 20; seed++) {
                liar.powerLoss(seed);
                owner.open(liar, Replayed.SMALL);
                owner.check(true);
            }
        });
    }

    private void crashAgainAndAgain(PowerLossDisk disk, SplittableRandom random) throws FsException {
        JournalSettings settings = new JournalSettings(2048 + random.nextInt(8192), 1 << 20);
        ModelOwner owner = new ModelOwner(kept);
        for (int crash = 0; crash < CRASHES; crash++) {
            boolean openingCrashes = random.nextInt(4) == 0;
            if (openingCrashes) {
                disk.dieAfter(random.nextInt(12));
            }
            try {
                Journal journal = owner.open(disk, settings);
                disk.dieAfter(random.nextInt(MAX_CHANGES));
                run(owner, disk, journal, random);
            } catch (FsException.Failed e) {
                // The disk died under it.
            }
            boolean power = random.nextInt(4) != 0;
            if (power) {
                disk.powerLoss(random.nextLong());
            } else {
                disk.kill();
            }
            Journal journal = owner.open(disk, settings);
            owner.check(power);
            owner.startAccounting();
            if (random.nextBoolean()) {
                journal.close();
            }
            disk.kill();
        }
    }

    private static void run(ModelOwner owner, PowerLossDisk disk, Journal journal, SplittableRandom random)
            throws FsException {
        owner.startAccounting();
        int steps = random.nextInt(MAX_STEPS);
        int checkpointOdds = 5 + random.nextInt(30);
        int forceOdds = 2 + random.nextInt(10);
        int faultOdds = 10 + random.nextInt(100);
        for (int i = 0; i < steps; i++) {
            if (random.nextInt(faultOdds) == 0) {
                disk.failForces(random.nextInt(2));
                disk.failWrites(random.nextInt(2));
                disk.failTruncates(random.nextInt(2));
                disk.limit(random.nextBoolean() ? Long.MAX_VALUE : disk.usedBytes() + random.nextInt(5000));
            }
            try {
                if (random.nextInt(checkpointOdds) == 0) {
                    owner.checkpoint(journal);
                } else if (random.nextInt(forceOdds) == 0) {
                    owner.force(journal);
                } else if (random.nextInt(3) == 0) {
                    owner.dropSome(journal, random);
                } else {
                    owner.put(journal, 1 + random.nextInt(random.nextInt(20) == 0 ? 150_000 : 600));
                }
            } catch (FsException.NoSpace e) {
                // Goes on as soon as there is room again.
            }
        }
        disk.limit(Long.MAX_VALUE);
        if (random.nextInt(4) == 0) {
            journal.close();
        }
    }
}
