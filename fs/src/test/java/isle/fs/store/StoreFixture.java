package isle.fs.store;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.PutResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What the parts of {@link ObjectStoreContract} share: the store under test and short ways to use it. */
public abstract class StoreFixture {

    protected ObjectStore store;

    /** Opens a store with nothing in it. It is closed after the test. */
    protected abstract ObjectStore openEmpty() throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        store = requireNonNull(openEmpty());
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    protected static ObjectKey key(String value) {
        return new ObjectKey(value);
    }

    protected static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes that no other seed gives. */
    protected static byte[] bytes(int size, long seed) {
        byte[] bytes = new byte[size];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    protected static ObjectMetadata user(Map<String, String> user) {
        return new ObjectMetadata(user, "", Map.of());
    }

    protected PutResult put(String key, byte[] content) throws FsException {
        return store.put(key(key), Body.of(content), ObjectMetadata.NONE);
    }

    protected PutResult put(String key, String content) throws FsException {
        return put(key, utf8(content));
    }

    /** The whole content; the buffer has room for more, so that a longer object would show. */
    protected byte[] content(String key) throws FsException {
        long size = store.head(key(key)).summary().size();
        ByteBuffer into = ByteBuffer.allocate((int) size + 100);
        ObjectHead head = store.get(key(key), 0, into, null);
        assertEquals(size, into.position(), "bytes read of " + key);
        assertEquals(size, head.summary().size(), "size told by get of " + key);
        return Arrays.copyOf(into.array(), into.position());
    }

    protected void assertContent(String expected, String key) throws FsException {
        assertEquals(expected, new String(content(key), StandardCharsets.UTF_8));
    }

    protected void assertContent(byte[] expected, String key) throws FsException {
        assertArrayEquals(expected, content(key), "content of " + key);
    }

    /** {@code count} bytes from {@code offset}, or fewer at the end. */
    protected byte[] range(String key, long offset, int count) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(count);
        store.get(key(key), offset, into, null);
        return Arrays.copyOf(into.array(), into.position());
    }

    /** What a list says of one object; it must be there. */
    protected ObjectSummary listed(String key) throws FsException {
        List<ObjectSummary> found = store.list(key, false, "", 1).objects();
        assertEquals(List.of(key), names(found));
        return found.get(0);
    }

    /** Everything that a list gives, page by page: keys and common prefixes, each page in order. */
    protected List<String> listAll(String prefix, boolean delimiter, int limit) throws FsException {
        List<String> all = new ArrayList<>();
        Optional<String> after = Optional.of("");
        while (after.isPresent()) {
            ListPage page = store.list(prefix, delimiter, after.get(), limit);
            all.addAll(items(page));
            after = page.next();
        }
        return all;
    }

    /** Keys and common prefixes of a page together, in order. */
    protected static List<String> items(ListPage page) {
        List<String> items = new ArrayList<>(names(page.objects()));
        items.addAll(page.commonPrefixes());
        items.sort(ObjectKey::compareUtf8);
        return items;
    }

    protected static List<String> names(List<ObjectSummary> objects) {
        return objects.stream().map(object -> object.key().value()).toList();
    }

    /** Runs all at the same time; the first failure is thrown. */
    protected static List<String> together(List<Callable<String>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        try {
            List<Future<String>> futures = calls.stream().map(threads::submit).toList();
            List<String> results = new ArrayList<>();
            for (Future<String> future : futures) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
