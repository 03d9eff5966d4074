package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link ObjectStoreContract} that is about keys and lists. */
public abstract class ListContract extends ObjectContract {

    /** Keys that trip clients, servers and file systems. */
    static List<String> oddKeys() {
        return List.of(
                "a//b",
                "/lead",
                "//",
                "/",
                ".",
                "..",
                "./x",
                "../x",
                "a/./b",
                "a/../b",
                "dir/",
                "line\nbreak",
                "tab\tand\rreturn",
                "control\u0001\u001f\u007f",
                "emoji \uD83D\uDE00",
                "combining u\u0308",
                "composed \u00fc",
                "%41",
                "%2F",
                "%",
                "a+b",
                "a b",
                " lead and trail ",
                "a?b=c",
                "a#b",
                "a;b:c",
                "&<>\"'",
                "]]>",
                "back\\slash",
                "*|:",
                "~",
                "\uFFFD",
                "con",
                "x".repeat(300) + "/" + "y".repeat(100));
    }

    @ParameterizedTest
    @MethodSource("oddKeys")
    void anyTextIsAKey(String name) throws Exception {
        put(name, "content of " + name);
        put("copied", "other");

        assertContent("content of " + name, name);
        assertEquals(key(name), store.head(key(name)).summary().key());
        assertTrue(listAll("", false, 10).contains(name), "listed");
        assertEquals(List.of(name), names(store.list(name, false, "", 5).objects()));
        store.copy(key(name), null, key("copied"), null);
        assertContent("content of " + name, "copied");
        store.copy(key("copied"), null, key(name), ObjectMetadata.NONE);
        store.delete(key(name));
        assertThrows(FsException.NotFound.class, () -> store.head(key(name)));
        assertEquals(List.of("copied"), listAll("", false, 10));
    }

    @Test
    void oddKeysDoNotMeetEachOther() throws Exception {
        for (String name : oddKeys()) {
            put(name, name);
        }

        for (String name : oddKeys()) {
            assertContent(name, name);
        }
        TreeSet<String> sorted = new TreeSet<>(ObjectKey::compareUtf8);
        sorted.addAll(oddKeys());
        assertEquals(List.copyOf(sorted), listAll("", false, 7));
    }

    @Test
    void aKeyAsLongAsAllowedWorks() throws Exception {
        int max = store.capabilities().maxKeyBytes();
        assertTrue(max >= 471, "every store takes what Garage takes");
        String longest = "\u00fc".repeat(200) + "k".repeat(max - 400);

        put(longest, "long");

        assertContent("long", longest);
        assertEquals(List.of(longest), listAll("\u00fc", false, 10));
        store.copy(key(longest), null, key(longest), ObjectMetadata.NONE);
        store.delete(key(longest));
        assertThrows(FsException.NotFound.class, () -> store.head(key(longest)));
    }

    @Test
    void aLongerKeyIsRefusedByEveryRequest() throws Exception {
        put("k", "x");
        ObjectKey tooLong = key("k".repeat(store.capabilities().maxKeyBytes() + 1));
        Class<FsException.NameTooLong> refused = FsException.NameTooLong.class;
        Body body = Body.of(new byte[1]);

        assertThrows(refused, () -> store.head(tooLong));
        assertThrows(refused, () -> store.get(tooLong, 0, ByteBuffer.allocate(1), null));
        assertThrows(refused, () -> store.put(tooLong, body, ObjectMetadata.NONE));
        assertThrows(refused, () -> store.copy(key("k"), null, tooLong, null));
        assertThrows(refused, () -> store.copy(tooLong, null, key("k"), null));
        assertThrows(refused, () -> store.delete(tooLong));
        assertThrows(refused, () -> store.deleteMany(List.of(key("k"), tooLong)));
        assertThrows(refused, () -> store.startUpload(tooLong, ObjectMetadata.NONE));
        assertContent("x", "k");
    }

    @Test
    void listsAreInTheOrderOfUtf8Bytes() throws Exception {
        // UTF-16 would put the emoji (a surrogate pair) before the private use and replacement characters.
        List<String> ordered = List.of(
                "-",
                "A",
                "a",
                "a-b",
                "a/b",
                "a0",
                "ab",
                "z",
                "\u00e9",
                "\u07ff",
                "\u0800",
                "\ud7ff",
                "\ue000",
                "\ufffd",
                "\uD83D\uDE00",
                "\uD83D\uDE00a",
                "\uDBFF\uDFFD");
        for (int i = ordered.size() - 1; i >= 0; i--) {
            put(ordered.get(i), "x");
        }

        assertEquals(ordered, listAll("", false, 1000));
        assertEquals(ordered, listAll("", false, 1));
        assertEquals(
                ordered.subList(14, 17),
                names(store.list("", false, "\ufffd", 1000).objects()));
    }

    @Test
    void aFileAndAFolderOfOneNameLiveSideBySide() throws Exception {
        put("f", "file");
        put("f/x", "inside");
        put("f/", "marker");

        assertContent("file", "f");
        assertContent("inside", "f/x");
        assertContent("marker", "f/");
        ListPage top = store.list("", true, "", 10);
        assertEquals(List.of("f"), names(top.objects()));
        assertEquals(List.of("f/"), top.commonPrefixes());
        assertEquals(List.of("f/", "f/x"), names(store.list("f/", true, "", 10).objects()));
        store.delete(key("f"));
        assertContent("inside", "f/x");
    }

