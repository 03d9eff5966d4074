package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.v1.VaultReader.Problem;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.store.MemoryObjectStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store that says what is not so: it makes files unreadable, and nothing worse. */
class LyingStoreTest {

    private final MemoryObjectStore memory = new MemoryObjectStore(InstantSource.system(), new Random(1));
    private final byte[] key = new byte[Sealer.KEY_BYTES];
    private Map<String, String> expected = Map.of();

    private interface Lie {
        Object answer(Method method, Object[] arguments) throws FsException;
    }

    @BeforeEach
    void aVault() throws FsException {
        new GoldenVault(memory, key).make();
        VaultReader reader = reader(memory);
        reader.refresh();
        expected = picture(reader);
    }

    private Object truth(Method method, Object[] arguments) throws FsException {
        try {
            return method.invoke(memory, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof FsException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectStore store(Lie lie) {
        return (ObjectStore) Proxy.newProxyInstance(
                LyingStoreTest.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> lie.answer(method, arguments));
    }

    private VaultReader reader(ObjectStore store) {
        return new VaultReader(
                new PackStore(store, GoldenVault.VAULT, generation -> List.of(new Sealer(key))), GoldenVault.VAULT);
    }

    private static Map<String, String> picture(VaultReader reader) {
        Map<String, String> paths = new TreeMap<>();
        walk(reader, reader.tree(), reader.tree().list(), "", paths);
        return paths;
    }

    private static void walk(
            VaultReader reader, Tree tree, Map<String, Shown> entries, String above, Map<String, String> paths) {
        entries.forEach((name, entry) -> {
            String path = above + "/" + name;
            if (entry.isDirectory()) {
                paths.put(path, "folder");
                walk(reader, tree, tree.list(entry.directories()), path, paths);
                return;
            }
            try {
                paths.put(path, java.util.Arrays.hashCode(reader.content(entry)) + "");
            } catch (FsException e) {
                paths.put(path, "error");
            }
        });
    }

    private void assertNothingWrong(VaultReader reader) {
        picture(reader)
                .forEach((path, what) -> assertTrue(what.equals("error") || what.equals(expected.get(path)), path));
    }

    private List<ObjectKey> keys(String prefix) throws FsException {
        return memory.list(prefix, false, "", 1000).objects().stream()
                .map(ObjectSummary::key)
                .toList();
    }

    /** R12: told, when a second list has it still. */
    @Test
    void whatIsListedAndNeverThereIsTold() throws FsException {
        for (ObjectKey hidden : keys(PackKey.PREFIX)) {
            VaultReader reader = reader(store((method, arguments) -> {
                if (method.getName().equals("get") && arguments[0].equals(hidden)) {
                    throw new FsException.NotFound("not here");
                }
                return truth(method, arguments);
            }));
            reader.refresh();
            assertFalse(reader.problems().isEmpty(), hidden.value());
        }
    }

    /** R12: a compaction has taken packs away between the list and the reading. */
    @Test
    void whatIsTakenInBetweenListAndReadIsRead() throws FsException {
        ObjectKey gone = new PackKey(GoldenVault.VAULT, 0, 1, new Id(77, 7), 256).key();
        int[] lists = {0};
        VaultReader reader = reader(store((method, arguments) -> {
            Object answer = truth(method, arguments);
            if (method.getName().equals("list") && lists[0]++ == 0) {
                ListPage page = (ListPage) answer;
                // Of the first list one pack was new, and another one is old.
                List<ObjectSummary> objects =
                        new ArrayList<>(page.objects().subList(1, page.objects().size()));
                objects.add(new ObjectSummary(gone, "", 256, Instant.EPOCH));
                return new ListPage(objects, List.of(), Optional.empty());
            }
            return answer;
        }));
        reader.refresh();
        assertEquals(expected, picture(reader));
        assertEquals(List.of(), reader.problems());
    }

    /** R12: content of a pack that was taken in since. */
    @Test
    void contentIsFoundWhereACompactionPutsIt() throws FsException {
        VaultReader reader = reader(memory);
        reader.refresh();
        for (ObjectKey each : keys(PackKey.PREFIX)) {
            PackKey pack = PackKey.parse(each);
            int size = (int) memory.head(each).summary().size();
            if (size > pack.indexBytes()) {
                memory.copy(each, null, new ObjectKey("b/" + pack.pack() + "." + pack.indexBytes()), null);
            }
            memory.delete(each);
        }
        assertEquals(expected, picture(reader));
    }

    @Test
    void aSizeThatCannotBeIsAnError() throws FsException {
        for (long size : new long[] {
            -1,
            0,
            1,
            255,
            1L << 31,
            Sealer.sealedSize(1L << 40),
            Sealer.sealedSize(1L << 61),
            Sealer.sealedSize(1L << 62),
            Long.MAX_VALUE,
            Long.MIN_VALUE
        }) {
            VaultReader reader = reader(store((method, arguments) -> {
                Object answer = truth(method, arguments);
                if (answer instanceof ListPage page) {
                    List<ObjectSummary> resized = page.objects().stream()
                            .map(each -> new ObjectSummary(each.key(), each.etag(), size, each.lastModified()))
                            .toList();
                    return new ListPage(resized, List.of(), page.next());
                }
                return answer;
            }));
            reader.refresh();
            assertNothingWrong(reader);
        }
    }

    @Test
    void shortReadsAreErrors() throws FsException {
        VaultReader reader = reader(store((method, arguments) -> {
            if (method.getName().equals("get")
                    && ((ObjectKey) arguments[0]).value().startsWith("b/")) {
                ((ByteBuffer) arguments[2]).limit(((ByteBuffer) arguments[2]).limit() / 2);
            }
            return truth(method, arguments);
        }));
        reader.refresh();
        assertNothingWrong(reader);
    }

    /** No memory is taken for what a key only claims. */
    @Test
    void aKeyThatClaimsALongIndexTakesNoMemory() throws FsException {
        ObjectKey huge = new PackKey(new Id(1, 1), 0, 1, new Id(2, 2), 999_999_999).key();
        int[] largest = {0};
        VaultReader reader = reader(store((method, arguments) -> {
            if (method.getName().equals("get")) {
                largest[0] = Math.max(largest[0], ((ByteBuffer) arguments[2]).capacity());
            }
            Object answer = truth(method, arguments);
            if (method.getName().equals("list")) {
                List<ObjectSummary> objects = new ArrayList<>(((ListPage) answer).objects());
                objects.add(new ObjectSummary(huge, "", 1L << 30, Instant.EPOCH));
                return new ListPage(objects, List.of(), Optional.empty());
            }
            return answer;
        }));
        reader.refresh();
        assertTrue(largest[0] <= 64 << 20, largest[0] + " bytes");
        assertEquals(1, reader.problems().size());
        assertTrue(reader.problems().get(0) instanceof Problem.Unreadable);
        assertEquals(expected, picture(reader));
    }

    @Test
    void aListWithoutEndIsAnError() {
        VaultReader reader = reader(store((method, arguments) -> {
            Object answer = truth(method, arguments);
            return answer instanceof ListPage page
                    ? new ListPage(page.objects(), List.of(), Optional.of("d/0"))
                    : answer;
        }));
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertThrows(FsException.class, reader::refresh));
    }

    @Test
    void aListThatSaysAKeyTwiceIsReadOnce() throws FsException {
        VaultReader reader = reader(store((method, arguments) -> {
            Object answer = truth(method, arguments);
            if (answer instanceof ListPage page) {
                List<ObjectSummary> twice = new ArrayList<>(page.objects());
                twice.addAll(page.objects());
                return new ListPage(twice, List.of(), Optional.empty());
            }
            return answer;
        }));
        reader.refresh();
        assertEquals(expected, picture(reader));
        assertEquals(List.of(), reader.problems());
    }

    /** What a member's record may claim. */
    @Test
    void contentThatDoesNotFitIsAnError() throws FsException {
        VaultReader reader = reader(memory);
        reader.refresh();
        PackKey pack = PackKey.parse(keys(PackKey.PREFIX).get(0));
        Content none = Content.NONE;
        Content packed = new Content.Packed(pack.directory(), pack.pack(), 1, Long.MAX_VALUE, 4);
        Content large = new Content.Packed(pack.directory(), pack.pack(), 1, 0, Integer.MAX_VALUE);
        Content block = new Content.Blocks(List.of(new Content.Block(new Id(3, 3), 1, Integer.MAX_VALUE)));
        Content tree = new Content.Tree(new Content.Block(new Id(3, 3), 1, 100), 4);
        Content huge = new Content.Tree(new Content.Block(new Id(3, 3), 1, Integer.MAX_VALUE), 1L << 31);
        for (Content content : List.of(none, packed, large, block, tree, huge)) {
            for (long size : new long[] {4, Integer.MAX_VALUE, 1L << 31, 1L << 40, Long.MAX_VALUE}) {
                if (content == none && size == 4) {
                    continue;
                }
                Attributes attributes = Attributes.of(FileKind.FILE, 0644, 0, 0, size, Timestamp.EPOCH);
                Shown file = new Shown("f", "f", new Here(new Id(4, 4), attributes, content), List.of(), List.of());
                assertThrows(FsException.class, () -> reader.content(file), content + " " + size);
            }
        }
        assertArrayEquals(
                new byte[4],
                reader.content(new Shown(
                        "f",
                        "f",
                        new Here(new Id(4, 4), Attributes.of(FileKind.FILE, 0644, 0, 0, 4, Timestamp.EPOCH), none),
                        List.of(),
                        List.of())));
    }
}
