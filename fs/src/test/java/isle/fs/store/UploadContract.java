package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.spi.ObjectStore.PendingUpload;
import isle.fs.spi.ObjectStore.PutResult;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The part of {@link ObjectStoreContract} that is about uploads in parts. */
public abstract class UploadContract extends ListContract {

    private static final int MIB = 1024 * 1024;

    /** A size that every store takes for a part that is not the last. */
    private int partSize() {
        return (int) Math.max(store.capabilities().minPartBytes(), 200_000);
    }

    private Part upload(String key, String id, int number, byte[] content) throws FsException {
        return new Part(number, store.uploadPart(key(key), id, number, Body.of(content)));
    }

    private static byte[] join(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    @Test
    void partsBecomeOneObject() throws Exception {
        ObjectMetadata metadata =
                new ObjectMetadata(Map.of("mode", "33188"), "text/x-isle", Map.of("cache-control", "no-cache"));
        byte[] one = bytes(partSize(), 1);
        byte[] two = bytes(partSize() + 13, 2);
        byte[] three = bytes(17, 3);

        String id = store.startUpload(key("big"), metadata);
        List<Part> parts = List.of(upload("big", id, 1, one), upload("big", id, 2, two), upload("big", id, 3, three));
        assertThrows(FsException.NotFound.class, () -> store.head(key("big")));
        assertEquals(List.of(), listAll("", false, 10));
        PutResult result = store.completeUpload(key("big"), id, parts);

        byte[] whole = join(one, two, three);
        assertContent(whole, "big");
        assertEquals(metadata, store.head(key("big")).metadata());
        assertEquals(result.etag(), store.head(key("big")).summary().etag());
        assertEquals(result.etag(), listed("big").etag());
        assertEquals(whole.length, listed("big").size());
        int seam = one.length;
        assertArrayEquals(Arrays.copyOfRange(whole, seam - 5, seam + 5), range("big", seam - 5, 10));
        assertEquals(List.of(), store.pendingUploads(""));
    }

    @Test
    void partsMayComeInAnyOrderAndLeaveGaps() throws Exception {
        byte[] one = bytes(partSize(), 1);
        byte[] two = bytes(partSize(), 2);
        byte[] three = bytes(100, 3);

        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part last = upload("k", id, 9_999, three);
        Part first = upload("k", id, 3, one);
        Part middle = upload("k", id, 70, two);
        store.completeUpload(key("k"), id, List.of(first, middle, last));

        assertContent(join(one, two, three), "k");
    }

    @Test
    void twentyMebibytesWithAPartReplaced() throws Exception {
        byte[][] content = new byte[4][];
        List<Part> parts = new ArrayList<>();
        String id = store.startUpload(key("large"), ObjectMetadata.NONE);
        for (int i = 0; i < content.length; i++) {
            content[i] = bytes(5 * MIB, i);
            parts.add(upload("large", id, i + 1, content[i]));
        }
        content[2] = bytes(5 * MIB + 1, 99);
        Part replaced = upload("large", id, 3, content[2]);
        assertNotEquals(parts.get(2).etag(), replaced.etag());
        parts.set(2, replaced);
        store.completeUpload(key("large"), id, parts);

        byte[] whole = join(content);
        assertContent(whole, "large");
        assertArrayEquals(
                Arrays.copyOfRange(whole, 10 * MIB - 1000, 15 * MIB + 1000),
                range("large", 10 * MIB - 1000, 5 * MIB + 2000));
    }

    @Test
    void anUploadMayReplaceAnObject() throws Exception {
        put("k", "something");

        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part part = upload("k", id, 1, utf8("new"));
        assertContent("something", "k");
        store.completeUpload(key("k"), id, List.of(part));

        assertContent("new", "k");
        assertEquals(3, listed("k").size());
    }

    @Test
    void aPartIsNeverEmpty() throws Exception {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);

        assertThrows(FsException.Invalid.class, () -> upload("k", id, 1, new byte[0]));
        store.abortUpload(key("k"), id);
    }

