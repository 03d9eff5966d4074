package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Several hosts of one user on one store, each a whole VFS, all on one thread. A seed decides what each does, when its
 * committer works, how far another comes between two requests, when the way to the store is cut and for how long, which
 * answers are lost and which requests arrive late, who is killed and what a power cut leaves. In the end all show the
 * same, and every content that was acknowledged is shown, unless somebody replaced or removed it who had been shown it.
 */
final class HostsSimulation {
    private static final int STEPS = Integer.getInteger("isle.simulation.steps", 100);
    private static final int TURNS = 15;
    private static final int LARGE = 70_000;

    private final long seed;
    private final Random random;
    private final MemoryObjectStore store;
    private final VaultRigVolume vault;
    private final List<SimulatedHost> hosts = new ArrayList<>();
    private final Owed owed = new Owed();
    private final List<String> past = new ArrayList<>() {
        @Override
        public boolean add(String what) {
            if (Boolean.getBoolean("isle.model.trace")) {
                System.out.println(what);
            }
            return super.add(what);
        }
    };
    private int depth;
    private @Nullable AssertionError wrongMeanwhile;

    HostsSimulation(long seed, Path folder) throws FsException, IOException {
        this.seed = seed;
        this.random = new Random(seed);
        SimulatedClock first = new SimulatedClock();
        this.store = new MemoryObjectStore(first.wall(), new Random(seed));
        this.vault = new VaultRigVolume(seed, folder, store);
        int count = 2 + random.nextInt(2);
        for (int i = 0; i < count; i++) {
            String name = String.valueOf((char) ('A' + i));
            SimulatedClock clock = new SimulatedClock();
            // Nobody's clock is right.
            clock.set(Duration.ofSeconds(random.nextInt(7200) - 3600));
            Path state =
                    Files.createDirectories(folder.resolve("s" + seed + name)).resolve("state");
            int number = i;
            VfsRig rig = VfsRig.stepped(
                    state, store, clock, () -> meanwhile(hosts.get(number)), vault.onHost(name, seed * 10 + i));
            hosts.add(new SimulatedHost(name, rig, clock));
        }
    }

