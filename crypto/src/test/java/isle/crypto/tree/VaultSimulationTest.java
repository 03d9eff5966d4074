package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random histories of two to five hosts (R1 to R14): whatever is read when and compacted where, all hosts end equal,
 * compaction changes no answer, and nothing is gone that nobody meant. {@code -Disle.vault.histories} makes it longer,
 * {@code -Disle.vault.seed} tries one again.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VaultSimulationTest {

    private static final boolean CHOSEN = Long.getLong("isle.vault.seed") != null;
    private static final int HISTORIES = Integer.getInteger("isle.vault.histories", CHOSEN ? 1 : 40_000);
    private static final long FIRST = Long.getLong("isle.vault.seed", 1);
    private static final int STEPS = 60;

    /** Enough for each rule; the last one to be noticed needs a tenth of it. */
    private static final int HISTORIES_OF_A_RULE = 20_000;

    @Test
    void nothingIsLostAndAllHostsEndEqual() {
        for (long seed = FIRST; seed < FIRST + HISTORIES; seed++) {
            AssertionError wrong = tried(seed, Rules.ALL);
            if (wrong != null) {
                List<Long> shortest = shrink(History.steps(seed, STEPS), hosts(seed), Rules.ALL);
                AssertionError rest = tried(shortest, hosts(seed), Rules.ALL);
                fail("seed " + seed + ", " + hosts(seed) + " hosts, " + shortest.size() + " steps " + shortest, rest);
            }
        }
    }

    /** A removal brought back an older version of which a copy had been made real under its conflict name. */
    @Test
    void aCopyThatWasMadeRealDoesNotTakeTheNameBack() {
        long seed = 174_636_706;
        AssertionError wrong = tried(seed, Rules.ALL);
        if (wrong != null) {
            throw wrong;
        }
    }

    /**
     * Without any one of its rules some history ends wrong: each is needed, and the judge notices. The one that is left out
     * here needs a device that does not notice that it was set back: {@link DirectoryTest}.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "R7_BOTH_ARE_KEPT")
    void eachRuleIsNeeded(Rule rule) {
        Rules rules = Rules.without(rule);
        for (long seed = 1; seed <= HISTORIES_OF_A_RULE; seed++) {
            if (tried(seed, rules) != null) {
                return;
            }
        }
        fail("no history needs " + rule);
    }

    private static int hosts(long seed) {
        return 2 + Math.floorMod(seed, 4);
    }

    private static @Nullable AssertionError tried(long seed, Rules rules) {
        return tried(History.steps(seed, STEPS), hosts(seed), rules);
    }

    private static @Nullable AssertionError tried(List<Long> steps, int hosts, Rules rules) {
        try {
            History.run(steps, hosts, rules);
            return null;
        } catch (AssertionError e) {
            return e;
        }
    }

    /** Leaves out whatever it goes wrong without. */
    static List<Long> shrink(List<Long> steps, int hosts, Rules rules) {
        List<Long> rest = new ArrayList<>(steps);
        for (int length = rest.size() / 2; length >= 1; length /= 2) {
            for (int from = 0; from + length <= rest.size(); ) {
                List<Long> shorter = new ArrayList<>(rest.subList(0, from));
                shorter.addAll(rest.subList(from + length, rest.size()));
                if (tried(shorter, hosts, rules) != null) {
                    rest = shorter;
                } else {
                    from += length;
                }
            }
        }
        return rest;
    }
}
