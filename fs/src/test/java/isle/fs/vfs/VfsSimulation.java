package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The whole VFS on one thread: a seed decides when the committer works, whether the store is away then, when the index
 * follows, what a user does while a request is under way, before or after which request the process is killed, and what
 * a power cut leaves of what was not forced. A seed that fails fails always.
 */
final class VfsSimulation {
    private static final int STEPS = Integer.getInteger("isle.simulation.steps", 120);

    private static final int MOST_SHOWN = 200;

    /** A volume for a seed. */
    interface Kind {
        RigVolume of(long seed, ObjectStore store) throws FsException;
    }

    /** A history that a seed decides. */
    interface History {
        void go(long seed) throws Exception;
    }

    /** Plays some seeds. */
    static void play(long first, int count, Path folder, Kind kind) throws Exception {
        playEach(first, count, seed -> new VfsSimulation(seed, folder, kind).go());
    }

    /** Plays some seeds; those that fail are told all together. */
    static void playEach(long first, int count, History history) throws Exception {
        StringBuilder failures = new StringBuilder();
        AssertionError cause = null;
        for (long seed = first; seed < first + count; seed++) {
            try {
                history.go(seed);
            } catch (AssertionError e) {
                failures.append("\n").append(seed).append(": ").append(reason(e));
                cause = cause == null ? e : cause;
            }
        }
        if (cause != null) {
            throw new AssertionError("failing seeds" + failures + "\nthe first:", cause);
        }
    }

    private static String reason(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = String.valueOf(deepest.getMessage()).replace('\n', ' ');
        return message.substring(0, Math.min(MOST_SHOWN, message.length()));
    }

    private final long seed;
    private final Random random;
    private final SimulatedClock clock = new SimulatedClock();
    private final MemoryObjectStore store;
    private final VfsRig rig;
    private final VfsModel model;
    private boolean committing;
    private boolean nested;
    private boolean killed;
    private boolean withoutPower;
    private @Nullable AssertionError wrongMeanwhile;

    VfsSimulation(long seed, Path folder, Kind kind) throws FsException, IOException {
        this.seed = seed;
        this.random = new Random(seed);
        this.store = new MemoryObjectStore(clock.wall(), new Random(seed));
        Path state = Files.createDirectories(folder.resolve("s" + seed)).resolve("state");
        this.rig = VfsRig.stepped(state, store, clock, this::meanwhile, kind.of(seed, store));
        this.model = new VfsModel(rig, random);
    }

    void go() {
        try (rig) {
            for (int i = 0; i < STEPS; i++) {
                model.step();
                work();
                if (random.nextInt(25) == 0) {
                    disturb(random.nextInt(7));
                }
            }
            model.end(store);
            assertEquals(List.of(), rig.conflicts);
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + " after " + model.past, e);
        }
    }

    private void work() throws FsException {
        if (random.nextInt(3) == 0) {
            model.past.add("(index)");
            rig.stepIndex(random.nextInt(4));
        }
        if (random.nextInt(4) == 0) {
            boolean late = random.nextInt(8) == 0;
            clock.advanceMillis(late ? 6_000 : 150);
            model.past.add(late ? "(later commit" : "(commit");
            if (late) {
                // What close acknowledged is safe within a second.
                model.dueNow();
            }
            boolean away = random.nextInt(8) == 0;
            if (away) {
                model.past.add("with the store away");
            }
            committing = !away;
            rig.connection.away(away);
            try {
                rig.round();
            } finally {
                committing = false;
                rig.connection.away(false);
            }
            if (wrongMeanwhile != null) {
                throw wrongMeanwhile;
            }
            model.past.add(")");
            model.dueIsForced();
            recoverIfKilled();
        }
    }

    /** Called before and after each request that changes the store. */
    private void meanwhile() throws FsException {
        if (!committing || nested || killed) {
            return;
        }
        if (random.nextInt(6) == 0 && rig.connection.arrive(random)) {
            model.past.add("what was given up arrives");
        }
        int what = random.nextInt(60);
        if (what < 5) {
            nested = true;
            try {
                model.step();
            } catch (AssertionError e) {
                // The committer takes it for a failed request.
                wrongMeanwhile = e;
                throw e;
            } finally {
                nested = false;
            }
        } else if (what == 7) {
            // Before the request: it does not arrive; after it: its answer is lost.
            model.past.add("no answer");
            throw new FsException.Unavailable("no answer");
        } else if (what > 7 && what < 11) {
            model.past.add("given up");
            rig.connection.delay();
            throw new FsException.Unavailable("given up");
        } else if (what <= 6) {
            killed = true;
            withoutPower = what == 6;
            model.past.add(withoutPower ? "power cut" : "killed");
            end();
            if (random.nextBoolean()) {
                // What it was about to send has left the host.
                rig.connection.delay();
            }
            throw new FsException.Unavailable("killed");
        }
    }

    private void end() throws FsException {
        model.noteForces();
        if (withoutPower) {
            rig.cutPower(random.nextLong());
        } else {
            rig.kill();
        }
    }

    private void recoverIfKilled() throws FsException {
        if (killed) {
            killed = false;
            recover();
        }
    }

    private void recover() throws FsException {
        model.forgetHandles();
        rig.recover();
        if (withoutPower) {
            model.compareAfterPowerCut();
        } else {
            model.compare();
        }
    }

    private void disturb(int what) throws FsException {
        model.past.add("disturbance " + what);
        switch (what) {
            case 0 -> rig.await();
            case 1, 5, 6 -> {
                withoutPower = what > 1;
                end();
                recover();
            }
            case 2 -> {
                model.forgetHandles();
                rig.restart();
            }
            case 3 -> {
                model.forgetHandles();
                rig.loseIndex();
                rig.await();
                rig.refreshAll();
            }
            case 4 -> rig.refreshAll();
            default -> {}
        }
        model.compare();
    }
}
