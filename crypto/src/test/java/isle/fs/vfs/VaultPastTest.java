package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.access.OpenVault;
import isle.crypto.seal.Id;
import isle.crypto.vault.Problem;
import isle.crypto.vault.Retention;
import isle.crypto.vault.Tiers;
import isle.crypto.vault.VaultCare;
import isle.crypto.vault.VersionInfo;
import isle.crypto.vault.VersionInfo.Happened;
import isle.fs.journal.QuietLog;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.Volume.Entry;
import isle.fs.store.FastTempDir;
import isle.fs.store.MemoryObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The last sentences of R13: what compactions drop is kept, by a host that compacts whatever it can. */
@ExtendWith(QuietLog.class)
class VaultPastTest {

    private static final Tiers EAGER = new Tiers(3, 6, Duration.ZERO, 2);
    private static final String PAST = "p/";

    @TempDir(factory = FastTempDir.class)
    Path folder;

    private final SimulatedClock clock = new SimulatedClock();

    /** By which the store's clock is wrong. */
    private Duration ahead = Duration.ZERO;

    private final MemoryObjectStore memory =
            new MemoryObjectStore(() -> clock.wall().instant().plus(ahead), new Random(1));
    private final List<VaultHost> hosts = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();
    private ObjectStore watched;
    private OpenVault vault;
    private int saved;

    @BeforeEach
    void found() throws Exception {
        vault = VaultHost.found(memory, folder.resolve("keys"), new SeededRandom(1));
        watched = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("list") || method.getName().equals("get")) {
                        asked.add(arguments[0].toString());
                    }
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @AfterEach
    void close() {
        hosts.forEach(VaultHost::close);
    }

    private VaultHost host(Retention retention) throws FsException {
        int number = hosts.size();
        VaultHost host = new VaultHost(
                vault,
                new UnclosedStore(watched, () -> {}),
                folder.resolve("h" + number),
                "h" + number,
                clock.wall(),
                new SeededRandom(10 + number),
                EAGER.keeping(retention));
        hosts.add(host);
        return host;
    }

    /** Versions of "f", one an hour. */
    private void save(VaultHost host, int count) throws FsException {
        for (int i = 0; i < count; i++) {
            save(host, "f", "version " + saved++);
            clock.advanceMillis(Duration.ofHours(1).toMillis());
        }
    }

    private static void save(VaultHost host, String name, String text) throws FsException {
        Entry there = host.list("").get(name);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        host.publish(host.save("", name, there == null ? null : VaultHost.source(there), bytes));
    }

    private void days(int count) {
        clock.advanceMillis(Duration.ofDays(count).toMillis());
    }

    private List<String> past() throws FsException {
        return memory.list(PAST, false, "", ObjectStore.MAX_PAGE).objects().stream()
                .map(ObjectSummary::key)
                .map(ObjectKey::value)
                .toList();
    }

