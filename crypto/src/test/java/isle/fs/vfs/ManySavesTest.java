package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.access.OpenVault;
import isle.crypto.vault.Tiers;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.Volume.Entry;
import isle.fs.spi.Volume.Outcome;
import isle.fs.spi.Volume.Source;
import isle.fs.store.FastTempDir;
import isle.fs.store.MemoryObjectStore;
import isle.fs.store.MeteredObjectStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * R13: a folder into which somebody saves one file after the other, a thousand times a day. {@code -Disle.saves=365000} is
 * a year of it.
 */
class ManySavesTest {
    private static final int SAVES = Integer.getInteger("isle.saves", 5000);
    private static final int FILES = Integer.getInteger("isle.saves.files", 500);
    private static final long MILLIS_BETWEEN = 86_400;
    private static final int MOST_PACKS = 64;
    private static final int MOST_REQUESTS_EACH = 4;
    private static final int MOST_REQUESTS_COLD = 70;

    @TempDir(factory = FastTempDir.class)
    Path folder;

    private final SimulatedClock time = new SimulatedClock();
    private final InstantSource clock = time.wall();
    private final MemoryObjectStore memory = new MemoryObjectStore(clock, new Random(1));
    private final MeteredObjectStore metered = new MeteredObjectStore(memory);
    private int most;
    private int mostPast;

    private void count() throws FsException {
        ListPage page = memory.list("d/", false, "", ObjectStore.MAX_PAGE);
        most = Math.max(most, page.objects().size());
        ListPage past = memory.list("p/", false, "", ObjectStore.MAX_PAGE);
        mostPast = Math.max(mostPast, past.objects().size());
    }

    private long pastBytes() throws FsException {
        return memory.list("p/", false, "", ObjectStore.MAX_PAGE).objects().stream()
                .mapToLong(ObjectSummary::size)
                .sum();
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void aFolderStaysSmallAndCheap() throws Exception {
        OpenVault vault = VaultHost.found(memory, folder.resolve("keys"), new SeededRandom(1));
        ObjectStore counted = new UnclosedStore(metered, this::count);
        Map<String, Source> sources = new HashMap<>();
        Map<String, byte[]> contents = new HashMap<>();
        Random random = new Random(2);
        VaultHost host =
                new VaultHost(vault, counted, folder.resolve("host"), "here", clock, new SeededRandom(3), Tiers.USUAL);
        try (host) {
            for (int i = 0; i < SAVES; i++) {
                String name = "file " + random.nextInt(FILES);
                byte[] bytes = ByteBuffer.allocate(200).putInt(i).array();
                Outcome outcome = host.publish(host.save("", name, sources.get(name), bytes));
                if (!(outcome instanceof Outcome.Done done)) {
                    throw new AssertionError("save " + i + ": " + outcome);
                }
                sources.put(name, done.stored().orElseThrow());
                contents.put(name, bytes);
                time.advanceMillis(MILLIS_BETWEEN);
            }
        }
        long requests = metered.snapshot().totalRequests();
        MeteredObjectStore.Snapshot before = metered.snapshot();
        VaultHost cold =
                new VaultHost(vault, metered, folder.resolve("cold"), "there", clock, new SeededRandom(4), Tiers.USUAL);
        long listing;
        try (cold) {
            Map<String, Entry> shown = cold.list("");
            listing = metered.snapshot().since(before).totalRequests();
            assertEquals(contents.keySet(), shown.keySet());
            for (Map.Entry<String, Entry> each : shown.entrySet()) {
                assertArrayEquals(contents.get(each.getKey()), cold.read(each.getValue()), each.getKey());
            }
        }
        String figures = SAVES + " saves: at most " + most + " packs, " + (double) requests / SAVES
                + " requests each, a cold listing of " + listing + " requests; history in at most " + mostPast
                + " packs, " + pastBytes() + " bytes in the end";
        System.getLogger("saves").log(System.Logger.Level.INFO, figures);
        assertTrue(most <= MOST_PACKS, figures);
        assertTrue(mostPast <= MOST_PACKS, figures);
        assertTrue(requests <= (long) SAVES * MOST_REQUESTS_EACH, figures);
        assertTrue(listing <= MOST_REQUESTS_COLD, figures);
    }
}
