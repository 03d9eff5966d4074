package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of the local store that somebody or something has changed: no wrong byte comes out, and no other object suffers. */
class LocalDamageTest extends StoreFixture {

    @TempDir(factory = FastTempDir.class)
    Path folder;

    @Override
    protected ObjectStore openEmpty() throws FsException {
        return LocalObjectStore.open(folder, InstantSource.system(), new SplittableRandom(1));
    }

    private List<DamagedObject> damaged() {
        return ((LocalObjectStore) store).damaged();
    }

    private void reopen() throws Exception {
        store.close();
        store = openEmpty();
    }

    private List<Path> filesOf(String key) throws IOException {
        String stem = Folder.stem(key);
        try (Stream<Path> all = Files.walk(folder.resolve("objects"))) {
            return all.filter(file -> file.getFileName().toString().startsWith(stem + "."))
                    .sorted()
                    .toList();
        }
    }

    private Path headerOf(String key) throws IOException {
        return filesOf(key).stream()
                .filter(file -> Place.Name.parse(file.getFileName().toString())
                        .orElseThrow()
                        .isHeader())
                .findFirst()
                .orElseThrow();
    }

    private Path contentOf(String key) throws IOException {
        Path header = headerOf(key);
        return filesOf(key).stream()
                .filter(file -> !file.equals(header))
                .findFirst()
                .orElseThrow();
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= 0x10;
        return damaged;
    }

    private void assertCorrupt(String key) {
        assertThrows(FsException.Corrupt.class, () -> range(key, 0, 1_000_000));
    }

    @Test
    void aHeaderDamagedAnywhereIsFoundAndOnlyItsObjectSuffers() throws Exception {
        put("other", "fine");
        store.put(key("k"), Body.of(bytes(50, 1)), user(Map.of("mode", "33188")));
        Path header = headerOf("k");
        byte[] whole = Files.readAllBytes(header);
        for (int at = 0; at < whole.length; at++) {
            Files.write(header, flipped(whole, at));
            assertCorrupt("k");
            assertThrows(FsException.Corrupt.class, () -> store.head(key("k")));
            Files.write(header, Arrays.copyOf(whole, at));
            assertCorrupt("k");
        }
        Files.write(header, Arrays.copyOf(whole, whole.length + 1));
        assertCorrupt("k");
        assertEquals(List.of("k", "other"), listAll("", false, 10));
        assertContent("fine", "other");

        Files.write(header, whole);
        assertContent(bytes(50, 1), "k");
    }

    @Test
    void aDamagedHeaderIsReportedAtStartAndStillListed() throws Exception {
        put("other", "fine");
        store.put(key("k"), Body.of(bytes(50, 1)), user(Map.of("mode", "33188")));
        Path header = headerOf("k");
        byte[] whole = Files.readAllBytes(header);
        int keyEnds = HeaderCodec.PREFIX_BYTES + Entry.BYTES + 2 + 1;
        for (int at = 0; at < whole.length - 50; at++) {
            Files.write(header, flipped(whole, at));
            Files.delete(folder.resolve("index"));
            reopen();

            boolean keyIsReadable = at < HeaderCodec.PREFIX_BYTES + Entry.BYTES || at >= keyEnds;
            assertCorrupt("k");
            assertThrows(FsException.Corrupt.class, () -> store.copy(key("k"), null, key("c"), null));
            assertEquals(
                    keyIsReadable ? List.of("k", "other") : List.of("other"), listAll("", false, 10), "byte " + at);
            assertEquals(1, damaged().size());
            DamagedObject damaged = damaged().get(0);
            assertEquals(header, damaged.file());
            assertEquals(keyIsReadable ? Optional.of(key("k")) : Optional.empty(), damaged.key());
            assertContent("fine", "other");
        }
        assertTrue(Files.exists(header), "left for people to look at");
    }

    @Test
    void aDamagedObjectIsMendedByAPutOrADelete() throws Exception {
        for (boolean delete : new boolean[] {true, false}) {
            put("k", "old");
            Path header = headerOf("k");
            Files.write(header, new byte[10]);
            Files.delete(folder.resolve("index"));
            reopen();
            assertEquals(1, damaged().size());

            if (delete) {
                store.delete(key("k"));
                assertThrows(FsException.NotFound.class, () -> store.head(key("k")));
            }
            put("k", "new");

            assertContent("new", "k");
            assertEquals(List.of(), damaged());
            assertEquals(1, filesOf("k").size());
            reopen();
            assertContent("new", "k");
            assertEquals(List.of(), damaged());
        }
    }

