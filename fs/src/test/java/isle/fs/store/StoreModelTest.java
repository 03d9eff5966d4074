package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random requests to the local store and to the one in memory, which have to give the same answers. */
class StoreModelTest {

    private static final int REQUESTS = 150;
    private static final List<String> KEYS =
            List.of("a", "a/b", "a/c", "a//", "\u00fc", "\uD83D\uDE00", "b", "b-", "b/1/2", "z");

    /** Around the limits between inline content, copied and shared ranges, and segments. */
    private static final int[] SIZES = {0, 1, 1_000, 16_384, 65_536, 65_537, 100_000, 131_072, 250_001};

    @TempDir(factory = FastTempDir.class)
    Path folder;

    private interface Request {
        Object run(ObjectStore store) throws FsException;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theLocalStoreDoesWhatTheOneInMemoryDoes(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        MemoryObjectStore memory = new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1));
        LocalObjectStore local = open();
        try {
            for (int i = 0; i < REQUESTS; i++) {
                Request request = next(random);
                Object expected = outcome(memory, request);
                Object actual = outcome(local, request);
                assertEquals(expected, actual, "request " + i + " of seed " + seed);
                if (i % 20 == 19) {
                    local.close();
                    local = open();
                    compare(memory, local);
                }
            }
        } finally {
            local.close();
        }
    }

    private LocalObjectStore open() throws FsException {
        return LocalObjectStore.open(folder, InstantSource.system(), new SplittableRandom(1));
    }

    private static Object outcome(ObjectStore store, Request request) {
        try {
            return request.run(store);
        } catch (FsException e) {
            return e.getClass();
        }
    }

    private static ObjectKey key(SplittableRandom random) {
        return new ObjectKey(KEYS.get(random.nextInt(KEYS.size())));
    }

    private static byte[] content(SplittableRandom random) {
        byte[] bytes = new byte[SIZES[random.nextInt(SIZES.length)]];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ObjectMetadata metadata(SplittableRandom random) {
        return new ObjectMetadata(Map.of("m", "" + random.nextInt(1_000)), "", Map.of());
    }

    private static Request next(SplittableRandom random) {
        ObjectKey key = key(random);
        ObjectKey other = key(random);
        ObjectMetadata metadata = metadata(random);
        byte[] content = content(random);
        return switch (random.nextInt(8)) {
            case 0, 1 ->
                store -> {
                    store.put(key, Body.of(content), metadata);
                    return "put";
                };
            case 2 ->
                store -> {
                    store.copy(key, null, other, metadata);
                    return "copy";
                };
            case 3 ->
                store -> {
                    store.copy(key, null, key, metadata);
                    return "metadata";
                };
            case 4 ->
                store -> {
                    store.delete(key);
                    return "delete";
                };
            case 5 -> {
                long offset = random.nextInt(300_000);
                int count = random.nextInt(200_000);
                yield store -> {
                    ByteBuffer into = ByteBuffer.allocate(count);
                    ObjectHead head = store.get(key, offset, into, null);
                    return head.summary().size() + " " + Arrays.hashCode(Arrays.copyOf(into.array(), into.position()));
                };
            }
            case 6 -> upload(random, key, metadata);
            default -> {
                String after = random.nextBoolean() ? "" : KEYS.get(random.nextInt(KEYS.size()));
                boolean delimiter = random.nextBoolean();
                int limit = 1 + random.nextInt(5);
                yield store -> {
                    ListPage page = store.list("", delimiter, after, limit);
                    return StoreFixture.items(page) + " " + page.next();
                };
            }
        };
    }

    /** An upload of a few parts, sent or taken from other objects; the last one is sent. */
    private static Request upload(SplittableRandom random, ObjectKey key, ObjectMetadata metadata) {
        int count = 1 + random.nextInt(4);
        List<ObjectKey> sources = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            sources.add(key(random));
            offsets.add(random.nextInt(60_000));
        }
        int length = 1 + random.nextInt(150_000);
        byte[] last = content(random);
        return store -> {
            String id = store.startUpload(key, metadata);
            List<Part> parts = new ArrayList<>();
            try {
                for (int i = 1; i < count; i++) {
                    PartSource source = new PartSource(sources.get(i - 1), null, offsets.get(i - 1), length);
                    parts.add(new Part(i, store.copyPart(key, id, i, source)));
                }
            } catch (FsException e) {
                store.abortUpload(key, id);
                throw e;
            }
            parts.add(new Part(count, store.uploadPart(key, id, count, Body.of(last))));
            store.completeUpload(key, id, parts);
            return "upload";
        };
    }

    private static void compare(ObjectStore expected, ObjectStore actual) throws FsException {
        ListPage page = expected.list("", false, "", 1000);
        assertEquals(StoreFixture.items(page), StoreFixture.items(actual.list("", false, "", 1000)));
        for (String name : StoreFixture.items(page)) {
            ObjectKey key = new ObjectKey(name);
            ObjectHead head = expected.head(key);
            assertEquals(head.metadata(), actual.head(key).metadata());
            ByteBuffer one = ByteBuffer.allocate((int) head.summary().size() + 1);
            ByteBuffer two = ByteBuffer.allocate((int) head.summary().size() + 1);
            expected.get(key, 0, one, null);
            actual.get(key, 0, two, null);
            assertEquals(one.position(), two.position());
            assertArrayEquals(one.array(), two.array(), name);
        }
        assertEquals(expected.statistics().usedBytes(), actual.statistics().usedBytes());
    }
}
