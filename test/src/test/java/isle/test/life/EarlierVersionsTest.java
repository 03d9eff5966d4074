package isle.test.life;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.GarageExtension;
import isle.fs.s3.GarageServer;
import isle.fs.s3.S3ObjectStore;
import isle.fs.spi.ObjectStore;
import isle.mountd.api.JsonObject;
import isle.test.rig.Eventually;
import isle.test.rig.Folders;
import isle.test.rig.IsleProfile;
import isle.test.rig.Isles;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What files of private/ were: asked for and brought back by the commands that people use, after compactions. */
@Tag("fuse")
@Tag("garage")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class EarlierVersionsTest {

    private static final int SAVES = 30;

    /** As many packs of one size become one. */
    private static final int FAN_OUT = 8;

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String SMALL = "private/notes/diary.txt";
    private static final String LARGE = "private/plans/plan.bin";

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private IsleProfile isle;
    private S3ObjectStore store;

    /** Packs that compactions have taken in. */
    private final List<String> covered = new ArrayList<>();

    /** How many there were, by folder. */
    private final Map<String, Integer> compactions = new TreeMap<>();

    @BeforeEach
    void mount() throws FsException {
        GarageServer garage = GARAGE.server();
        String bucket = garage.createBucket();
        isle = isles.plan()
                .on(garage, bucket, garage.createBucket(), garage.key())
                .make();
        isle.start();
        store = S3ObjectStore.open(garage.settings("private-" + bucket), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private List<String> keys(String prefix) throws FsException {
        return store.list(prefix, false, "", ObjectStore.MAX_PAGE).objects().stream()
                .map(each -> each.key().value())
                .toList();
    }

    /** The tier is what the last part of a key begins with. */
    private List<String> packs(String folder, int tier) throws FsException {
        return keys(folder).stream()
                .filter(key -> key.startsWith(tier + ".", folder.length()))
                .toList();
    }

    private List<String> folders() throws FsException {
        TreeSet<String> folders = new TreeSet<>();
        keys("d/").forEach(key -> folders.add(key.substring(0, key.lastIndexOf('/') + 1)));
        return List.copyOf(folders);
    }

    /** Saves both files, each as a version of its own, and waits for a compaction where one is due. */
    private void save(int number) throws FsException {
        isle.inMount("seq 1 " + number + " > " + SMALL + "; { echo " + number + "; head -c 100000 /dev/zero; } > "
                        + LARGE)
                .ok();
        isle.awaitStored();
        for (String folder : folders()) {
            List<String> smallest = new ArrayList<>(packs(folder, 0));
            smallest.removeAll(covered);
            if (smallest.size() >= FAN_OUT) {
                int due = compactions.merge(folder, 1, Integer::sum);
                Eventually.holds("compaction " + due + " of " + folder, SOON, () -> isDone(folder, due));
                covered.addAll(smallest);
            }
        }
    }

    private boolean isDone(String folder, int compaction) {
        try {
            return packs(folder, 1).size() == compaction;
        } catch (FsException e) {
            throw new AssertionError(e);
        }
    }

    /** Made and written, the latest first. */
    private List<JsonObject> history(String path) throws IOException {
        List<JsonObject> versions = new ArrayList<>();
        for (String line :
                isle.isle("history", "--json", path).ok().out().lines().toList()) {
            JsonObject version = JsonObject.parse(line);
            if (List.of("made", "written").contains(version.text("what"))) {
                versions.add(version);
            }
        }
        return versions;
    }

    private static List<Long> sizes(List<JsonObject> versions) throws IOException {
        List<Long> sizes = new ArrayList<>();
        for (JsonObject each : versions) {
            sizes.add(each.number("size"));
        }
        return sizes;
    }

    private static String lines(int number) {
        StringBuilder lines = new StringBuilder();
        IntStream.rangeClosed(1, number).forEach(i -> lines.append(i).append('\n'));
        return lines.toString();
    }

    private String content(String path) {
        return isle.inMount("tr -d '\\0' < " + path).ok().out();
    }

    private void restore(String path, String option, String value, String to) {
        isle.isle("restore", path, option, value, "--to", to).ok();
    }

    /** Everything that can be asked for: all versions, and each of some of them. */
    private void everythingIsThere(String folder) throws IOException {
        isle.inMount("mkdir " + folder).ok();
        List<JsonObject> small = history(SMALL);
        List<JsonObject> large = history(LARGE);
        List<Long> expected = IntStream.iterate(SAVES, i -> i > 0, i -> i - 1)
                .mapToObj(i -> (long) lines(i).length())
                .toList();
        assertEquals(expected, sizes(small));
        assertEquals(SAVES, large.size(), large.toString());
        assertTrue(small.get(0).flag("shown") && large.get(0).flag("shown"));
        for (int number : new int[] {1, 2, 9, 17, SAVES - 1}) {
            restore(SMALL, "--version", small.get(SAVES - number).text("version"), folder + "/small" + number);
            assertEquals(lines(number), content(folder + "/small" + number));
            restore(LARGE, "--version", large.get(SAVES - number).text("version"), folder + "/large" + number);
            assertEquals(number + "\n", content(folder + "/large" + number));
        }
        long time = large.get(SAVES - 5).number("time");
        int then = SAVES;
        while (large.get(SAVES - then).number("time") > time) {
            then--;
        }
        restore(LARGE, "--at", Instant.ofEpochSecond(time).toString(), folder + "/then");
        assertEquals(then + "\n", content(folder + "/then"));
    }

    /** {@code .isle/history}, as any program sees it. */
    private void everythingCanBeBrowsed() throws IOException {
        String plan = ".isle/history/plans/plan.bin";
        assertEquals(
                "notes plans",
                isle.inMount("cd .isle/history; echo notes plans | xargs ls -d | xargs")
                        .ok()
                        .text());
        List<JsonObject> versions = history(LARGE);
        for (int number : new int[] {1, 9, SAVES}) {
            String file = plan + "/*" + versions.get(SAVES - number).text("version") + ".bin";
            assertEquals(number + "\n", content(file));
            String bytes = isle.inMount("stat -c %s " + file).ok().text();
            assertEquals(versions.get(SAVES - number).number("size"), Long.parseLong(bytes));
        }
        assertEquals(
                String.valueOf(SAVES),
                isle.inMount("find .isle/history/notes -type f -size +0 -name '*.txt' | wc -l")
                        .ok()
                        .text());
        for (String write : List.of(
                "echo x > .isle/history/new",
                "mkdir " + plan + "/new",
                "rm " + plan + "/*",
                "echo x >> " + plan + "/*" + versions.get(3).text("version") + ".bin",
                "mv " + plan + " private/plan",
                "chmod 777 " + plan,
                "ls .isle/history/never")) {
            assertNotEquals(0, isle.inMount(write).exitCode(), write);
        }
        assertEquals("plan.bin", isle.inMount("ls .isle/history/plans").ok().text());
    }

    @Test
    void versionsThatCompactionsHaveDroppedAreListedAndBroughtBack() throws IOException {
        isle.inMount("mkdir private/notes private/plans").ok();
        for (int number = 1; number <= SAVES; number++) {
            save(number);
        }
        assertFalse(keys("p/").isEmpty(), "compactions keep what they drop");
        everythingIsThere("private/first");
        everythingCanBeBrowsed();

        // In place: what was there is history too.
        String third = history(LARGE).get(SAVES - 3).text("version");
        isle.isle("restore", LARGE, "--version", third).ok();
        isle.awaitStored();
        assertEquals("3\n", content(LARGE));
        List<JsonObject> now = history(LARGE);
        assertEquals(SAVES + 1, now.size());
        isle.isle("restore", LARGE, "--version", now.get(1).text("version")).ok();
        isle.awaitStored();
        assertEquals(SAVES + "\n", content(LARGE));
        isle.isle("vault", "check").ok();
    }

    /** As it is when what compactions have taken in is gone from the store, ten minutes later, for a host that is new. */
    @Test
    void soTheyAreWhenNothingButHistoryPacksHasThem() throws IOException {
        isle.inMount("mkdir private/notes private/plans").ok();
        for (int number = 1; number <= SAVES; number++) {
            save(number);
        }
        // The content of small files is still in the packs; of plans/ only the names are.
        String plans = folders().stream()
                .filter(folder -> covered.stream().anyMatch(key -> key.startsWith(folder)))
                .filter(this::isWithoutContent)
                .findFirst()
                .orElseThrow();
        List<String> gone =
                covered.stream().filter(key -> key.startsWith(plans)).toList();
        assertTrue(gone.size() >= 3 * FAN_OUT, gone.toString());
        for (String key : gone) {
            store.delete(new ObjectKey(key));
        }
        isle.unmount().ok();
        isle.emptyCache();
        Folders.delete(isle.state("vault").resolve("mirror"));
        isle.start();
        isle.isle("vault", "check").ok();
        everythingCanBeBrowsed();
        everythingIsThere("private/later");
        isle.inMount("rm -r private/plans").ok();
        everythingCanBeBrowsedThatIsGone();
        isle.awaitStored();
        isle.isle("vault", "check").ok();
        String status = isle.isle("status", "--json").ok().text();
        assertFalse(status.contains("\"code\": \"private-"), status);
    }

    private void everythingCanBeBrowsedThatIsGone() {
        Eventually.holds(
                "what was in a folder that is gone",
                SOON,
                () -> isle.inMount("ls .isle/history/plans/plan.bin; ls private")
                                .ok()
                                .out()
                                .lines()
                                .count()
                        == SAVES + 2);
    }

    /** Whether its packs have nothing but index sections, whose length is what their keys end with. */
    private boolean isWithoutContent(String folder) {
        try {
            return store.list(folder, false, "", ObjectStore.MAX_PAGE).objects().stream()
                    .allMatch(each -> each.key().value().endsWith("." + each.size()));
        } catch (FsException e) {
            throw new AssertionError(e);
        }
    }
}
