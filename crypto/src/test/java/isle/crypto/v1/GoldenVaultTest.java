package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A vault that was written once, when format 1 was new, and is only read since. {@code -Disle.golden.folder=FOLDER} writes
 * one like it.
 */
class GoldenVaultTest {

    private static final String FOLDER = "golden";

    /** What it shows, path by path: kind, permissions and content. */
    private static final Map<String, String> SHOWN = Map.ofEntries(
            Map.entry("/notes.txt", "644 from the office"),
            Map.entry("/notes (conflict laptop 2027-01-15 08.00.00).txt", "644 from the laptop"),
            Map.entry("/the plan.md", "600 a plan"),
            Map.entry("/link", "777 -> folder/grüße.txt"),
            Map.entry("/empty", "755 folder"),
            Map.entry("/folder", "755 folder"),
            Map.entry("/folder/grüße.txt", "644 hello"),
            Map.entry("/folder/large.bin", "644 " + GoldenVault.large().length + " bytes"),
            Map.entry("/folder/here", "755 folder"),
            Map.entry("/folder/here/kept", "644 moved with its folder"));

    private static MemoryObjectStore memory() {
        return new MemoryObjectStore(InstantSource.system(), new Random(1));
    }

    private static Path golden() throws URISyntaxException {
        URL url = Objects.requireNonNull(GoldenVaultTest.class.getResource("/isle/crypto/" + FOLDER));
        return Path.of(url.toURI());
    }

    private static byte[] key() throws IOException, URISyntaxException {
        return HexFormat.of()
                .parseHex(Files.readAllLines(golden().resolve("key.txt")).get(1));
    }

