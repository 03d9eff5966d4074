package isle.test.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.GarageExtension;
import isle.test.rig.Eventually;
import isle.test.rig.Finished;
import isle.test.rig.Isles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Somebody who has the bucket of private/ changes it below a real mount. Whatever that is: a file is what was written, or
 * an error; what was not touched is there; health says what happened where; the daemon goes on and takes writes. The
 * matrix is in {@code test/README.md}.
 */
@Tag("fuse")
@Tag("garage")
@Timeout(value = 8, unit = TimeUnit.MINUTES)
class VaultTamperTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String FAILED = "failed";
    private static final String SMALL = "palimpsest-";

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    @RegisterExtension
    final Isles isles = new Isles();

    private final List<VaultPerson> people = new ArrayList<>();
    private final Map<String, String> sums = new TreeMap<>();
    private VaultPerson ann;
    private int writes;

    @BeforeEach
    void aDaysWork() throws Exception {
        ann = new VaultPerson(isles, GARAGE.server());
        people.add(ann);
        ann.step("folders", "mkdir one two");
        ann.step("a", "seq 1 700 | sed s/^/" + SMALL + "a/ > one/a.txt");
        ann.step("b", "seq 1 700 | sed s/^/" + SMALL + "b/ > one/b.txt");
        ann.step("c", "seq 1 700 | sed s/^/" + SMALL + "c/ > two/c.txt");
        ann.step("big", "head -c 9000000 /dev/urandom > big.bin");
        ann.step("other", "head -c 5000000 /dev/urandom > other.bin");
        ann.step("gone", "echo gone > one/gone.txt");
        ann.step("tombstone", "rm one/gone.txt");
        ann.step("last", "echo last > one/last.txt");
        for (String name : List.of("one/a.txt", "one/b.txt", "one/last.txt", "two/c.txt", "big.bin", "other.bin")) {
            sums.put(name, "");
        }
        sums.putAll(read());
        assertFalse(sums.containsValue(FAILED), sums.toString());
    }

    @AfterEach
    void end() {
        people.forEach(VaultPerson::close);
    }

    private Finished sum(String name) {
        return ann.isle.inMount("set -o pipefail; cat private/" + name + " | sha256sum | cut -d' ' -f1");
    }

    /** The sums of all files, or {@link #FAILED}. */
    private Map<String, String> read() {
        Map<String, String> read = new TreeMap<>();
        String script = "for file in " + String.join(" ", sums.keySet())
                + "; do sum=$(cat private/$file 2>/dev/null | sha256sum) || sum=" + FAILED
                + "; echo \"$file ${sum%% *}\"; done";
        ann.isle
                .inMount("set -o pipefail; " + script)
                .ok()
                .out()
                .lines()
                .forEach(line -> read.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
        return read;
    }

    /** Whether one record of health has both. */
    private static boolean isTold(String status, String code, String subject) {
        int at = status.indexOf("\"code\": \"" + code + "\"");
        while (at >= 0) {
            String record = status.substring(status.lastIndexOf('{', at), status.indexOf('}', at));
            if (record.contains("\"subject\": \"" + subject + "\"")) {
                return true;
            }
            at = status.indexOf("\"code\": \"" + code + "\"", at + 1);
        }
        return false;
    }

    /** What is done to the store. */
    private interface Attack {
        void happen() throws FsException;
    }

    /**
     * Attacks, restarts, and looks at everything.
     *
     * @param remembers whether the host has what it read before
     * @param code of the record of health that says it; empty if there is nothing to be said
     * @param subject of that record
     * @param touched the files that may give errors or be missing; all others have to be there as they were
     */
    private void attack(String what, boolean remembers, String code, String subject, Set<String> touched, Attack attack)
            throws FsException {
        attack(what, remembers, code.isEmpty() ? List.of() : List.of(new Told(code, subject)), touched, attack);
    }

    /** A record of health. */
    private record Told(String code, String subject) {}

    private void attack(String what, boolean remembers, List<Told> told, Set<String> touched, Attack attack)
            throws FsException {
        attack.happen();
        ann.restart(remembers);
        for (Map.Entry<String, String> each : read().entrySet()) {
            if (each.getValue().equals(FAILED)) {
                assertTrue(touched.contains(each.getKey()), what + ": " + each.getKey() + " cannot be read");
            } else {
                assertEquals(sums.get(each.getKey()), each.getValue(), what + ": other bytes in " + each.getKey());
            }
        }
        for (Told each : told) {
            Eventually.holds(
                    what + ": " + each + " in " + ann.status(),
                    SOON,
                    () -> isTold(ann.status(), each.code(), each.subject()));
        }
        if (what.endsWith("longer")) {
            String check = ann.isle.isle("vault", "check").exits(1).text();
            touched.forEach(name -> assertTrue(
                    check.contains("private/" + name) || name.equals("one/a.txt"),
                    what + ": " + name + " in " + check));
        }
        int number = ++writes;
        ann.isle
                .inMount("mkdir -p private/w; echo " + number + " > private/w/" + number)
                .ok();
        ann.isle.awaitStored();
        assertTrue(ann.isle.isRunning(), what);
        ann.undo();
        ann.isle.isle("vault", "check").ok();
        String status = ann.statusNow();
        for (Told each : told) {
            assertFalse(
                    !each.code().equals("private-header-damaged") && status.contains("\"" + each.code() + "\""),
                    what + ": told still: " + status);
        }
        // A folder that was read without it is looked at again in a while.
        Eventually.holds(what + ", undone", SOON, () -> read().equals(sums));
        quiet();
    }

    /** No name of a private file is in a log. */
    private void quiet() {
        String logged = ann.isle.everythingLogged();
        for (String name : List.of("a.txt", "b.txt", "c.txt", "gone.txt", "big.bin", "other.bin", SMALL)) {
            assertFalse(logged.contains(name), () -> "a log has " + name + ": " + logged);
        }
    }

    /** All at once, each on a file of its own: every one of them has to be noticed beside the others. */
    @Test
    void blocksOfLargeFiles() throws Exception {
        List<String> names = List.of("bit", "cut", "longer", "segments", "removed", "replayed", "foreign");
        StringBuilder script = new StringBuilder();
        for (String name : names) {
            script.append("head -c $((600000 + 100000 * ")
                    .append(names.indexOf(name))
                    .append(")) /dev/urandom > ")
                    .append(name)
                    .append(".bin; ");
        }
        ann.step("blocks", script.toString());
        ann.step("third", "head -c 5000000 /dev/urandom > third.bin");
        Map<String, String> blocks = bySize(names, ann.of("blocks", "b/"));
        byte[] older = ann.get(of(blocks, "replayed"));
        ann.step("rewrite", "printf x | dd of=replayed.bin bs=1 seek=5 conv=notrunc status=none; sync replayed.bin");
        assertEquals(1, ann.of("rewrite", "b/").size(), "one block is written anew");
        VaultPerson bob = new VaultPerson(isles, GARAGE.server());
        people.add(bob);
        bob.step("his", "head -c 5000000 /dev/urandom > his.bin");
        byte[] his = bob.get(bob.block("his", 0));
        names.forEach(name -> sums.put(name + ".bin", ""));
        sums.put("third.bin", "");
        sums.putAll(read());
        assertFalse(sums.containsValue(FAILED), sums.toString());

        Set<String> touched = new TreeSet<>(List.of("big.bin", "other.bin", "third.bin"));
        names.forEach(name -> touched.add(name + ".bin"));
        List<Told> told = touched.stream()
                .filter(name -> !name.equals("longer.bin"))
                .map(name -> new Told("private-file-damaged", "private/" + name))
                .toList();
        attack("blocks, longer", true, told, touched, () -> {
            ann.put(of(blocks, "bit"), Tampered.flipped(ann.get(of(blocks, "bit")), 70_000));
            ann.put(of(blocks, "cut"), Arrays.copyOf(ann.get(of(blocks, "cut")), 99_999));
            byte[] longer = ann.get(of(blocks, "longer"));
            ann.put(of(blocks, "longer"), Arrays.copyOf(longer, longer.length + 999));
            ann.put(of(blocks, "segments"), Tampered.segmentsSwapped(ann.get(of(blocks, "segments"))));
            ann.remove(of(blocks, "removed"));
            ann.put(ann.block("rewrite", 0), older);
            ann.put(of(blocks, "foreign"), his);
            ann.swap(ann.block("big", 0), ann.block("big", 1));
            ann.swap(ann.block("other", 0), ann.block("third", 0));
        });
        attack("a pack of another user", false, "private-damaged", "private/one", Set.of("one/a.txt"), () -> {
            ann.put(ann.pack("a"), bob.get(bob.pack("his")));
        });
    }

    /** Which object is the one block of each file: the larger the file, the larger its block. */
    private Map<String, String> bySize(List<String> names, List<String> keys) throws FsException {
        Map<Integer, String> sizes = new TreeMap<>();
        for (String key : keys) {
            sizes.put(ann.get(key).length, key);
        }
        assertEquals(names.size(), sizes.size(), keys.toString());
        Map<String, String> blocks = new LinkedHashMap<>();
        Iterator<String> next = sizes.values().iterator();
        names.forEach(name -> blocks.put(name, next.next()));
        return blocks;
    }

    @Test
    void packsOfFolders() throws Exception {
        String pack = ann.pack("a");
        byte[] bytes = ann.get(pack);
        int index = Integer.parseInt(pack.substring(pack.lastIndexOf('.') + 1));
        Set<String> a = Set.of("one/a.txt");
        String told = "private-damaged";
        attack(
                "a bit of an index section",
                false,
                told,
                "private/one",
                a,
                () -> ann.put(pack, Tampered.flipped(bytes, index / 2)));
        attack("a bit of a payload", true, "private-file-damaged", "private/one/a.txt", a, () -> {
            ann.put(pack, Tampered.flipped(bytes, index + 50));
        });
        attack("a pack cut", false, told, "private/one", a, () -> ann.put(pack, Arrays.copyOf(bytes, index - 9)));
        attack("a payload cut", true, "private-file-damaged", "private/one/a.txt", a, () -> {
            ann.put(pack, Arrays.copyOf(bytes, index + 99));
        });
        attack("a pack longer", false, "", "", a, () -> ann.put(pack, Arrays.copyOf(bytes, bytes.length + 99)));
        Set<String> ab = Set.of("one/a.txt", "one/b.txt");
        attack("packs of a folder swapped", false, told, "private/one", ab, () -> ann.swap(pack, ann.pack("b")));
        Set<String> ac = Set.of("one/a.txt", "two/c.txt");
        attack("packs of two folders swapped", false, told, "private/two", ac, () -> ann.swap(pack, ann.pack("c")));
        attack("a pack replayed under another key", true, told, "private/one", Set.of(), () -> {
            String key = pack.replaceFirst("\\.[0-9a-f]{32}\\.", ".0123456789abcdef0123456789abcdef.");
            assertNotEquals(pack, key);
            ann.put(key, bytes);
        });
        attack("a foreign object in a folder", true, "private-strangers", "private/one", Set.of(), () -> {
            ann.put(pack + ".bak", bytes);
        });
        String lost = "private-set-back";
        attack("a pack removed", true, lost, "private/one", a, () -> ann.remove(pack));
        attack("a pack removed, seen by a new host", false, "private-incomplete", "private/one", a, () -> {
            ann.remove(pack);
        });
        attack("a tombstone removed", true, lost, "private/one", Set.of(), () -> ann.remove(ann.pack("tombstone")));
        assertFalse(ann.isle.inMount("ls private/one").ok().text().contains("gone.txt"));
        attack(
                "all newest packs removed",
                true,
                lost,
                "private/one",
                Set.of("one/b.txt", "one/last.txt", "big.bin", "other.bin", "two/c.txt"),
                () -> {
                    for (String step : List.of("b", "c", "big", "other", "gone", "tombstone", "last")) {
                        ann.remove(ann.pack(step));
                    }
                });
    }

    /** The store loses all that says where two folders are: their registers, and the entries that name them. */
    @Test
    void foldersThatNothingNamesGoIntoLostAndFound() throws IOException {
        for (String key : ann.of("folders", "d/")) {
            ann.store.delete(new ObjectKey(key));
        }
        ann.restart(false);
        String told = ann.isle.isle("vault", "check").exits(1).text();
        assertTrue(told.contains("private-adrift"), told);
        assertTrue(isTold(ann.statusNow(), "private-adrift", "private"), ann.statusNow());
        assertEquals("big.bin\nother.bin", ann.isle.inMount("ls private").ok().text());
        String mended = ann.isle.isle("vault", "check", "--repair").exits(1).text();
        assertTrue(mended.contains("2 folders that were shown nowhere are in private/lost+found now."), mended);
        assertFalse(ann.statusNow().contains("private-adrift"), ann.statusNow());
        // That there was more is told until a person says that it is lost for good.
        ann.isle.isle("vault", "accept").ok();
        ann.isle.isle("vault", "check").ok();
        Eventually.holds(
                "lost+found is shown",
                SOON,
                () -> ann.isle.inMount("ls private/lost+found/*/a.txt").exitCode() == 0);
        ann.isle
                .inMount(
                        "set -e; cd private; mv \"$(dirname lost+found/*/a.txt)\" one; mv \"$(dirname lost+found/*/c.txt)\" two;"
                                + " rmdir lost+found")
                .ok();
        ann.isle.awaitStored();
        ann.restart(true);
        assertEquals(sums, read());
        ann.isle.isle("vault", "check").ok();
        quiet();
    }

    @Test
    void headerAndOtherFolders() throws Exception {
        String header = ann.keys().stream()
                .filter(key -> key.startsWith("h/"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = ann.get(header);
        attack("a header of an older format", true, "private-header-damaged", "private", Set.of(), () -> {
            byte[] changed = bytes.clone();
            changed[9] = 0;
            ann.put(header, changed);
        });
        attack("a bit of the header", true, "private-header-damaged", "private", Set.of(), () -> {
            ann.put(header, Tampered.flipped(bytes, 40));
        });
        ann.isle.isle("cat", "private/" + SMALL + "none").exits(1);
        ann.isle.isle("history", "private/" + SMALL + "none").exits(1);
        quiet();
        byte[] block = ann.get(ann.block("big", 0));
        Path copy = Files.write(isles.folder().resolve("copied"), block);
        ann.isle.isle("put", copy.toString(), "public/copied").ok();
        ann.isle.awaitStored();
        String plain = ann.isle
                .inMount("head -c 100 private/big.bin | xxd -p | tr -d '\\n'")
                .ok()
                .text();
        String sealed =
                ann.isle.inMount("xxd -p public/copied | tr -d '\\n'").ok().text();
        assertFalse(sealed.contains(plain), "an object of private/ in public/ shows its sealed bytes, and no others");
    }

    @Test
    void aStoreThatWasSetBackIsGivenBackWhatThisHostHas() throws IOException {
        for (String step : List.of("tombstone", "last", "b")) {
            ann.store.delete(new ObjectKey(ann.pack(step)));
        }
        ann.restart(true);
        Eventually.holds("told", SOON, () -> ann.status().contains("private-set-back"));
        assertTrue(ann.isle.isle("vault", "check").exits(1).text().contains("private-set-back"));
        ann.isle.isle("vault", "accept").ok();
        assertFalse(ann.statusNow().contains("private-set-back"), ann.statusNow());
        // A host that is new sees what was put back; the bytes of two small files went with their packs.
        ann.restart(false);
        assertEquals(
                "a.txt\nb.txt\nlast.txt",
                ann.isle.inMount("ls private/one").ok().text());
        assertEquals(sums.get("one/a.txt"), sum("one/a.txt").ok().text());
        assertNotEquals(0, sum("one/b.txt").exitCode());
        String check = ann.isle.isle("vault", "check").exits(1).text();
        assertTrue(check.contains("private/one/b.txt") && check.contains("private/one/last.txt"), check);
        assertFalse(check.contains("a.txt") || check.contains("c.txt"), check);
        ann.isle
                .inMount("echo new > private/one/b.txt; rm private/one/last.txt")
                .ok();
        ann.isle.awaitStored();
        String later = ann.isle.isle("vault", "check").out();
        assertFalse(later.contains("b.txt") || later.contains("last.txt"), later);
        quiet();
    }

    private static String of(Map<String, String> blocks, String name) {
        return Objects.requireNonNull(blocks.get(name));
    }
}