    @Test
    void theDelimiterFoldsWhatLiesDeeper() throws Exception {
        for (String name : List.of("a", "b/1", "b/2", "b/c/3", "b/c/4/5", "b-", "b0", "d/", "e//f", "/g")) {
            put(name, "x");
        }

        ListPage top = store.list("", true, "", 100);
        assertEquals(List.of("a", "b-", "b0"), names(top.objects()));
        assertEquals(List.of("/", "b/", "d/", "e/"), top.commonPrefixes());
        ListPage b = store.list("b/", true, "", 100);
        assertEquals(List.of("b/1", "b/2"), names(b.objects()));
        assertEquals(List.of("b/c/"), b.commonPrefixes());
        ListPage c = store.list("b/c", true, "", 100);
        assertEquals(List.of("b/c/"), c.commonPrefixes());
        assertEquals(List.of(), c.objects());
        ListPage e = store.list("e/", true, "", 100);
        assertEquals(List.of("e//"), e.commonPrefixes());
        assertEquals(List.of("d/"), names(store.list("d/", true, "", 100).objects()));
        assertEquals(List.of(), items(store.list("missing/", true, "", 100)));
    }

    @Test
    void aPrefixNeedNotEndInASlash() throws Exception {
        for (String name : List.of("doc", "docs/1", "dog", "d")) {
            put(name, "x");
        }

        assertEquals(List.of("doc", "docs/1"), listAll("doc", false, 100));
        assertEquals(List.of("doc", "docs/"), items(store.list("doc", true, "", 100)));
    }

    @Test
    void afterLeavesOutEverythingUpToIt() throws Exception {
        for (String name : List.of("a", "b", "c/1", "c/2", "d")) {
            put(name, "x");
        }

        assertEquals(List.of("b", "c/1", "c/2", "d"), items(store.list("", false, "a", 100)));
        assertEquals(List.of("c/2", "d"), items(store.list("", false, "c/1", 100)));
        assertEquals(List.of("c/1", "c/2", "d"), items(store.list("", false, "bb", 100)));
        assertEquals(List.of(), items(store.list("", false, "d", 100)));
        assertEquals(List.of("c/1", "c/2"), items(store.list("c/", false, "a", 100)));
        assertEquals(List.of(), items(store.list("c/", false, "d", 100)));
    }

    @Test
    void afterHoldsForCommonPrefixesToo() throws Exception {
        for (String name : List.of("a", "c/1", "c/2", "d", "e/1")) {
            put(name, "x");
        }

        assertEquals(List.of("c/", "d", "e/"), items(store.list("", true, "a", 100)));
        assertEquals(List.of("d", "e/"), items(store.list("", true, "c/", 100)));
        assertEquals(List.of("d", "e/"), items(store.list("", true, "c/1", 100)));
        assertEquals(List.of("e/"), items(store.list("", true, "d", 100)));
        assertEquals(List.of("c/", "d", "e/"), items(store.list("", true, "c", 100)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000})
    void pagesOfAnySizeGiveEveryItemOnce(int limit) throws Exception {
        for (String name : List.of("a", "b/1", "b/2", "b/3", "c", "d/1", "d/2", "e")) {
            put(name, "x");
        }

        assertEquals(List.of("a", "b/1", "b/2", "b/3", "c", "d/1", "d/2", "e"), listAll("", false, limit));
        assertEquals(List.of("a", "b/", "c", "d/", "e"), listAll("", true, limit));
    }

    @Test
    void aPageIsNeverLargerThanAskedAndTheLastOneSaysSo() throws Exception {
        for (String name : List.of("a", "b/1", "b/2", "c")) {
            put(name, "x");
        }

        assertEquals(2, items(store.list("", true, "", 2)).size());
        assertTrue(store.list("", true, "", 2).next().isPresent());
        assertEquals(Optional.empty(), store.list("", true, "", 100).next());
        assertEquals(Optional.empty(), store.list("missing", true, "", 1).next());
    }

    @Test
    void aPageHasOneToAThousandKeys() {
        assertThrows(FsException.Invalid.class, () -> store.list("", false, "", 0));
        assertThrows(FsException.Invalid.class, () -> store.list("", false, "", -1));
    }

    @Test
    void manyKeysComeInPagesOfAThousand() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2_500; i++) {
            expected.add(String.format("many/%02d/%04d \u00fc", i % 25, i));
        }
        List<Callable<String>> writers = new ArrayList<>();
        for (int from = 0; from < expected.size(); from += 250) {
            List<String> names = List.copyOf(expected.subList(from, from + 250));
            writers.add(() -> {
                for (String name : names) {
                    put(name, "x");
                }
                return "";
            });
        }
        together(writers);
        expected.sort(ObjectKey::compareUtf8);

        ListPage first = store.list("many/", false, "", ObjectStore.MAX_PAGE);
        assertEquals(ObjectStore.MAX_PAGE, first.objects().size());
        assertEquals(expected, listAll("", false, ObjectStore.MAX_PAGE));
        assertEquals(25, listAll("many/", true, 10).size());
        assertEquals(100, listAll("many/07/", true, 33).size());
    }

    @Test
    void aListShowsAPutAndADeleteAtOnce() throws Exception {
        for (int i = 0; i < 50; i++) {
            put("at once", "round " + i);
            assertEquals(List.of("at once"), listAll("", false, 10));
            assertEquals(utf8("round " + i).length, listed("at once").size());
            store.delete(key("at once"));
            assertEquals(List.of(), listAll("", false, 10));
        }
    }
}