    @Test
    void anUploadedObjectIsCopiedAndDeletedLikeAnyOther() throws Exception {
        byte[] one = bytes(partSize(), 1);
        byte[] two = bytes(50, 2);
        String id = store.startUpload(key("from"), user(Map.of("a", "1")));
        PutResult put =
                store.completeUpload(key("from"), id, List.of(upload("from", id, 1, one), upload("from", id, 2, two)));

        store.copy(key("from"), put.etag(), key("from"), user(Map.of("a", "2")));
        store.copy(key("from"), put.etag(), key("to"), null);
        store.delete(key("from"));

        assertContent(join(one, two), "to");
        assertEquals(Map.of("a", "2"), store.head(key("to")).metadata().user());
    }

    @Test
    void aPartIsTakenFromAnObject() throws Exception {
        int size = partSize();
        byte[] old = bytes(3 * size, 5);
        byte[] middle = bytes(size, 6);
        String etag = put("k", old).etag();

        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        String first = store.copyPart(key("k"), id, 1, new PartSource(key("k"), etag, 0, size));
        Part second = upload("k", id, 2, middle);
        String third = store.copyPart(key("k"), id, 3, new PartSource(key("k"), etag, 2L * size, size));
        store.completeUpload(key("k"), id, List.of(new Part(1, first), second, new Part(3, third)));

        byte[] whole = join(Arrays.copyOf(old, size), middle, Arrays.copyOfRange(old, 2 * size, 3 * size));
        assertContent(whole, "k");
    }

    @Test
    void partsAreTakenFromAnUploadedObjectAcrossItsSeams() throws Exception {
        int size = partSize();
        byte[] old = bytes(3 * size, 5);
        String id = store.startUpload(key("from"), ObjectMetadata.NONE);
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            parts.add(upload("from", id, i + 1, Arrays.copyOfRange(old, i * size, (i + 1) * size)));
        }
        store.completeUpload(key("from"), id, parts);

        int cut = size / 2 + 7;
        String second = store.startUpload(key("to"), ObjectMetadata.NONE);
        String head = store.copyPart(key("to"), second, 1, new PartSource(key("from"), null, cut, size));
        String tail = store.copyPart(key("to"), second, 2, new PartSource(key("from"), null, cut + size, size));
        store.delete(key("from"));
        store.completeUpload(key("to"), second, List.of(new Part(1, head), new Part(2, tail)));

