package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.access.OpenVault;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.v1.HistoryKey;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.v1.VaultReader;
import isle.crypto.vault.Collecting;
import isle.crypto.vault.Retention;
import isle.crypto.vault.Tiers;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume.Change;
import isle.fs.spi.Volume.Entry;
import isle.fs.store.MemoryObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hosts that write to one vault, and compact it, over one store. A seed decides what they do, what the others do while a
 * request is under way, which requests fail, get lost or arrive late, and when a process ends. Beside the store there is a
 * second one that has every commit that ever arrived, and knows no compaction: whatever happens, both show the same.
 */
final class CompactionHistory {
    private static final int STEPS = Integer.getInteger("isle.simulation.steps", 60);
    private static final int FILES = 5;
    private static final int MOST_LEFT = 40;
    private static final int LARGE = 100_000;
    private static final List<Duration> GRACES = List.of(Duration.ZERO, Duration.ofSeconds(20), Duration.ofMinutes(10));

    private final Random random;
    private final long seed;
    private final SimulatedClock time = new SimulatedClock();
    private final InstantSource clock = time.wall();
    private final MemoryObjectStore memory;
    private final MemoryObjectStore commits;
    private final ObjectStore real;
    private final OpenVault vault;
    private final @Nullable Collecting collecting;
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> past = new ArrayList<>();
    private int depth;
    private boolean calm;
    private @Nullable AssertionError wrong;
    private int lives;

    /** Taken away from {@code d/} since the beginning: that something was compacted. */
    int takenAway;

    /** Taken away from {@code b/}. */
    int collected;

    private record Begun(String directory, Entry file, ByteBuffer bytes) {}

    /** A host: its lives come one after the other. */
    private final class Node {
        private final String name;
        private final OpenVault own;
        private final Path folder;
        private UnclosedStore connection;
        private VaultHost host;
        private boolean killed;
        private boolean busy;

        /** What somebody has begun to change. */
        private @Nullable Begun begun;

        Node(String name, OpenVault own, Path folder) throws FsException {
            this.name = name;
            this.own = own;
            this.folder = folder;
            this.connection = new UnclosedStore(real, () -> meanwhile(this));
            this.host = begin();
        }

        private VaultHost begin() throws FsException {
            Tiers tiers = new Tiers(
                    2 + random.nextInt(3),
                    5 + random.nextInt(4),
                    GRACES.get(random.nextInt(GRACES.size())),
                    1 + random.nextInt(4));
            if (collecting != null) {
                tiers = tiers.keeping(Retention.NONE).collecting(collecting);
            }
            return new VaultHost(own, connection, folder, name, clock, new SeededRandom(seed * 1000 + lives++), tiers);
        }

        void again() throws FsException {
            host.close();
            connection = new UnclosedStore(real, () -> meanwhile(this), connection);
            host = begin();
            killed = false;
        }
    }

    CompactionHistory(long seed, Path folder) throws Exception {
        this(seed, folder, null);
    }