    @Test
    void damagedContentIsFoundByEveryReadThatMeetsIt() throws Exception {
        int size = 5 * ContentFile.SEGMENT_BYTES + 100;
        byte[] content = bytes(size, 1);
        put("k", content);
        put("other", content);
        Path file = contentOf("k");
        byte[] whole = Files.readAllBytes(file);
        int segment = ContentFile.SEGMENT_BYTES;
        for (int at = 0; at < whole.length; at += 997) {
            Files.write(file, flipped(whole, at));
            assertCorrupt("k");
            boolean inContent = at < size;
            int damaged = inContent ? at / segment : (at - size) / 4;
            for (int of = 0; of * segment < size; of++) {
                int offset = of * segment + 50;
                if (of == damaged) {
                    assertThrows(FsException.Corrupt.class, () -> range("k", offset, 10));
                } else {
                    assertArrayEquals(Arrays.copyOfRange(content, offset, offset + 10), range("k", offset, 10));
                }
            }
        }
        for (int length : new int[] {0, 1, size, whole.length - 1, whole.length + 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertCorrupt("k");
        }
        assertContent(content, "other");
        Files.delete(file);
        assertCorrupt("k");
        assertEquals(List.of("k", "other"), listAll("", false, 10));
        assertEquals(size, store.head(key("k")).summary().size(), "the header is whole");
        reopen();
        assertCorrupt("k");
        assertContent(content, "other");
    }

    @Test
    void aHeaderThatIsGoneIsDamageWhileTheStoreIsOpen() throws Exception {
        put("k", "x");
        Files.delete(headerOf("k"));

        assertCorrupt("k");
        assertEquals(List.of("k"), listAll("", false, 10));
    }

    @Test
    void anIndexLogTornOrDamagedAnywhereCostsNothing() throws Exception {
        Map<String, String> expected = Map.of("a", "1", "b/c", "22", "\u00fc", "333", "d", "4444");
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            put(entry.getKey(), "old");
            put(entry.getKey(), entry.getValue());
        }
        put("gone", "x");
        store.delete(key("gone"));
        store.close();
        Path index = folder.resolve("index");
        byte[] whole = Files.readAllBytes(index);
        for (int at = 0; at <= whole.length; at++) {
            Files.write(index, Arrays.copyOf(whole, at));
            assertOpens(expected);
            if (at < whole.length) {
                Files.write(index, flipped(whole, at));
                assertOpens(expected);
            }
        }
        Files.delete(index);
        assertOpens(expected);
        Files.createDirectory(folder.resolve("index.new"));
        Files.delete(index);
        Files.createDirectory(index);
        assertOpens(expected);
        Files.delete(index);
        store = openEmpty();
    }

    private void assertOpens(Map<String, String> expected) throws Exception {
        store = openEmpty();
        assertEquals(
                expected.keySet().stream().sorted().toList(),
                listAll("", false, 100).stream().sorted().toList());
        for (Map.Entry<String, String> entry : expected.entrySet()) {
            assertContent(entry.getValue(), entry.getKey());
        }
        assertEquals(List.of(), damaged());
        store.close();
    }

    @Test
    void anOldIndexLogAndALostEpochTellNoLies() throws Exception {
        Path index = folder.resolve("index");
        Path backup = folder.resolveSibling(folder.getFileName() + "-backup");
        try {
            put("k", "first");
            store.close();
            Files.copy(index, backup);
            for (boolean loseEpoch : new boolean[] {false, true}) {
                for (int run = 0; run < 3; run++) {
                    store = openEmpty();
                    store.delete(key("k"));
                    put("k", "run " + run);
                    store.close();
                    Files.copy(backup, index, StandardCopyOption.REPLACE_EXISTING);
                    if (loseEpoch) {
                        Files.delete(folder.resolve("epoch"));
                    }
                    store = openEmpty();
                    assertContent("run " + run, "k");
                    store.close();
                }
            }
            store = openEmpty();
        } finally {
            Files.deleteIfExists(backup);
        }
    }

    @Test
    void filesOfOthersAreLeftAlone() throws Exception {
        put("k", "x");
        Path stranger = Files.writeString(headerOf("k").resolveSibling(".DS_Store"), "x");
        Path second = Files.writeString(headerOf("k").resolveSibling("notes.txt"), "x");
        Files.createDirectory(folder.resolve("objects/lost+found"));

        reopen();

        assertContent("x", "k");
        assertTrue(Files.exists(stranger));
        assertTrue(Files.exists(second));
        assertEquals(List.of(), damaged());
    }

    @Test
    void aNewerDamagedVersionIsNotHiddenByAnOlderWholeOne() throws Exception {
        put("k", "old");
        Path old = headerOf("k");
        byte[] oldBytes = Files.readAllBytes(old);
        put("k", "new");
        Files.write(headerOf("k"), new byte[3]);
        Files.write(old, oldBytes);
        reopen();

        assertCorrupt("k");
        assertEquals(List.of("k"), listAll("", false, 10));
        put("k", "third");
        reopen();
        assertContent("third", "k");
        assertEquals(1, filesOf("k").size());
    }

    @Test
    void aPartThatIsDamagedHasToBeSentAgain() throws Exception {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        String one = store.uploadPart(key("k"), id, 1, Body.of(bytes(100_000, 1)));
        String two = store.uploadPart(key("k"), id, 2, Body.of(utf8("x")));
        List<Path> records = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder.resolve("uploads"))) {
            all.filter(file -> file.getFileName().toString().startsWith("2.")).forEach(records::add);
        }
        for (Path record : records) {
            Files.write(record, new byte[7]);
        }
        reopen();

        List<Part> parts = List.of(new Part(1, one), new Part(2, two));
        assertThrows(FsException.Invalid.class, () -> store.completeUpload(key("k"), id, parts));
        String again = store.uploadPart(key("k"), id, 2, Body.of(utf8("y")));
        store.completeUpload(key("k"), id, List.of(new Part(1, one), new Part(2, again)));
        assertEquals(100_001, content("k").length);
    }
}
