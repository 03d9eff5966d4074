package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PutResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GarageQuirksObjectStoreTest extends ObjectStoreContract {

    private final GarageQuirksObjectStore quirks = new GarageQuirksObjectStore(
            new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1)), InstantSource.system());

    @Override
    protected ObjectStore openEmpty() {
        return quirks;
    }

    @Test
    void theEtagOfAPutIsItsMd5() throws FsException {
        String first = put("k", "hello").etag();
        String second = put("k", "hello").etag();

        assertEquals("5d41402abc4b2a76b9719d911017c592", first);
        assertEquals(first, second);
        assertEquals(first, listed("k").etag());
        assertEquals(first, store.copy(key("k"), first, key("c"), null).etag());
    }

    @Test
    void theEtagOfAnUploadCountsItsParts() throws FsException {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part one = new Part(1, store.uploadPart(key("k"), id, 1, Body.of(utf8("a"))));
        Part two = new Part(2, store.uploadPart(key("k"), id, 2, Body.of(utf8("b"))));

        PutResult result = store.completeUpload(key("k"), id, List.of(one, two));

        assertTrue(result.etag().endsWith("-2"), result.etag());
        assertEquals(result.etag(), store.head(key("k")).summary().etag());
    }

    @Test
    void headsKnowSecondsAndListsMilliseconds() throws FsException {
        GarageQuirksObjectStore at = fixedAt(Instant.ofEpochMilli(1_234_567));
        store = at;

        Optional<Instant> told = put("k", "x").lastModified();

        assertEquals(Optional.empty(), told);
        assertEquals(
                Instant.ofEpochMilli(1_234_000), store.head(key("k")).summary().lastModified());
        assertEquals(Instant.ofEpochMilli(1_234_567), listed("k").lastModified());
        assertTrue(store.copy(key("k"), null, key("c"), null).lastModified().isPresent());
    }

    private static GarageQuirksObjectStore fixedAt(Instant instant) {
        InstantSource clock = InstantSource.fixed(instant);
        return new GarageQuirksObjectStore(new MemoryObjectStore(clock, new SplittableRandom(1)), clock);
    }

    @Test
    void theSamePutTwiceDiffersOnlyInTheListedTime() throws FsException {
        put("k", "same");
        ObjectSummary first = listed("k");
        put("k", "same");
        ObjectSummary second = listed("k");

        assertEquals(first.etag(), second.etag());
        assertNotEquals(first.lastModified(), second.lastModified());
    }

    @Test
    void pagesAreCutToAThousand() throws FsException {
        for (int i = 0; i < 1_005; i++) {
            put("k" + i, "x");
        }

        assertEquals(1_000, store.list("", false, "", 5_000).objects().size());
    }

    @Test
    void aHundredHeadersAreRefused() throws FsException {
        Map<String, String> headers = new HashMap<>();
        for (int i = 0; i < 99; i++) {
            headers.put("h" + i, "v");
        }
        store.put(key("k"), Body.of(new byte[1]), user(headers));

        headers.put("one-more", "v");

        assertThrows(FsException.TooLarge.class, () -> store.put(key("k"), Body.of(new byte[1]), user(headers)));
    }

    @Test
    void aCopyByALaggingClockIsAcknowledgedAndLost() throws FsException {
        store.put(key("k"), Body.of(utf8("x")), user(Map.of("mode", "1")));
        quirks.setClockLag(Duration.ofSeconds(5));

        store.copy(key("k"), null, key("k"), user(Map.of("mode", "2")));
        store.copy(key("k"), null, key("new"), user(Map.of("mode", "2")));

        assertEquals(Map.of("mode", "1"), store.head(key("k")).metadata().user());
        assertEquals(Map.of("mode", "2"), store.head(key("new")).metadata().user());
        assertEquals(1, quirks.lostCopies());
        quirks.setClockLag(Duration.ZERO);
        store.copy(key("k"), null, key("k"), user(Map.of("mode", "3")));
        assertEquals(Map.of("mode", "3"), store.head(key("k")).metadata().user());
    }
}