    /** @param collecting when content goes that nothing names; null if it never does */
    CompactionHistory(long seed, Path folder, @Nullable Collecting collecting) throws Exception {
        this.seed = seed;
        this.collecting = collecting;
        this.random = new Random(seed);
        this.memory = new MemoryObjectStore(clock, new Random(seed));
        this.commits = new MemoryObjectStore(clock, new Random(seed + 1));
        List<String> names = List.of("one", "two", "three").subList(0, 2 + random.nextInt(2));
        List<OpenVault> vaults = collecting == null
                ? Collections.nCopies(
                        names.size(), VaultHost.found(memory, folder.resolve("keys"), new SeededRandom(seed)))
                : VaultHost.found(memory, folder.resolve("keys"), new SeededRandom(seed), names.size());
        this.vault = vaults.get(0);
        this.real = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    try {
                        if (method.getName().equals("put") && isCommitted((ObjectKey) arguments[0])) {
                            method.invoke(commits, arguments);
                        }
                        if (method.getName().equals("deleteMany")) {
                            List<?> keys = (List<?>) arguments[0];
                            takenAway += keys.size();
                            collected += (int) keys.stream()
                                    .filter(key -> ((ObjectKey) key).value().startsWith("b/"))
                                    .count();
                        }
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        for (int i = 0; i < names.size(); i++) {
            nodes.add(new Node(names.get(i), vaults.get(i), folder.resolve(names.get(i))));
        }
    }

    private static boolean isCommitted(ObjectKey key) {
        return key.value().startsWith("b/") || key.value().matches("d/[0-9a-f]{32}/0.*");
    }

    void go() {
        try {
            for (int i = 0; i < STEPS; i++) {
                step(nodes.get(random.nextInt(nodes.size())));
                time.advanceMillis(random.nextInt(3000));
                if (random.nextInt(12) == 0) {
                    time.advanceMillis(
                            Duration.ofMinutes(random.nextBoolean() ? 11 : 90).toMillis());
                    past.add("(later)");
                }
                if (collecting != null && random.nextInt(10) == 0) {
                    weeks();
                }
                if (random.nextInt(6) == 0) {
                    check();
                }
            }
            end();
        } catch (Exception | AssertionError e) {
            throw new AssertionError("seed " + seed + " after " + past, e);
        } finally {
            nodes.forEach(node -> node.host.close());
        }
    }

    /** One of them may be away for all of it, with whatever it has promised. */
    private void weeks() throws FsException {
        int away = random.nextInt(2 * nodes.size());
        past.add("weeks without " + (away < nodes.size() ? nodes.get(away).name : "nobody"));
        for (Node node : nodes) {
            node.connection.arriveAll();
        }
        for (int i = 0; i < 14; i++) {
            time.advanceMillis(Duration.ofDays(3).toMillis());
            for (int at = 0; at < nodes.size(); at++) {
                if (at != away) {
                    step(nodes.get(at));
                    collect(nodes.get(at));
                }
            }
        }
        for (Node node : nodes) {
            node.connection.arriveAll();
        }
    }

    private void collect(Node node) throws FsException {
        if (node.busy || node.killed) {
            return;
        }
        depth++;
        node.busy = true;
        try {
            int before = collected;
            node.host.volume.care().collect();
            past.add(node.name + " collects " + (collected - before));
        } catch (FsException.Unavailable e) {
            past.add(node.name + " collects nothing");
        } finally {
            depth--;
            node.busy = false;
        }
        if (wrong != null) {
            throw wrong;
        }
    }

    private void step(Node node) throws FsException {
        if (depth == 0 && (node.killed || random.nextInt(25) == 0)) {
            past.add(node.name + " starts");
            node.again();
        }
        if (node.busy || node.killed) {
            return;
        }
        depth++;
        node.busy = true;
        try {
            act(node);
        } catch (FsException.Unavailable e) {
            past.add("away");
        } finally {
            depth--;
            node.busy = false;
        }
        if (wrong != null) {
            throw wrong;
        }
    }

    private void act(Node node) throws FsException {
        VaultHost host = node.host;
        List<String> directories = new ArrayList<>(List.of(""));
        for (Entry each : host.list("").values()) {
            if (each.attributes().kind() == FileKind.DIRECTORY) {
                directories.add(each.ref());
            }
        }
        String directory = directories.get(random.nextInt(directories.size()));
        NavigableMap<String, Entry> files = host.list(directory);
        files.values().removeIf(each -> each.attributes().kind() == FileKind.DIRECTORY);
        String name = "n" + random.nextInt(FILES);
        Entry there = files.get(name);
        Entry some = files.isEmpty() ? null : new ArrayList<>(files.values()).get(random.nextInt(files.size()));
        int what = random.nextInt(collecting == null ? 12 : 15);
        past.add(node.name + " " + what);
        if (what >= 12) {
            changeLate(node, directory, some);
            return;
        }
        if (what < 5 || some == null) {
            byte[] bytes = new byte[random.nextInt(collecting == null ? 15 : 3) == 0 ? LARGE : random.nextInt(40)];
            random.nextBytes(bytes);
            host.publish(host.save(directory, name, there == null ? null : VaultHost.source(there), bytes));
        } else if (what < 7) {
            host.publish(host.unname(directory, some, false));
        } else if (what < 8) {
            host.publish(host.put(directory, some.name().raw(), some, some, 0600 + random.nextInt(8)));
        } else if (what < 10) {
            rename(host, directory, some, directories.get(random.nextInt(directories.size())), name);
        } else if (what < 11 && directories.size() < 3) {
            host.publish(host.makeDirectory("", "d" + random.nextInt(2) + "."));
        } else {
            // what is promised is not in the store before it is sent
            host.volume.recognise("", List.of(), null, Duration.ZERO);
            files.values().forEach(each -> read(host, each));
        }
    }

    /** Begins a change of a file, or ends one, however long ago it was begun, and whatever became of the file since. */
    private void changeLate(Node node, String directory, @Nullable Entry some) throws FsException {
        Begun begun = node.begun;
        if (begun == null && some != null) {
            node.begun = new Begun(directory, some, ByteBuffer.wrap(node.host.read(some)));
        } else if (begun != null) {
            node.begun = null;
            Entry there = node.host.list(begun.directory()).get("late");
            node.host.publish(
                    random.nextBoolean()
                            ? node.host.put(begun.directory(), "late", there, begun.file(), 0600)
                            : node.host.saveAgain(
                                    begun.directory(),
                                    "late",
                                    there,
                                    begun.file(),
                                    begun.bytes().array()));
        }
    }

    private void rename(VaultHost host, String from, Entry file, String to, String name) throws FsException {
        Entry target = host.list(to).get(name);
        if (file.name().raw().equals(name) || (target != null && !Objects.equals(target.version(), file.version()))) {
            return;
        }
        Change put = host.put(to, name, target, file, file.attributes().permissions());
        host.publish(put, host.unname(from, file, true));
    }

    private void read(VaultHost host, Entry file) {
        try {
            host.read(file);
        } catch (FsException.Unavailable e) {
            past.add("not read");
        } catch (FsException e) {
            throw new AssertionError("a file is not readable", e);
        }
    }

    /** Called before and after each request that changes the store. */
    private void meanwhile(Node node) throws FsException {
        if (calm) {
            return;
        }
        int what = random.nextInt(40);
        if (what == 0) {
            past.add("no answer");
            throw new FsException.Unavailable("no answer");
        } else if (what == 1) {
            past.add("given up");
            node.connection.delay();
            throw new FsException.Unavailable("given up");
        } else if (what == 2) {
            past.add(node.name + " is killed");
            node.killed = true;
            node.connection.cut();
            throw new FsException.Unavailable("killed");
        } else if (what < 6 && depth < 3) {
            Node other = nodes.get(random.nextInt(nodes.size()));
            if (other != node) {
                past.add("[");
                step(other);
                past.add("]");
            }
        } else if (what < 8) {
            nodes.get(random.nextInt(nodes.size())).connection.arrive(random);
        } else if (what < 10) {
            time.advanceMillis(Duration.ofMinutes(5L * what).toMillis());
        } else if (what == 10) {
            try {
                check();
            } catch (AssertionError e) {
                wrong = e;
                throw e;
            }
        }
    }

    /** What a new host would see; and no version that ever arrived is unknown. */
    private void check() throws FsException {
        assertEquals(picture(commits), picture(memory));
        PackStore packs = vault.packs(memory);
        Set<EntryRecord> known = records(packs);
        for (HistoryKey key : packs.history().keySet()) {
            packs.read(key).forEach(each -> known.addAll(each.records()));
        }
        if (collecting != null) {
            NamedContent.check(packs, known);
            return;
        }
        Set<EntryRecord> all = records(vault.packs(commits));
        all.removeAll(known);
        assertEquals(Set.of(), all, "neither there nor history");
    }

    private static Set<EntryRecord> records(PackStore packs) throws FsException {
        Set<EntryRecord> records = new HashSet<>();
        for (PackKey key : packs.listAll().packs()) {
            records.addAll(packs.read(key).pack().records());
        }
        return records;
    }

    private NavigableMap<String, String> picture(ObjectStore store) throws FsException {
        VaultReader reader = vault.reader(store);
        reader.refresh();
        NavigableMap<String, String> shown = new TreeMap<>();
        walk(reader, reader.tree(), reader.tree().list(), "", shown);
        return shown;
    }

    private static void walk(
            VaultReader reader, Tree tree, Map<String, Shown> entries, String above, NavigableMap<String, String> to)
            throws FsException {
        for (Map.Entry<String, Shown> each : entries.entrySet()) {
            String path = above + "/" + each.getKey();
            Shown shown = each.getValue();
            if (shown.isDirectory()) {
                to.put(path, "directory");
                walk(reader, tree, tree.list(shown.directories()), path, to);
            } else {
                to.put(path, text(shown.state().attributes().permissions(), reader.content(shown)));
            }
        }
    }

    private static String text(int permissions, byte[] content) {
        return Integer.toOctalString(permissions) + " " + Arrays.hashCode(content);
    }

    private NavigableMap<String, String> picture(VaultHost host) throws FsException {
        NavigableMap<String, String> shown = new TreeMap<>();
        for (Map.Entry<String, Entry> each : host.list("").entrySet()) {
            Entry entry = each.getValue();
            if (entry.attributes().kind() != FileKind.DIRECTORY) {
                shown.put("/" + each.getKey(), text(entry.attributes().permissions(), host.read(entry)));
                continue;
            }
            shown.put("/" + each.getKey(), "directory");
            for (Entry file : host.list(entry.ref()).values()) {
                shown.put(
                        "/" + each.getKey() + "/" + file.name().raw(),
                        text(file.attributes().permissions(), host.read(file)));
            }
        }
        return shown;
    }

    private void end() throws FsException {
        calm = true;
        for (Node node : nodes) {
            node.connection.arriveAll();
            node.again();
        }
        past.add("end");
        for (int round = 0; round < 6; round++) {
            for (Node node : nodes) {
                time.advanceMillis(Duration.ofHours(2).toMillis());
                List<String> directories = new ArrayList<>(List.of(""));
                node.host.list("").values().stream()
                        .filter(each -> each.attributes().kind() == FileKind.DIRECTORY)
                        .forEach(each -> directories.add(each.ref()));
                for (String each : directories) {
                    Entry last = node.host.list(each).get("last");
                    byte[] bytes = {(byte) round};
                    node.host.publish(
                            node.host.save(each, "last", last == null ? null : VaultHost.source(last), bytes));
                }
            }
            check();
        }
        for (int round = 0; collecting != null && round < 8; round++) {
            time.advanceMillis(Duration.ofDays(3).toMillis());
            for (Node node : nodes) {
                collect(node);
            }
            check();
        }
        NavigableMap<String, String> expected = picture(memory);
        for (Node node : nodes) {
            assertEquals(expected, picture(node.host), node.name);
            assertEquals(List.of(), node.host.volume.problems(), node.name);
        }
        VaultReader reader = vault.reader(memory);
        reader.refresh();
        assertEquals(List.of(), reader.problems());
        Map<String, Integer> packs = new TreeMap<>();
        memory.list("d/", false, "", ObjectStore.MAX_PAGE)
                .objects()
                .forEach(each -> packs.merge(each.key().value().substring(0, 34), 1, Integer::sum));
        packs.forEach((directory, count) -> assertTrue(count < MOST_LEFT, directory + " has " + count + " packs"));
        int past = memory.list("p/", false, "", ObjectStore.MAX_PAGE).objects().size();
        assertTrue(past < MOST_LEFT * packs.size(), past + " history packs");
    }
}