    private static MemoryObjectStore stored() throws IOException, URISyntaxException {
        MemoryObjectStore store = memory();
        try (Stream<Path> files = Files.walk(golden())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String key = golden().relativize(file).toString();
                if (!key.equals("key.txt")) {
                    put(store, key, Files.readAllBytes(file));
                }
            }
        }
        return store;
    }

    private static void put(ObjectStore store, String key, byte[] bytes) throws FsException {
        store.put(new ObjectKey(key), ObjectStore.Body.of(bytes), ObjectStore.ObjectMetadata.NONE);
    }

    private static VaultReader reader(ObjectStore store, byte[] key) throws FsException {
        PackStore packs = new PackStore(store, GoldenVault.VAULT, generation -> List.of(new Sealer(key)));
        VaultReader reader = new VaultReader(packs, GoldenVault.VAULT);
        reader.refresh();
        return reader;
    }

    /** Paths, and what is there; what cannot be read is the name of its error. */
    private static Map<String, String> picture(VaultReader reader) {
        Map<String, String> paths = new TreeMap<>();
        walk(reader, reader.tree(), reader.tree().list(), "", paths);
        return paths;
    }

    private static void walk(
            VaultReader reader, Tree tree, Map<String, Shown> entries, String above, Map<String, String> paths) {
        entries.forEach((name, entry) -> {
            String path = above + "/" + utf8(name);
            Attributes attributes = entry.state().attributes();
            String mode = Integer.toOctalString(attributes.permissions()) + " ";
            if (entry.isDirectory()) {
                paths.put(path, mode + "folder");
                walk(reader, tree, tree.list(entry.directories()), path, paths);
            } else if (attributes.kind() == FileKind.SYMLINK) {
                paths.put(path, mode + "-> " + utf8(attributes.symlinkTarget()));
            } else {
                paths.put(path, content(reader, entry, mode));
            }
        });
    }

    private static String content(VaultReader reader, Shown file, String mode) {
        try {
            byte[] bytes = reader.content(file);
            if (bytes.length > 1000) {
                assertArrayEquals(GoldenVault.large(), bytes);
                return mode + bytes.length + " bytes";
            }
            return mode + new String(bytes, StandardCharsets.UTF_8);
        } catch (FsException e) {
            return e.getClass().getSimpleName();
        }
    }

    private static String utf8(String raw) {
        return new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Test
    void isRead() throws Exception {
        VaultReader reader = reader(stored(), key());
        assertEquals(new TreeMap<>(SHOWN), picture(reader));
        assertEquals(List.of(), reader.problems());
    }

    @Test
    void oneMadeTodayIsReadAlike() throws Exception {
        MemoryObjectStore store = memory();
        byte[] key = new byte[Sealer.KEY_BYTES];
        new Random(5).nextBytes(key);
        new GoldenVault(store, key).make();
        assertEquals(new TreeMap<>(SHOWN), picture(reader(store, key)));
        String folder = System.getProperty("isle.golden.folder");
        if (folder != null) {
            Files.createDirectories(Path.of(folder));
            Files.writeString(
                    Path.of(folder, "key.txt"),
                    GoldenVault.VAULT + "\n" + HexFormat.of().formatHex(key) + "\n");
            for (String object : keys(store)) {
                Path file = Path.of(folder, object);
                Files.createDirectories(file.getParent());
                Files.write(file, bytes(store, object));
            }
        }
    }

    private static List<String> keys(ObjectStore store) throws FsException {
        return store.list("", false, "", 1000).objects().stream()
                .map(object -> object.key().value())
                .toList();
    }

    private static byte[] bytes(ObjectStore store, String key) throws FsException {
        long size = store.head(new ObjectKey(key)).summary().size();
        ByteBuffer bytes = ByteBuffer.allocate((int) size);
        store.get(new ObjectKey(key), 0, bytes, null);
        return bytes.array();
    }

    /** Wrong bytes are never shown as right ones: there is an error, or less is there and that is told. */
    private static void assertNothingWrong(Map<String, String> found, VaultReader reader, String attack) {
        List<String> less = new ArrayList<>();
        found.forEach((path, what) -> {
            boolean error = what.equals("Corrupt") || what.equals("NotFound");
            if (error) {
                less.add(path);
            } else if (!what.equals(SHOWN.get(path))) {
                // An older state that is still in the store is shown only if what replaced it is missing, and told.
                less.add(path);
                assertTrue(!reader.problems().isEmpty(), attack + " shows " + path + " = " + what);
            }
        });
        boolean whole = found.keySet().containsAll(SHOWN.keySet()) && less.isEmpty();
        assertTrue(whole || !less.isEmpty() || !reader.problems().isEmpty(), attack + " takes away silently " + found);
    }

    /** R17: each object with a bit changed, cut, made longer, exchanged for each other one. */
    @Test
    void whateverIsChangedIsNoticed() throws Exception {
        MemoryObjectStore whole = stored();
        byte[] key = key();
        Random random = new Random(1);
        for (String object : keys(whole)) {
            byte[] bytes = bytes(whole, object);
            Map<String, byte[]> attacks = new TreeMap<>();
            for (int i = 0; i < 12; i++) {
                byte[] turned = bytes.clone();
                int at = i == 0 ? 0 : i == 1 ? bytes.length - 1 : random.nextInt(bytes.length);
                turned[at] ^= (byte) (1 << random.nextInt(8));
                attacks.put("a bit at " + at, turned);
            }
            attacks.put("cut", java.util.Arrays.copyOf(bytes, bytes.length - 1));
            attacks.put("cut in half", java.util.Arrays.copyOf(bytes, bytes.length / 2));
            attacks.put("empty", new byte[0]);
            attacks.put("longer", java.util.Arrays.copyOf(bytes, bytes.length + 1));
            for (String other : keys(whole)) {
                attacks.put("exchanged for " + other, bytes(whole, other));
            }
            for (Map.Entry<String, byte[]> attack : attacks.entrySet()) {
                MemoryObjectStore store = stored();
                put(store, object, attack.getValue());
                VaultReader reader = reader(store, key);
                assertNothingWrong(picture(reader), reader, object + ": " + attack.getKey());
            }
        }
    }

    /**
     * What a store hides of which nobody that it shows has said that he had seen it, a new host cannot miss: here that a
     * folder was removed, or the entry with the rights of one. Hosts that know it do (R20).
     */
    @Test
    void whatIsTakenAwayIsMissedOrTold() throws Exception {
        for (String object : keys(stored())) {
            MemoryObjectStore store = stored();
            store.delete(new ObjectKey(object));
            VaultReader reader = reader(store, key());
            Map<String, String> found = picture(reader);
            found.forEach((path, what) -> {
                boolean older = what.equals("700 folder");
                boolean known = older || what.equals(SHOWN.get(path)) || what.equals("NotFound");
                assertTrue(known || !reader.problems().isEmpty(), object + " gone: " + path + " = " + what);
            });
        }
    }

    @Test
    void anotherKeyOpensNothing() throws Exception {
        VaultReader reader = reader(stored(), new byte[Sealer.KEY_BYTES]);
        assertEquals(Map.of(), picture(reader));
        long packs =
                keys(stored()).stream().filter(each -> each.startsWith("d/")).count();
        assertEquals(packs, reader.problems().size());
    }

    @Test
    void strangersAreTold() throws Exception {
        MemoryObjectStore store = stored();
        put(store, "d/readme.txt", new byte[3]);
        put(store, PackKey.prefix(new Id(1, 1)) + "x", new byte[3]);
        VaultReader reader = reader(store, key());
        assertEquals(2, reader.problems().size());
        assertEquals(new TreeMap<>(SHOWN), picture(reader));
    }
}