        assertContent(Arrays.copyOfRange(old, cut, cut + 2 * size), "to");
    }

    @Test
    void aPartIsNotTakenFromAnotherVersionOrFromNowhere() throws Exception {
        String stale = put("from", bytes(partSize(), 1)).etag();
        put("from", bytes(partSize(), 2));
        ObjectKey from = key("from");
        ObjectKey to = key("to");
        String id = store.startUpload(to, ObjectMetadata.NONE);

        assertThrows(
                FsException.PreconditionFailed.class,
                () -> store.copyPart(to, id, 1, new PartSource(from, stale, 0, 10)));
        assertThrows(
                FsException.NotFound.class,
                () -> store.copyPart(to, id, 1, new PartSource(key("missing"), null, 0, 10)));
        assertThrows(
                FsException.Invalid.class, () -> store.copyPart(to, id, 1, new PartSource(from, null, 10, partSize())));
        assertThrows(FsException.Invalid.class, () -> store.copyPart(to, id, 1, new PartSource(from, null, 0, 0)));
        store.abortUpload(to, id);
    }

    @Test
    void anAbortedUploadLeavesNothing() throws Exception {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part part = upload("k", id, 1, bytes(partSize(), 1));

        store.abortUpload(key("k"), id);
        store.abortUpload(key("k"), id);

        assertEquals(List.of(), store.pendingUploads(""));
        assertThrows(FsException.NotFound.class, () -> upload("k", id, 2, new byte[5]));
        assertThrows(FsException.NotFound.class, () -> store.completeUpload(key("k"), id, List.of(part)));
        assertThrows(FsException.NotFound.class, () -> store.head(key("k")));
    }

    @Test
    void anUnknownUploadIsNotFound() throws Exception {
        put("from", "0123456789");
        // The shape of an id is the store's own affair: one that is no longer known has it for sure.
        String gone = store.startUpload(key("k"), ObjectMetadata.NONE);
        store.abortUpload(key("k"), gone);

        assertThrows(FsException.NotFound.class, () -> upload("k", gone, 1, new byte[5]));
        assertThrows(
                FsException.NotFound.class,
                () -> store.copyPart(key("k"), gone, 1, new PartSource(key("from"), null, 0, 5)));
        assertThrows(
                FsException.NotFound.class,
                () -> store.completeUpload(key("k"), gone, List.of(new Part(1, "0123456789abcdef0123456789abcdef"))));
        store.abortUpload(key("k"), gone);
    }

    @Test
    void anUploadBelongsToItsKey() throws Exception {
        String id = store.startUpload(key("mine"), ObjectMetadata.NONE);
        Part part = upload("mine", id, 1, utf8("x"));

        assertThrows(FsException.NotFound.class, () -> upload("other", id, 1, utf8("y")));
        assertThrows(FsException.NotFound.class, () -> store.completeUpload(key("other"), id, List.of(part)));

        store.completeUpload(key("mine"), id, List.of(part));
        assertContent("x", "mine");
    }

    @Test
    void aCompletedUploadIsOver() throws Exception {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part part = upload("k", id, 1, utf8("x"));
        store.completeUpload(key("k"), id, List.of(part));

        assertThrows(FsException.NotFound.class, () -> store.completeUpload(key("k"), id, List.of(part)));
        assertThrows(FsException.NotFound.class, () -> upload("k", id, 2, utf8("y")));
        store.abortUpload(key("k"), id);
        assertContent("x", "k");
    }

    @Test
    void onlyTheVeryPartsThatWereUploadedMakeAnObject() throws Exception {
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part first = upload("k", id, 1, bytes(partSize(), 1));
        Part second = upload("k", id, 2, bytes(10, 2));
        Part replaced = upload("k", id, 2, bytes(10, 3));
        Class<FsException.Invalid> invalid = FsException.Invalid.class;

        assertThrows(invalid, () -> store.completeUpload(key("k"), id, List.of(first, second)), "an older part");
        assertThrows(
                invalid,
                () -> store.completeUpload(key("k"), id, List.of(first, new Part(3, second.etag()))),
                "a part that was never sent");
        assertThrows(invalid, () -> store.completeUpload(key("k"), id, List.of(replaced, first)), "a wrong order");
        assertThrows(invalid, () -> store.completeUpload(key("k"), id, List.of()), "no part");
        assertThrows(FsException.NotFound.class, () -> store.head(key("k")));
        assertThrows(invalid, () -> upload("k", id, 0, new byte[1]));
        assertThrows(invalid, () -> upload("k", id, 10_001, new byte[1]));
        store.abortUpload(key("k"), id);
    }

    @Test
    void partsThatAreNotNamedAreForgotten() throws Exception {
        byte[] one = bytes(partSize(), 1);
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        Part first = upload("k", id, 1, one);
        upload("k", id, 2, bytes(10, 2));

        store.completeUpload(key("k"), id, List.of(first));

        assertContent(one, "k");
    }

    @Test
    void pendingUploadsAreListedByPrefix() throws Exception {
        String one = store.startUpload(key("a/1"), ObjectMetadata.NONE);
        String two = store.startUpload(key("a/2"), ObjectMetadata.NONE);
        String again = store.startUpload(key("a/2"), ObjectMetadata.NONE);
        String other = store.startUpload(key("b \u00fc&"), ObjectMetadata.NONE);

        List<String> ids = store.pendingUploads("a/").stream()
                .map(PendingUpload::uploadId)
                .sorted()
                .toList();
        List<ObjectKey> keys =
                store.pendingUploads("").stream().map(PendingUpload::key).toList();

        assertEquals(List.of(one, two, again).stream().sorted().toList(), ids);
        assertEquals(List.of(key("a/1"), key("a/2"), key("a/2"), key("b \u00fc&")), keys);
        assertEquals(List.of(), store.pendingUploads("missing"));
        store.abortUpload(key("b \u00fc&"), other);
        assertTrue(store.pendingUploads("b").isEmpty());
    }
}
