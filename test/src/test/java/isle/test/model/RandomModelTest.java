package isle.test.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.test.rig.Account;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import isle.test.rig.Scripts;
import isle.test.rig.VolumeKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * The mount against a plain folder: random operations answer the same and leave the same, also after the daemon was
 * started again, and after it lost its cache. {@code isle.model.seeds} says how many new seeds are tried, {@code
 * isle.model.seed} names one to try again, {@code isle.model.steps} how long each is.
 */
@Tag("fuse")
@Tag("tools")
@Timeout(value = 15, unit = TimeUnit.MINUTES)
@ParameterizedClass
@MethodSource("isle.test.rig.VolumeKind#withAccounts")
class RandomModelTest {

    /** Seeds that are tried each time: the first ones, and every one that ever failed. */
    private static final List<Long> KEPT = List.of(1L, 2L, 305158618809L);

    private static final int STEPS = Integer.getInteger("isle.model.steps", 500);
    private static final int NEW_SEEDS = Integer.getInteger("isle.model.seeds", 2);
    private static final int COMPARE_EVERY = 50;
    private static final Duration SHRINK = Duration.ofMinutes(2);
    private static final int SHOWN = 40;
    private static final String RESTARTED = "after a restart";
    private static final String EMPTIED = "after a restart with an empty cache";

    @RegisterExtension
    final Isles isles = new Isles();

    private final VolumeKind kind;
    private final Account account;
    private int runs;

    RandomModelTest(VolumeKind kind, Account account) {
        this.kind = kind;
        this.account = account;
    }

    private static List<Long> seeds() {
        Long chosen = Long.getLong("isle.model.seed");
        if (chosen != null) {
            return List.of(chosen);
        }
        List<Long> seeds = new ArrayList<>(KEPT);
        new Random().longs(NEW_SEEDS, 0, 1L << 40).forEach(seeds::add);
        return seeds;
    }

    /** Steps, and the two folders in which they are carried out. */
    private record Trial(IsleProfile isle, Path script, Path mounted, Path model, List<String> steps) {

        Optional<String> carryOut() {
            return RandomModelTest.carryOut(script, mounted, model, isle.account(), steps);
        }

        Optional<String> compare(String when) {
            return RandomModelTest.compare(when, script, mounted, model, isle.account());
        }

        void remove() {
            isle.shell("chmod -R u+rwX '" + mounted + "' && rm -rf '" + mounted + "'")
                    .run()
                    .ok();
            Folders.delete(model);
        }
    }

    /** All seeds in one mount, each in folders of its own: a daemon that starts takes longer than most of them. */
    @Test
    void theMountDoesWhatAPlainFolderDoes() {
        IsleProfile isle = isles.plan().of(account).make().start();
        Path scripts = Folders.temporary("isle-model");
        try {
            Map<Long, Trial> trials = new LinkedHashMap<>();
            for (long seed : seeds()) {
                Trial trial = begin(isle, scripts, new Steps(seed, true).make(STEPS));
                trials.put(seed, trial);
                trial.carryOut().ifPresent(wrong -> shrinkAndFail(seed, trial, scripts, wrong));
            }
            isle.restart();
            trials.forEach((seed, trial) ->
                    trial.compare(RESTARTED).ifPresent(wrong -> shrinkAndFail(seed, trial, scripts, wrong)));
            isle.restartWithoutCache();
            trials.forEach((seed, trial) ->
                    trial.compare(EMPTIED).ifPresent(wrong -> shrinkAndFail(seed, trial, scripts, wrong)));
            trials.values().forEach(Trial::remove);
        } finally {
            Folders.delete(scripts);
        }
    }