    /** The contents that a name ever had, as far as they are known, the latest first. */
    private List<String> contents(VaultHost host, String name) throws FsException {
        VaultCare care = host.volume.care();
        List<String> contents = new ArrayList<>();
        for (VersionInfo each : care.history(care.directories(List.of()), name)) {
            if (each.what() == Happened.MADE || each.what() == Happened.WRITTEN) {
                ByteBuffer into = ByteBuffer.allocate(
                        (int) each.attributes().orElseThrow().size());
                care.read(each, 0, into);
                contents.add(new String(into.array(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    private static List<String> versions(int from, int to) {
        return IntStream.iterate(to - 1, i -> i >= from, i -> i - 1)
                .mapToObj(i -> "version " + i)
                .toList();
    }

    @Test
    void aHostThatKnowsNothingFindsAndReadsEveryVersion() throws FsException {
        VaultHost host = host(Retention.USUAL);
        save(host, 20);
        save(host, "gone", "once");
        host.publish(host.unname("", host.entry("", "gone"), false));
        host.publish(host.makeDirectory("", "d"));
        save(host, 9);
        VaultHost cold = host(Retention.USUAL);
        assertEquals(versions(0, 29), contents(cold, "f"));
        assertEquals(List.of("once"), contents(cold, "gone"));
        assertTrue(past().size() > 0);
        VaultCare.Usage usage = cold.volume.care().usage();
        assertEquals(past().size(), usage.historyPacks());
        assertTrue(usage.historyPackBytes() >= 256 * usage.historyPacks());
        assertEquals("version 28".length(), usage.liveBytes());
        assertEquals(
                "once".length()
                        + versions(0, 28).stream().mapToInt(String::length).sum(),
                usage.historyBytes());
        assertEquals(0, usage.orphans(), "what only history names is named");
        VaultCare.Report report = cold.volume.care().examine(false, what -> {});
        assertEquals(List.of(), report.alarms());
        assertEquals(0, report.earlier());
        assertEquals(0, report.orphans());
    }

    /** A directory that went, with what had been in it. */
    @Test
    void whatWasInADirectoryThatWentIsFound() throws FsException {
        VaultHost host = host(Retention.USUAL);
        host.publish(host.makeDirectory("", "d"));
        Entry directory = host.entry("", "d");
        for (int i = 0; i < 5; i++) {
            Entry there = host.list(directory.ref()).get("x");
            byte[] bytes = {(byte) i};
            host.publish(host.save(directory.ref(), "x", there == null ? null : VaultHost.source(there), bytes));
        }
        host.publish(host.unname(directory.ref(), host.entry(directory.ref(), "x"), false));
        host.publish(host.unname("", directory, false));
        save(host, 12);
        VaultHost cold = host(Retention.USUAL);
        VaultCare care = cold.volume.care();
        List<Id> group = care.directories(List.of("d"));
        assertEquals(1, group.size());
        long written = care.history(group, "x").stream()
                .filter(each -> each.what() == Happened.MADE || each.what() == Happened.WRITTEN)
                .count();
        assertEquals(5, written);
    }

    @Test
    void nobodyIsAskedForItWhoOnlyLooksAtAFolder() throws FsException {
        VaultHost host = host(Retention.USUAL);
        save(host, 20);
        asked.clear();
        VaultHost cold = host(Retention.USUAL);
        assertEquals("version 19", new String(cold.read(cold.entry("", "f")), StandardCharsets.UTF_8));
        assertFalse(asked.isEmpty());
        assertEquals(
                List.of(), asked.stream().filter(each -> each.contains(PAST)).toList());
    }

    @Test
    void manyBecomeOne() throws FsException {
        VaultHost host = host(Retention.USUAL);
        int most = 0;
        for (int i = 0; i < 300; i++) {
            save(host, "f", "version " + saved++);
            clock.advanceMillis(1000);
            most = Math.max(most, past().size());
        }
        assertTrue(most <= 15, most + " history packs");
        assertEquals(versions(0, 300), contents(host(Retention.USUAL), "f"));
    }

    /** By age since they were replaced: one that was there for long and was replaced just now is young. */
    @Test
    void whatIsPastItsTimeGoes() throws FsException {
        VaultHost host = host(Retention.ofDays(30));
        save(host, 40);
        days(60);
        save(host, 40);
        List<String> kept = contents(host(Retention.USUAL), "f");
        assertTrue(kept.containsAll(versions(39, 80)), kept.toString());
        assertTrue(kept.size() < 60, kept.toString());
        days(60);
        save(host, 40);
        kept = contents(host(Retention.USUAL), "f");
        assertTrue(kept.containsAll(versions(79, 120)), kept.toString());
        assertTrue(kept.size() < 60, kept.toString());
    }

    /** What was written under it has times of the future for ever. */
    @Test
    void aStoreWhoseClockIsAheadLetsNothingGo() throws FsException {
        VaultHost host = host(Retention.ofDays(30));
        save(host, 40);
        ahead = Duration.ofDays(91);
        save(host, 40);
        ahead = Duration.ZERO;
        save(host, 40);
        assertEquals(versions(0, 120), contents(host(Retention.USUAL), "f"));
    }

    @Test
    void soManyVersionsStay() throws FsException {
        VaultHost host = host(Retention.ofVersions(5));
        save(host, 60);
        assertEquals(versions(0, 60), contents(host(Retention.USUAL), "f"), "other hosts may build on them yet");
        days(400);
        save(host, 200);
        List<String> kept = contents(host(Retention.USUAL), "f");
        assertTrue(kept.containsAll(versions(59, 260)), kept.toString());
        List<String> old = new ArrayList<>(kept);
        old.retainAll(versions(0, 59));
        assertTrue(old.size() <= 15, old.toString());
        days(30);
        save(host, 3);
    }

    @Test
    void withNoneItStaysAsLongAsOtherHostsMayNeedIt() throws FsException {
        VaultHost host = host(Retention.NONE);
        save(host, 40);
        assertEquals(versions(0, 40), contents(host(Retention.USUAL), "f"));
        days(15);
        save(host, 40);
        List<String> kept = contents(host(Retention.USUAL), "f");
        assertTrue(kept.containsAll(versions(40, 80)), kept.toString());
        assertTrue(kept.size() < 60, kept.toString());
    }

    @Test
    void oneThatIsDamagedIsToldAndHarmsNothingElse() throws FsException {
        VaultHost host = host(Retention.USUAL);
        save(host, 26);
        assertTrue(past().size() > 1, past().toString());
        for (String key : past()) {
            byte[] good = get(key);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 4;
            put(key, bad);
            VaultHost cold = host(Retention.USUAL);
            assertEquals("version 25", new String(cold.read(cold.entry("", "f")), StandardCharsets.UTF_8));
            assertEquals(List.of(), cold.volume.problems(), "nobody has asked");
            List<String> rest = contents(cold, "f");
            assertTrue(rest.size() < 26 && versions(0, 26).containsAll(rest), rest.toString());
            assertTrue(rest.contains("version 25"));
            assertEquals(
                    List.of(Problem.Kind.HISTORY),
                    cold.volume.problems().stream().map(Problem::kind).toList());
            assertEquals(
                    1, cold.volume.care().examine(false, what -> {}).alarms().size());
            put(key, good);
            cold.volume.care().look();
            assertEquals(List.of(), cold.volume.problems());
            assertEquals(versions(0, 26), contents(cold, "f"));
        }
    }

    @Test
    void compactionsGoOnBesideOneThatIsDamaged() throws FsException {
        VaultHost host = host(Retention.USUAL);
        save(host, 9);
        String key = past().get(0);
        byte[] bad = get(key);
        bad[bad.length / 2] ^= 4;
        put(key, bad);
        save(host, 90);
        assertTrue(past().contains(key));
        assertTrue(past().size() <= 15, past().toString());
        assertEquals(
                List.of(Problem.Kind.HISTORY),
                host.volume.problems().stream().map(Problem::kind).toList());
        List<String> kept = contents(host(Retention.USUAL), "f");
        assertTrue(kept.containsAll(versions(9, 99)), kept.toString());
    }

    private byte[] get(String key) throws FsException {
        ObjectKey object = new ObjectKey(key);
        ByteBuffer bytes =
                ByteBuffer.allocate((int) memory.head(object).summary().size());
        memory.get(object, 0, bytes, null);
        return bytes.array();
    }

    private void put(String key, byte[] bytes) throws FsException {
        memory.put(new ObjectKey(key), Body.of(bytes), ObjectMetadata.NONE);
    }
}
