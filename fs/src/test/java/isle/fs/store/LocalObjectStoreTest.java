package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.spi.ObjectStore.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalObjectStoreTest extends ObjectStoreContract {

    @TempDir(factory = FastTempDir.class)
    Path folder;

    private Instant now = Instant.ofEpochMilli(1_700_000_000_123L);

    @Override
    protected ObjectStore openEmpty() throws FsException {
        return open();
    }

    private LocalObjectStore open() throws FsException {
        // The same seed each time: nothing may rest on the generator alone to be unique.
        return LocalObjectStore.open(folder, () -> now, new SplittableRandom(1));
    }

    private void reopen() throws FsException {
        store.close();
        store = open();
    }

    private List<Path> files(String under) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve(under))) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private Path largest(String under) throws IOException {
        return files(under).stream()
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
    }

    private String upload(String key, byte[]... contents) throws FsException {
        String id = store.startUpload(key(key), ObjectMetadata.NONE);
        List<Part> parts = new ArrayList<>();
        for (byte[] content : contents) {
            int number = parts.size() + 1;
            parts.add(new Part(number, store.uploadPart(key(key), id, number, Body.of(content))));
        }
        return store.completeUpload(key(key), id, parts).etag();
    }

    @Test
    void zerosAreWhereTheyWere() throws Exception {
        for (int[] run :
                new int[][] {{0, 300_000}, {1, 300_000}, {16_384, 16_384}, {16_383, 16_386}, {100_000, 200_000}}) {
            byte[] content = bytes(300_001, 3);
            Arrays.fill(content, run[0], Math.min(content.length, run[0] + run[1]), (byte) 0);
            put("some", content);
            assertContent(content, "some");
            upload("parts", content, content);
            byte[] twice = Arrays.copyOf(content, 2 * content.length);
            System.arraycopy(content, 0, twice, content.length, content.length);
            assertContent(twice, "parts");
        }
    }

    @Test
    void everythingIsThereAfterARestart() throws Exception {
        byte[] large = bytes(200_000, 1);
        ObjectMetadata metadata =
                new ObjectMetadata(Map.of("mode", "33188"), "text/plain", Map.of("cache-control", "no-cache"));
        store.put(key("small \n/\uD83D\uDE00"), Body.of(utf8("small")), metadata);
        store.put(key("large"), Body.of(large), metadata);
        upload("parts", bytes(100_000, 2), bytes(10, 3));
        store.copy(key("large"), null, key("copy"), ObjectMetadata.NONE);
        put("gone", "x");
        store.delete(key("gone"));
        List<Object> before = new ArrayList<>();
        for (String name : listAll("", false, 100)) {
            before.add(store.head(key(name)));
        }

        reopen();

        List<Object> after = new ArrayList<>();
        for (String name : listAll("", false, 100)) {
            after.add(store.head(key(name)));
        }
        assertEquals(before, after);
        assertEquals(4, after.size());
        assertContent("small", "small \n/\uD83D\uDE00");
        assertContent(large, "large");
        assertContent(large, "copy");
        assertEquals(100_010, content("parts").length);
    }

    @Test
    void nothingIsLeftOfOldVersions() throws Exception {
        for (int round = 0; round < 3; round++) {
            put("inline", bytes(10, round));
            put("large", bytes(100_000, round));
            upload("parts", bytes(70_000, round), bytes(80_000, round));
            store.copy(key("large"), null, key("copy"), null);
            store.copy(key("parts"), null, key("parts"), ObjectMetadata.NONE);
        }
        assertEquals(8, files("objects").size(), "one, two, three and two files");

        store.deleteMany(List.of(key("inline"), key("large"), key("parts"), key("copy")));

        assertEquals(List.of(), files("objects"));
        assertEquals(List.of(), files("uploads"));
        assertEquals(List.of(), files("tmp"));
    }

    @Test
    void aCopySharesTheBytesOfItsSource() throws Exception {
        put("from", bytes(100_000, 1));
        Path original = largest("objects");

        store.copy(key("from"), null, key("to"), null);
        store.copy(key("to"), null, key("third"), null);

        assertEquals(3, Files.getAttribute(original, "unix:nlink"));
        store.copy(key("from"), null, key("from"), user(Map.of("mode", "1")));
        assertEquals(3, Files.getAttribute(original, "unix:nlink"), "the same file, not even another name");
        store.delete(key("from"));
        assertContent(bytes(100_000, 1), "third");
    }

    @Test
    void anUploadBecomesAnObjectWithoutItsBytesBeingCopied() throws Exception {
        byte[] part = bytes(100_000, 1);
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        String etag = store.uploadPart(key("k"), id, 1, Body.of(part));
        Object uploaded = Files.getAttribute(largest("uploads"), "unix:ino");

        store.completeUpload(key("k"), id, List.of(new Part(1, etag)));

        Set<Object> inodes = new HashSet<>();
        for (Path file : files("objects")) {
            inodes.add(Files.getAttribute(file, "unix:ino"));
        }
        assertTrue(inodes.contains(uploaded));
        assertContent(part, "k");
    }

    @Test
    void aSmallRangeDoesNotKeepALargeFileAlive() throws Exception {
        byte[] large = bytes(1_000_000, 1);
        put("large", large);
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        String etag = store.copyPart(key("k"), id, 1, new PartSource(key("large"), null, 5, 100_000));
        store.completeUpload(key("k"), id, List.of(new Part(1, etag)));

        store.delete(key("large"));

        assertContent(Arrays.copyOfRange(large, 5, 100_005), "k");
        long onDisk = files("objects").stream()
                .mapToLong(file -> file.toFile().length())
                .sum();
        assertTrue(onDisk < 110_000, onDisk + " bytes on the disk");
    }

    @Test
    void editsInTheMiddleShareTheRestAndStayReadable() throws Exception {
        int part = 70_000;
        byte[] model = bytes(10 * part, 1);
        put("k", model);
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 30; round++) {
            int edited = random.nextInt(10);
            byte[] change = bytes(part, 100 + round);
            System.arraycopy(change, 0, model, edited * part, part);
            String id = store.startUpload(key("k"), ObjectMetadata.NONE);
            List<Part> parts = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String etag = i == edited
                        ? store.uploadPart(key("k"), id, i + 1, Body.of(change))
                        : store.copyPart(key("k"), id, i + 1, new PartSource(key("k"), null, (long) i * part, part));
                parts.add(new Part(i + 1, etag));
            }
            store.completeUpload(key("k"), id, parts);
            assertContent(model, "k");
            int from = random.nextInt(model.length);
            assertArrayEquals(
                    Arrays.copyOfRange(model, from, Math.min(model.length, from + 100_000)), range("k", from, 100_000));
        }
        reopen();
        assertContent(model, "k");
        assertTrue(files("objects").size() <= 21, files("objects").size() + " files");
    }

    @Test
    void timesGrowForOneKeyThoughTheClockStandsOrGoesBack() throws Exception {
        Instant last = put("k", "same").lastModified().orElseThrow();
        for (int i = 0; i < 5; i++) {
            now = now.minusSeconds(1);
            Instant next = put("k", "same").lastModified().orElseThrow();
            assertTrue(next.isAfter(last), next + " after " + last);
            store.delete(key("k"));
            last = next;
        }
        put("k", "same");
        reopen();
        Instant reopened =
                store.copy(key("k"), null, key("k"), null).lastModified().orElseThrow();
        assertTrue(reopened.isAfter(last));
    }

    @Test
    void noTwoPutsHaveTheSameEtagThoughTheGeneratorRepeats() throws Exception {
        Set<String> etags = new HashSet<>();
        for (int run = 0; run < 3; run++) {
            for (int i = 0; i < 5; i++) {
                assertTrue(etags.add(put("k", "same").etag()));
                store.delete(key("k"));
            }
            reopen();
        }
    }

    @Test
    void aSecondStoreOnAFolderIsRefused() throws Exception {
        FsException.Busy busy = assertThrows(FsException.Busy.class, this::open);

        String message = String.valueOf(busy.getMessage());
        assertTrue(message.contains(folder.toString()), message);
        assertThrows(FsException.Busy.class, () -> LocalObjectStore.openReadOnly(folder));
        put("k", "the first one still works");
        store.close();
        open().close();
    }

    @Test
    void afterCloseEveryRequestIsRefused() throws Exception {
        put("k", "x");
        store.close();

        assertThrows(FsException.Unavailable.class, () -> store.head(key("k")));
        assertThrows(FsException.Unavailable.class, () -> put("k", "y"));
        assertThrows(FsException.Unavailable.class, () -> store.list("", false, "", 1));
    }

    @Test
    void readOnlyReadsAndTouchesNothing() throws Exception {
        put("k", "x");
        String id = store.startUpload(key("u"), ObjectMetadata.NONE);
        store.close();
        List<Path> before = files("");

        try (LocalObjectStore reader = LocalObjectStore.openReadOnly(folder);
                LocalObjectStore second = LocalObjectStore.openReadOnly(folder)) {
            store = reader;
            assertContent("x", "k");
            assertEquals(1, second.pendingUploads("").size());
            assertThrows(FsException.ReadOnly.class, () -> put("k", "y"));
            assertThrows(FsException.ReadOnly.class, () -> store.delete(key("k")));
            assertThrows(FsException.ReadOnly.class, () -> store.abortUpload(key("u"), id));
            assertThrows(FsException.Busy.class, this::open);
        }
        assertEquals(before, files(""));
        open().close();
    }

    @Test
    void readOnlyNeedsAStore() {
        assertThrows(FsException.NotFound.class, () -> LocalObjectStore.openReadOnly(folder.resolve("missing")));
    }

    @Test
    void aFolderWithOtherFilesIsRefused(@TempDir Path other) throws Exception {
        Files.writeString(other.resolve("letter.txt"), "dear");

        FsException.Invalid refused = assertThrows(
                FsException.Invalid.class,
                () -> LocalObjectStore.open(other, InstantSource.system(), new SplittableRandom(1)));

        assertTrue(String.valueOf(refused.getMessage()).contains(other.toString()));
        assertTrue(Files.exists(other.resolve("letter.txt")));
    }

    @Test
    void aFileIsNoFolder(@TempDir Path other) throws Exception {
        Path file = Files.writeString(other.resolve("file"), "");

        assertThrows(
                FsException.class, () -> LocalObjectStore.open(file, InstantSource.system(), new SplittableRandom(1)));
    }

    @Test
    void aLaterFormatIsRefused() throws Exception {
        store.close();
        Files.writeString(folder.resolve("format"), "isle local object store, format 2\n");

        assertThrows(FsException.Unsupported.class, this::open);
        assertThrows(FsException.Unsupported.class, () -> LocalObjectStore.openReadOnly(folder));
    }

    @Test
    void aNewFolderIsForItsOwnerOnly(@TempDir Path parent) throws Exception {
        Path made = parent.resolve("a/b/store");

        LocalObjectStore.open(made, InstantSource.system(), new SplittableRandom(1))
                .close();

        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(made)));
    }

    @Test
    void uploadsOutliveARestartUntilTheyAreForgotten() throws Exception {
        String id = store.startUpload(key("k"), user(Map.of("a", "1")));
        String one = store.uploadPart(key("k"), id, 1, Body.of(bytes(100_000, 1)));
        store.uploadPart(key("k"), id, 2, Body.of(utf8("replaced")));
        String two = store.uploadPart(key("k"), id, 2, Body.of(utf8("tail")));
        String idle = store.startUpload(key("idle"), ObjectMetadata.NONE);
        reopen();
        assertEquals(2, store.pendingUploads("").size());

        now = now.plus(LocalUploads.MAX_IDLE).minus(Duration.ofHours(1));
        String three = store.uploadPart(key("k"), id, 3, Body.of(utf8("!")));
        now = now.plus(Duration.ofHours(2));
        reopen();

        assertEquals(id, store.pendingUploads("").get(0).uploadId());
        assertThrows(FsException.NotFound.class, () -> store.uploadPart(key("idle"), idle, 1, Body.of(new byte[1])));
        store.completeUpload(key("k"), id, List.of(new Part(1, one), new Part(2, two), new Part(3, three)));
        assertEquals(100_005, content("k").length);
        assertEquals(Map.of("a", "1"), store.head(key("k")).metadata().user());
        assertEquals(List.of(), files("uploads"));
    }

    @Test
    void statisticsCountWhatIsStored() throws Exception {
        put("a", new byte[100]);
        put("a", new byte[70_000]);
        put("b", new byte[10]);
        store.copy(key("a"), null, key("c"), null);
        store.delete(key("b"));

        Statistics statistics = store.statistics();
        reopen();

        assertEquals(140_000, statistics.usedBytes().orElseThrow());
        assertEquals(140_000, store.statistics().usedBytes().orElseThrow());
        assertTrue(
                statistics.freeBytes().orElseThrow() <= statistics.totalBytes().orElseThrow());
    }

    @Test
    void everySizeAroundTheSeamsComesBackByAnyRange() throws Exception {
        int segment = ContentFile.SEGMENT_BYTES;
        int inline = ObjectFiles.MAX_INLINE_BYTES;
        for (int size : new int[] {inline - 1, inline, inline + 1, 5 * segment, 5 * segment + 1, 6 * segment - 1}) {
            byte[] content = bytes(size, size);
            put("k", content);
            for (int offset : new int[] {0, 1, segment - 1, segment, segment + 1, 4 * segment, size - 1}) {
                for (int count : new int[] {1, segment - 1, segment, segment + 1, 2 * segment, size}) {
                    if (offset < size) {
                        assertArrayEquals(
                                Arrays.copyOfRange(content, offset, Math.min(size, offset + count)),
                                range("k", offset, count),
                                size + ": " + offset + "+" + count);
                    }
                }
            }
        }
    }

    @Test
    void interruptedRequestsFailAloneAndTheStoreGoesOn() throws Exception {
        put("k", "old");
        Thread.currentThread().interrupt();
        assertThrows(FsException.Unavailable.class, () -> put("k", "new"));
        assertTrue(Thread.interrupted());
        Thread.currentThread().interrupt();
        assertThrows(FsException.Unavailable.class, () -> range("k", 0, 3));
        assertTrue(Thread.interrupted());

        assertContent("old", "k");
        put("k", "new");
        reopen();
        assertContent("new", "k");
        assertFalse(Thread.interrupted());
    }

    @Test
    void metadataThatCannotTravelIsRefused() {
        assertNotEquals(0, store.capabilities().maxUserMetadataBytes());
        for (String value : List.of("\u00fc", "line\nbreak", " lead", "trail ")) {
            assertThrows(
                    FsException.Invalid.class,
                    () -> store.put(key("k"), Body.of(new byte[1]), user(Map.of("a", value))));
        }
        for (String name : List.of("Upper", "", "with space", "\u00fc")) {
            assertThrows(
                    FsException.Invalid.class,
                    () -> store.put(key("k"), Body.of(new byte[1]), user(Map.of(name, "v"))));
        }
        assertThrows(
                FsException.Invalid.class,
                () -> store.put(
                        key("k"), Body.of(new byte[1]), new ObjectMetadata(Map.of(), "", Map.of("x-other", "v"))));
    }

    @Test
    void halfASurrogatePairIsNoKey() {
        assertThrows(FsException.Invalid.class, () -> put("\ud83d", "x"));
    }
}