    private void shrinkAndFail(long seed, Trial failed, Path scripts, String wrong) {
        IsleProfile isle = failed.isle();
        // Most failures need no restart; those are shrunk without, which is much faster.
        boolean restarts =
                !isle.isRunning() || run(isle, scripts, failed.steps(), false).isEmpty();
        List<String> shortest = Shrinker.shrink(failed.steps(), SHRINK, some -> run(isle, scripts, some, restarts)
                .isPresent());
        String still = run(isle, scripts, shortest, restarts).orElse("the shortest does not fail each time");
        throw new AssertionError("seed " + seed + " as " + account + ": " + wrong + "\n\nshrunk to " + shortest.size()
                + " steps:\n" + readable(shortest) + "\n\n" + still);
    }

    private static String readable(List<String> steps) {
        return String.join(
                "\n", steps.stream().map(Steps::readable).limit(SHOWN).toList());
    }

    /** Makes two new folders. */
    private Trial begin(IsleProfile isle, Path scripts, List<String> steps) {
        String name = "model-" + runs++;
        isle.inMount("mkdir " + kind.volume() + "/" + name).ok();
        return new Trial(
                isle,
                Scripts.copy("ops.py", scripts),
                isle.mountPoint().resolve(kind.volume()).resolve(name),
                Folders.make(scripts, name, isle.account()),
                steps);
    }

    /** Carries the steps out in two new folders; says what was different. */
    private Optional<String> run(IsleProfile isle, Path scripts, List<String> steps, boolean restarts) {
        if (!isle.isRunning()) {
            isle.start();
        }
        Trial trial = begin(isle, scripts, steps);
        try {
            Optional<String> wrong = trial.carryOut();
            if (wrong.isPresent() || !restarts) {
                return wrong;
            }
            isle.restart();
            wrong = trial.compare(RESTARTED);
            if (wrong.isPresent()) {
                return wrong;
            }
            isle.restartWithoutCache();
            return trial.compare(EMPTIED);
        } finally {
            trial.remove();
        }
    }

    private static Optional<String> carryOut(
            Path script, Path mounted, Path model, Account account, List<String> steps) {
        try (Tree isle = new Tree(script, mounted, account);
                Tree plain = new Tree(script, model, account)) {
            for (int i = 0; i < steps.size(); i++) {
                String step = steps.get(i);
                String expected = plain.apply(step);
                String actual = isle.apply(step);
                if (!expected.equals(actual)) {
                    return Optional.of("step " + i + ", " + Steps.readable(step) + ": isle answers '" + actual
                            + "', a plain folder '" + expected + "'");
                }
                if (i % COMPARE_EVERY == COMPARE_EVERY - 1 || i == steps.size() - 1) {
                    Optional<String> wrong = compare("after step " + i, isle, plain);
                    if (wrong.isPresent()) {
                        return wrong;
                    }
                }
            }
            return Optional.empty();
        }
    }

    private static Optional<String> compare(String when, Path script, Path mounted, Path model, Account account) {
        try (Tree isle = new Tree(script, mounted, account);
                Tree plain = new Tree(script, model, account)) {
            return compare(when, isle, plain);
        }
    }

    private static Optional<String> compare(String when, Tree isle, Tree plain) {
        List<String> actual = isle.contents();
        List<String> expected = plain.contents();
        if (actual.equals(expected)) {
            return Optional.empty();
        }
        List<String> more = new ArrayList<>(actual);
        more.removeAll(expected);
        List<String> less = new ArrayList<>(expected);
        less.removeAll(actual);
        return Optional.of(
                when + " the folders differ\nisle:\n" + readable(spaced(more)) + "\nplain:\n" + readable(spaced(less)));
    }

    private static List<String> spaced(List<String> lines) {
        return lines.stream().map(line -> line.replace(' ', '\t')).toList();
    }

    @Test
    void aFailureIsShrunkToTheStepsThatMatter() {
        List<String> steps = new Steps(7, false).make(300);
        String first = steps.get(20);
        String second = steps.get(250);
        List<String> shortest =
                Shrinker.shrink(steps, Duration.ofMinutes(1), some -> some.contains(first) && some.contains(second));
        assertEquals(List.of(first, second), shortest);
    }
}