    void go() {
        try {
            for (int i = 0; i < STEPS; i++) {
                SimulatedHost host = any();
                act(host);
                if (random.nextInt(3) == 0) {
                    work(any());
                }
                if (random.nextInt(12) == 0) {
                    disturb(any(), random.nextInt(7));
                }
            }
            settle();
            NavigableMap<String, String> shown = requireEqual();
            List<String> missing = owed.missing(shown.values());
            assertEquals(List.of(), missing, () -> "of " + shown);
            new HostsInTurn(hosts, random, past).play(TURNS, this::settleOf);
            for (SimulatedHost each : hosts) {
                each.close();
            }
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + " after " + past, e);
        }
    }

    private SimulatedHost any() {
        return hosts.get(random.nextInt(hosts.size()));
    }

    // ---- what people do

    private interface Action {
        void run() throws FsException;
    }

    /** Does something on a host; what the host refuses has not happened. */
    private boolean act(SimulatedHost host, String what, Action action) {
        try {
            action.run();
            past.add(host + ": " + what);
            return true;
        } catch (FsException.Corrupt | FsException.Failed | FsException.BadHandle e) {
            if (host.killed) {
                return false;
            }
            throw new AssertionError(host + ": " + what, e);
        } catch (FsException e) {
            past.add(host + ": " + what + " refused, " + e.getClass().getSimpleName());
            return false;
        }
    }

    private void act(SimulatedHost host) throws FsException {
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> put(host, newPath(host));
            case 3 -> put(host, any(host, false));
            case 4 -> {
                String path = newPath(host);
                act(host, "mkdir " + path, () -> host.rig.mkdir(path));
            }
            case 5 -> unlink(host, any(host, false));
            case 6 -> {
                String path = anyBelow(host, true);
                act(host, "rmdir " + path, () -> host.rig.rmdir(path));
            }
            case 7 -> {
                String path = any(host, false);
                act(host, "hold " + path, () -> host.hold(path));
            }
            case 8 -> writeHeld(host);
            case 9 -> exchange(host, any(host, random.nextInt(4) == 0), any(host, random.nextInt(4) == 0));
            case 10 -> {
                String path = anyBelow(host, random.nextInt(4) == 0);
                int mode = random.nextInt(0100) | 0700;
                act(
                        host,
                        "chmod " + path,
                        () -> host.rig.vfs.setattr(
                                host.rig.number(path), FileSystem.AttributeChange.chmod(mode), VfsRig.ME));
            }
            default -> {
                String from = any(host, random.nextInt(2) == 0);
                rename(host, from, random.nextBoolean() ? newPath(host) : any(host, random.nextInt(3) == 0));
            }
        }
    }

    private String any(SimulatedHost host, boolean directory) {
        List<String> paths = host.paths(directory);
        return paths.isEmpty() ? "none" : paths.get(random.nextInt(paths.size()));
    }

    private String anyBelow(SimulatedHost host, boolean directory) {
        String path = any(host, directory);
        return path.isEmpty() ? "none" : path;
    }

    private String newPath(SimulatedHost host) {
        String parent = any(host, true);
        return (parent.isEmpty() ? "" : parent + "/") + "n" + random.nextInt(5);
    }

    private void put(SimulatedHost host, String path) throws FsException {
        String there = host.shown(path);
        String mark = owed.draw(host.name);
        byte[] bytes = mark.getBytes(StandardCharsets.UTF_8);
        byte[] content = random.nextInt(8) == 0 && host.hasRoom() ? Arrays.copyOf(bytes, LARGE) : bytes;
        if (act(host, "put " + path + " " + mark, () -> host.rig.put(path, content))) {
            owed.removed(there);
            owed.wrote(host.name, mark);
        }
    }

    private void unlink(SimulatedHost host, String path) throws FsException {
        String there = host.shown(path);
        if (act(host, "unlink " + path + " of " + there, () -> host.rig.unlink(path))) {
            owed.removed(there);
        }
    }

    private boolean rename(SimulatedHost host, String from, String to) throws FsException {
        if (from.isEmpty() || to.isEmpty() || from.equals(to)) {
            return false;
        }
        String there = host.shown(to);
        boolean done = act(host, "rename " + from + " to " + to + over(there), () -> host.rig.rename(from, to));
        if (done) {
            owed.removed(there);
        }
        return done;
    }

    private static String over(@Nullable String there) {
        return there == null ? "" : " over " + there;
    }

    private void exchange(SimulatedHost host, String one, String other) throws FsException {
        if (rename(host, one, "aside") && rename(host, other, one)) {
            rename(host, "aside", other);
        }
    }

    private void writeHeld(SimulatedHost host) throws FsException {
        if (host.held.isEmpty()) {
            return;
        }
        SimulatedHost.Held one = host.held.get(random.nextInt(host.held.size()));
        String there;
        try {
            there = host.shown(one);
        } catch (FsException.Stale e) {
            past.add(host + ": held is stale");
            return;
        }
        String mark = owed.draw(host.name);
        boolean named = host.hasName(one);
        if (act(host, "write held " + mark + over(there) + (named ? "" : ", nameless"), () -> host.write(one, mark))
                && named) {
            owed.removed(there);
            owed.wrote(host.name, mark);
        }
    }

    // ---- what happens around them

    private void work(SimulatedHost host) throws FsException {
        host.clock.advanceMillis(random.nextInt(8) == 0 ? 6_000 : 150);
        past.add("(" + host + " commits" + (host.away ? " without the store" : ""));
        host.committing = true;
        try {
            host.rig.round();
        } finally {
            host.committing = false;
        }
        if (wrongMeanwhile != null) {
            throw wrongMeanwhile;
        }
        past.add(")");
        recoverIfKilled(host);
        if (host.isStored()) {
            owed.allStored(host.name);
        }
    }

    /** Called before and after each request of a host that changes the store. */
    private void meanwhile(SimulatedHost host) throws FsException {
        if (!host.committing || host.killed || wrongMeanwhile != null) {
            return;
        }
        if (random.nextInt(6) == 0 && host.rig.connection.arrive(random)) {
            past.add(host + ": what was given up arrives");
        }
        int what = random.nextInt(60);
        if (what < 8 && depth < 2 && !host.acting) {
            depth++;
            try {
                inBetween(host, what);
            } catch (AssertionError e) {
                // The committer takes it for a failed request.
                wrongMeanwhile = e;
                throw e;
            } finally {
                depth--;
            }
        } else if (what == 8) {
            // Before the request: it does not arrive; after it: its answer is lost.
            past.add(host + ": no answer");
            throw new FsException.Unavailable("no answer");
        } else if (what > 8 && what < 12) {
            past.add(host + ": given up");
            host.rig.connection.delay();
            throw new FsException.Unavailable("given up");
        } else if (what == 12) {
            end(host, random.nextBoolean());
            if (random.nextBoolean()) {
                // What it was about to send has left the host.
                host.rig.connection.delay();
            }
            throw new FsException.Unavailable("killed");
        }
    }

    private void inBetween(SimulatedHost host, int what) throws FsException {
        SimulatedHost other = any();
        if (what < 3) {
            host.acting = true;
            try {
                act(host);
            } finally {
                host.acting = false;
            }
        } else if (other != host && !other.committing) {
            if (what < 6) {
                work(other);
            } else {
                disturb(other, 0);
            }
        }
    }

    private void end(SimulatedHost host, boolean withoutPower) throws FsException {
        host.killed = true;
        host.withoutPower = withoutPower;
        past.add(host + (withoutPower ? ": power cut" : ": killed"));
        if (withoutPower) {
            host.rig.cutPower(random.nextLong());
        } else {
            host.rig.kill();
        }
    }

    private void recoverIfKilled(SimulatedHost host) throws FsException {
        if (!host.killed) {
            return;
        }
        host.killed = false;
        host.held.clear();
        host.rig.recover();
        host.away = false;
        if (host.withoutPower) {
            List<String> marks = new ArrayList<>();
            for (String each : host.paths(false)) {
                marks.add(String.valueOf(host.shown(each)));
            }
            owed.lostPower(host.name, marks);
        }
    }

    private void disturb(SimulatedHost host, int what) throws FsException {
        switch (what) {
            case 0, 1 -> {
                past.add(host + ": refresh");
                act(host, "refresh", host.rig::refreshAll);
            }
            case 2 -> {
                end(host, random.nextBoolean());
                recoverIfKilled(host);
            }
            case 3 -> {
                past.add(host + ": restart");
                host.held.clear();
                host.rig.restart();
                host.away = false;
            }
            case 4 -> {
                if (!host.isStored()) {
                    // What it has changed of a version that others replaced and compacted is then lost with it.
                    return;
                }
                past.add(host + ": loses its mirror");
                host.held.clear();
                host.rig.loseIndex();
                host.away = false;
            }
            default -> {
                host.away = !host.away;
                past.add(host + (host.away ? ": goes away" : ": comes back"));
                host.rig.connection.away(host.away);
            }
        }
    }

    // ---- what is compared

    /** Everything is stored, and all have seen it. */
    private void settle() throws FsException {
        past.add("the end");
        for (SimulatedHost each : hosts) {
            each.away = false;
            each.rig.connection.away(false);
            each.releaseAll();
        }
        for (SimulatedHost each : hosts) {
            settleOf(each);
        }
        // Who could not look once more after a commit does so now, and may have something to say.
        refreshAll();
        refreshAll();
    }

    private void settleOf(SimulatedHost host) throws FsException {
        host.rig.await();
        host.rig.connection.arriveAll();
    }

    private void refreshAll() throws FsException {
        for (SimulatedHost each : hosts) {
            refresh(each);
        }
    }

    static void refresh(SimulatedHost host) throws FsException {
        // What is new is looked into, and has moved what was known before.
        NavigableMap<String, String> before = null;
        for (NavigableMap<String, String> now = host.look(); !now.equals(before); now = host.look()) {
            before = now;
            host.rig.refreshAll();
        }
    }

    private NavigableMap<String, String> requireEqual() throws FsException {
        NavigableMap<String, byte[]> stored = vault.stored(store);
        NavigableMap<String, String> first = hosts.get(0).look();
        for (SimulatedHost each : hosts) {
            NavigableMap<String, String> shown = each.look();
            assertEquals(
                    String.join("\n", stored.keySet()),
                    String.join("\n", shown.keySet()),
                    () -> each + "\n" + SimulatedHost.dump(each));
            assertEquals(text(first), text(shown), () -> "A and " + each);
        }
        return first;
    }

    private static String text(NavigableMap<String, String> tree) {
        StringBuilder text = new StringBuilder();
        tree.forEach((path, content) ->
                text.append(path).append(" = ").append(content).append('\n'));
        return text.toString();
    }
}
