package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.PutResult;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link ObjectStoreContract} that is about one object: heads, ranges, metadata, copies, deletes. */
public abstract class ObjectContract extends StoreFixture {

    @Test
    void whatWasPutComesBack() throws Exception {
        PutResult put = put("a/b.txt", "hello");

        ObjectHead head = store.head(key("a/b.txt"));

        assertContent("hello", "a/b.txt");
        assertEquals(key("a/b.txt"), head.summary().key());
        assertEquals(5, head.summary().size());
        assertEquals(put.etag(), head.summary().etag());
    }

    @Test
    void headListAndPutAgreeOnAnObject() throws Exception {
        PutResult put = put("k", "12345");

        ObjectSummary head = store.head(key("k")).summary();
        ObjectSummary got = store.get(key("k"), 0, ByteBuffer.allocate(1), null).summary();
        ObjectSummary listed = listed("k");

        assertEquals(head, got);
        assertEquals(put.etag(), listed.etag());
        assertEquals(head.etag(), listed.etag());
        assertEquals(head.size(), listed.size());
        assertEquals(
                head.lastModified().truncatedTo(ChronoUnit.SECONDS),
                listed.lastModified().truncatedTo(ChronoUnit.SECONDS));
        put.lastModified().ifPresent(time -> assertEquals(listed.lastModified(), time));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3071, 3072, 65_535, 65_536, 65_537, 1_048_576, 3_000_001})
    void anySizeComesBackWhole(int size) throws Exception {
        byte[] content = bytes(size, size);

        put("sized", content);

        assertContent(content, "sized");
        assertEquals(size, listed("sized").size());
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 3_000, 50_000, 70_000, 300_000})
    void rangesGiveExactlyTheirBytes(int size) throws Exception {
        byte[] content = bytes(size, 7);
        put("ranged", content);

        int[] offsets = {0, 1, size / 3, size / 2, size - 1};
        int[] counts = {1, 2, size / 3 + 1, size, size + 50};
        for (int offset : offsets) {
            for (int count : counts) {
                byte[] expected = Arrays.copyOfRange(content, offset, Math.min(size, offset + count));
                assertArrayEquals(expected, range("ranged", offset, count), offset + "+" + count);
            }
        }
    }

    @Test
    void aRangeAcrossTheEndStopsAtTheEnd() throws Exception {
        put("k", "0123456789");
        ByteBuffer into = ByteBuffer.allocate(8);

        ObjectHead head = store.get(key("k"), 7, into, null);

        assertEquals(3, into.position());
        assertEquals(10, head.summary().size());
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 11, 1_000_000_000_000L})
    void anOffsetAtOrBeyondTheEndReadsNothing(long offset) throws Exception {
        put("k", "0123456789");
        ByteBuffer into = ByteBuffer.allocate(8);

        ObjectHead head = store.get(key("k"), offset, into, null);

        assertEquals(0, into.position());
        assertEquals(10, head.summary().size());
    }

    @Test
    void readsGoWhereTheBufferStands() throws Exception {
        put("k", "0123456789");
        ByteBuffer direct = ByteBuffer.allocateDirect(20);
        direct.put(utf8("ab"));
        direct.limit(6);

        store.get(key("k"), 3, direct, null);

        assertEquals(6, direct.position());
        byte[] seen = new byte[6];
        direct.flip().get(seen);
        assertArrayEquals(utf8("ab3456"), seen);
    }

    @Test
    void aFullBufferStillTellsTheHead() throws Exception {
        put("k", "0123456789");

        assertEquals(
                10,
                store.get(key("k"), 2, ByteBuffer.allocate(0), null).summary().size());
    }

    @Test
    void anEmptyObjectIsAnObject() throws Exception {
        put("empty/", "");

        assertEquals(0, store.head(key("empty/")).summary().size());
        assertEquals(0, range("empty/", 0, 10).length);
        assertEquals(List.of("empty/"), listAll("", false, 10));
    }

    @Test
    void aNegativeOffsetIsInvalid() throws Exception {
        put("k", "x");

        assertThrows(FsException.Invalid.class, () -> range("k", -1, 1));
    }

    @Test
    void ifMatchReadsOnlyThatVersion() throws Exception {
        String etag = put("k", "one").etag();
        ByteBuffer into = ByteBuffer.allocate(3);

        store.get(key("k"), 0, into, etag);
        assertArrayEquals(utf8("one"), into.array());

        put("k", "two");
        assertThrows(FsException.PreconditionFailed.class, () -> store.get(key("k"), 0, ByteBuffer.allocate(3), etag));
        assertThrows(FsException.PreconditionFailed.class, () -> store.get(key("k"), 99, ByteBuffer.allocate(3), etag));
    }

    @Test
    void aMissingKeyIsNotFound() {
        ObjectKey missing = key("missing");

        assertThrows(FsException.NotFound.class, () -> store.head(missing));
        assertThrows(FsException.NotFound.class, () -> store.get(missing, 0, ByteBuffer.allocate(1), null));
        assertThrows(FsException.NotFound.class, () -> store.get(missing, 0, ByteBuffer.allocate(1), "etag"));
        assertThrows(FsException.NotFound.class, () -> store.copy(missing, null, key("target"), null));
        assertThrows(FsException.NotFound.class, () -> store.copy(missing, "etag", key("target"), null));
    }

    @Test
    void metadataComesBack() throws Exception {
        ObjectMetadata metadata = new ObjectMetadata(
                Map.of("mode", "33188", "mtime", "1700000000.123456789", "isle-version", "a b+c/d=%41\"~"),
                "text/plain; charset=utf-8",
                Map.of(
                        "cache-control", "max-age=60",
                        "content-disposition", "attachment; filename=\"a.txt\"",
                        "content-encoding", "identity",
                        "content-language", "de"));

        store.put(key("k"), Body.of(utf8("x")), metadata);

        assertEquals(metadata, store.head(key("k")).metadata());
        assertEquals(
                metadata, store.get(key("k"), 0, ByteBuffer.allocate(1), null).metadata());
    }

    @Test
    void withoutMetadataThereIsNoneButTheDefaultType() throws Exception {
        put("k", "x");

        ObjectMetadata metadata = store.head(key("k")).metadata();

        assertEquals(Map.of(), metadata.user());
        assertEquals(Map.of(), metadata.headers());
        assertTrue(
                Set.of("", "application/octet-stream", "binary/octet-stream").contains(metadata.contentType()),
                metadata.contentType());
    }

    @Test
    void aPutReplacesTheMetadataToo() throws Exception {
        store.put(key("k"), Body.of(utf8("x")), user(Map.of("a", "1")));
        store.put(key("k"), Body.of(utf8("x")), user(Map.of("b", "2")));

        assertEquals(Map.of("b", "2"), store.head(key("k")).metadata().user());
    }

    @Test
    void twoKibibytesOfMetadataFitAndTooMuchIsRefused() throws Exception {
        ObjectMetadata much = user(Map.of("x", "v".repeat(2_000)));
        store.put(key("k"), Body.of(utf8("x")), much);
        assertEquals(much.user(), store.head(key("k")).metadata().user());

        int limit = store.capabilities().maxUserMetadataBytes();
        assertTrue(limit >= 2_000, "at least what S3 promises");
        ObjectMetadata tooMuch = user(Map.of("x", "v".repeat(limit)));
        assertThrows(FsException.TooLarge.class, () -> store.put(key("k"), Body.of(utf8("y")), tooMuch));
        assertThrows(FsException.TooLarge.class, () -> store.copy(key("k"), null, key("k"), tooMuch));
        assertContent("x", "k");
    }

    @Test
    void anOverwriteReplacesTheContent() throws Exception {
        String first = put("k", "a longer content").etag();
        String second = put("k", "short").etag();

        assertContent("short", "k");
        assertNotEquals(first, second);
        assertEquals(5, listed("k").size());
    }

    @Test
    void everyPutOfTheSameBytesIsToldApart() throws Exception {
        Set<List<Object>> versions = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            put("k", "same");
            ObjectSummary summary = listed("k");
            versions.add(List.of(summary.etag(), summary.lastModified()));
        }

        assertEquals(20, versions.size());
    }

    @Test
    void aBodyOfAnotherSizeThanItSaysIsRefused() throws Exception {
        put("k", "old");

        for (int said : new int[] {2, 4}) {
            Body wrong = new Body() {
                @Override
                public long size() {
                    return said;
                }

                @Override
                public InputStream open() {
                    return new ByteArrayInputStream(utf8("new"));
                }
            };
            assertThrows(FsException.class, () -> store.put(key("k"), wrong, ObjectMetadata.NONE), "said " + said);
        }
        assertContent("old", "k");
    }

    @Test
    void aBodyThatFailsChangesNothing() throws Exception {
        put("k", "old");
        Body broken = new Body() {
            @Override
            public long size() {
                return 100_000;
            }

            @Override
            public InputStream open() throws IOException {
                throw new IOException("the source went away");
            }
        };

        assertThrows(FsException.class, () -> store.put(key("k"), broken, ObjectMetadata.NONE));
        assertContent("old", "k");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 70_000})
    void aCopyHasTheBytesAndTheMetadata(int size) throws Exception {
        byte[] content = bytes(size, 3);
        ObjectMetadata metadata =
                new ObjectMetadata(Map.of("a", "1"), "text/x-isle", Map.of("cache-control", "no-cache"));
        store.put(key("from"), Body.of(content), metadata);

        PutResult copied = store.copy(key("from"), null, key("to"), null);

        assertContent(content, "to");
        assertEquals(metadata, store.head(key("to")).metadata());
        assertEquals(copied.etag(), store.head(key("to")).summary().etag());
        assertEquals(copied.etag(), listed("to").etag());
        put("from", "changed");
        assertContent(content, "to");
        store.delete(key("from"));
        assertContent(content, "to");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 70_000})
    void aCopyMayBringOtherMetadata(int size) throws Exception {
        byte[] content = bytes(size, 3);
        store.put(key("from"), Body.of(content), user(Map.of("a", "1")));
        ObjectMetadata other = new ObjectMetadata(Map.of("b", "2"), "text/x-isle", Map.of("content-language", "en"));

        store.copy(key("from"), null, key("to"), other);

        assertContent(content, "to");
        assertEquals(other, store.head(key("to")).metadata());
        assertEquals(Map.of("a", "1"), store.head(key("from")).metadata().user());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 70_000})
    void aCopyOntoItselfChangesOnlyTheMetadata(int size) throws Exception {
        byte[] content = bytes(size, 3);
        String etag = store.put(key("k"), Body.of(content), user(Map.of("mode", "33188")))
                .etag();

        for (String mode : List.of("33279", "33024")) {
            PutResult copied = store.copy(key("k"), etag, key("k"), user(Map.of("mode", mode)));

            assertEquals(etag, copied.etag(), "equal bytes, equal etag");
            assertContent(content, "k");
            assertEquals(Map.of("mode", mode), store.head(key("k")).metadata().user());
        }
        assertEquals(List.of("k"), listAll("", false, 10));
    }

    @Test
    void aCopyReplacesWhatWasThere() throws Exception {
        put("from", "new");
        put("to", "something longer");

        store.copy(key("from"), null, key("to"), null);

        assertContent("new", "to");
        assertContent("new", "from");
    }

    @Test
    void aCopyOfAnotherVersionThanTheOneNamedIsRefused() throws Exception {
        String etag = put("from", "one").etag();
        put("from", "two");
        put("to", "old");

        assertThrows(FsException.PreconditionFailed.class, () -> store.copy(key("from"), etag, key("to"), null));
        assertThrows(
                FsException.PreconditionFailed.class,
                () -> store.copy(key("from"), etag, key("from"), user(Map.of("a", "1"))));

        assertContent("old", "to");
        assertEquals(Map.of(), store.head(key("from")).metadata().user());
    }

    @Test
    void deletedIsGoneAndMayBeDeletedAgain() throws Exception {
        put("k", "x");

        store.delete(key("k"));
        store.delete(key("k"));
        store.delete(key("never there"));

        assertThrows(FsException.NotFound.class, () -> store.head(key("k")));
        assertThrows(FsException.NotFound.class, () -> range("k", 0, 1));
        assertEquals(List.of(), listAll("", false, 10));
        put("k", "back");
        assertContent("back", "k");
    }

    @Test
    void aThousandAreDeletedInOneRequest() throws Exception {
        List<ObjectKey> keys = new ArrayList<>();
        for (int i = 0; i < ObjectStore.MAX_PAGE; i++) {
            keys.add(key("d/" + i));
            if (i % 10 == 0) {
                put("d/" + i, "x");
            }
        }
        put("d/kept", "x");

        assertEquals(Map.of(), store.deleteMany(keys));

        assertEquals(List.of("d/kept"), listAll("", false, 10));
        assertEquals(Map.of(), store.deleteMany(keys));
        assertEquals(Map.of(), store.deleteMany(List.of()));
        keys.add(key("d/kept"));
        assertThrows(FsException.Invalid.class, () -> store.deleteMany(keys));
        assertContent("x", "d/kept");
    }

    @Test
    void deletedKeysAreTakenLiterally() throws Exception {
        List<String> odd = List.of("a&b", "a<b>", "a\"b'", "a b", "a\nb", "a%41", "a+b", "ü\uD83D\uDE00", "a//b", "/a");
        for (String name : odd) {
            put(name, name);
        }
        put("aA", "kept");

        assertEquals(Map.of(), store.deleteMany(odd.stream().map(ObjectKey::new).toList()));

        assertEquals(List.of("aA"), listAll("", false, 100));
    }
}
