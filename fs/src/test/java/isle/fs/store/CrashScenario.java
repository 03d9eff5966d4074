package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A run of requests that touches every way in which a store changes, with a model beside it of what must be there when
 * it is stopped: what was acknowledged for sure, and of the request under way either nothing or all.
 */
final class CrashScenario {

    private static final String PAYLOAD = "payload";

    /** Content and metadata of each key. */
    private Map<String, Value> model = new TreeMap<>();

    /** What there may be instead, if the last request had an effect. */
    private List<Map<String, Value>> alternatives = List.of();

    private static final class Value {
        private final byte[] bytes;
        private final String mode;

        Value(byte[] bytes, String mode) {
            this.bytes = bytes;
            this.mode = mode;
        }

        static Value of(int size, long seed) {
            byte[] bytes = new byte[size];
            new SplittableRandom(seed).nextBytes(bytes);
            return new Value(bytes, PAYLOAD);
        }

        ObjectMetadata metadata() {
            return new ObjectMetadata(Map.of("mode", mode), "", Map.of());
        }

        String shape() {
            return bytes.length + " " + Arrays.hashCode(bytes) + mode;
        }
    }

    private interface Change {
        void apply(Map<String, Value> model);
    }

    private interface Request {
        void run() throws FsException;
    }

    /** Runs everything; a failure of the disk ends it with the exception. */
    void run(ObjectStore store) throws FsException {
        put(store, "small", 100, 1);
        put(store, "small", 200, 2);
        put(store, "large", 100_000, 3);
        put(store, "large", 120_000, 4);
        chmod(store, "large", "one");
        chmod(store, "small", "two");
        copy(store, "large", "copied");
        copy(store, "small", "copied");
        copy(store, "large", "copied");
        put(store, "large", 50, 5);
        delete(store, "small");
        upload(store, "uploaded", 70_000, 6);
        upload(store, "uploaded", 90_000, 7);
        delete(store, "copied");
        put(store, "copied", 66_000, 8);
        chmod(store, "copied", "three");
        deleteAll(store, List.of("copied", "large", "never"));
        put(store, "small", 66_000, 9);
    }

    private void put(ObjectStore store, String key, int size, long seed) throws FsException {
        Value value = Value.of(size, seed);
        attempt(
                () -> store.put(new ObjectKey(key), Body.of(value.bytes), value.metadata()),
                List.of(after -> after.put(key, value)));
    }

    private void chmod(ObjectStore store, String key, String mode) throws FsException {
        Value value = new Value(value(key).bytes, mode);
        attempt(
                () -> store.copy(new ObjectKey(key), null, new ObjectKey(key), value.metadata()),
                List.of(after -> after.put(key, value)));
    }

    private void copy(ObjectStore store, String from, String to) throws FsException {
        Value value = value(from);
        attempt(
                () -> store.copy(new ObjectKey(from), null, new ObjectKey(to), null),
                List.of(after -> after.put(to, value)));
    }

    private void delete(ObjectStore store, String key) throws FsException {
        attempt(() -> store.delete(new ObjectKey(key)), List.of(after -> after.remove(key)));
    }

    private void deleteAll(ObjectStore store, List<String> keys) throws FsException {
        attempt(
                () -> {
                    Map<ObjectKey, FsException> failed =
                            store.deleteMany(keys.stream().map(ObjectKey::new).toList());
                    for (FsException e : failed.values()) {
                        throw e;
                    }
                },
                keys.stream().<Change>map(key -> after -> after.remove(key)).toList());
    }

    /** Half of the object as a part that is sent, the other half taken from an object that has the same bytes. */
    private void upload(ObjectStore store, String key, int size, long seed) throws FsException {
        Value value = Value.of(2 * size, seed);
        byte[] bytes = value.bytes;
        String source = key + " source";
        put(store, source, 2 * size, seed);
        ObjectKey target = new ObjectKey(key);
        attempt(
                () -> {
                    String id = store.startUpload(target, value.metadata());
                    store.uploadPart(target, id, 2, Body.of(new byte[10]));
                    String sent = store.uploadPart(target, id, 2, Body.of(Arrays.copyOfRange(bytes, size, 2 * size)));
                    String taken = store.copyPart(target, id, 1, new PartSource(new ObjectKey(source), null, 0, size));
                    store.abortUpload(target, store.startUpload(target, value.metadata()));
                    store.completeUpload(target, id, List.of(new Part(1, taken), new Part(2, sent)));
                },
                List.of(after -> after.put(key, value)));
    }

    private Value value(String key) {
        Value value = model.get(key);
        if (value == null) {
            throw new IllegalStateException("no " + key);
        }
        return value;
    }

    /** While the request is under way, each of the changes may have happened or not. */
    private void attempt(Request request, List<Change> changes) throws FsException {
        List<Map<String, Value>> possible = new ArrayList<>();
        for (int mask = 1; mask < 1 << changes.size(); mask++) {
            Map<String, Value> after = new TreeMap<>(model);
            for (int i = 0; i < changes.size(); i++) {
                if ((mask & (1 << i)) != 0) {
                    changes.get(i).apply(after);
                }
            }
            possible.add(after);
        }
        alternatives = possible;
        request.run();
        model = possible.get(possible.size() - 1);
        alternatives = List.of();
    }

    /** Holds a store against the model. */
    void verify(ObjectStore store) throws FsException {
        Map<String, String> actual = new TreeMap<>();
        for (ObjectSummary listed : store.list("", false, "", 1000).objects()) {
            ByteBuffer into = ByteBuffer.allocate((int) listed.size() + 10);
            ObjectHead head = store.get(listed.key(), 0, into, null);
            assertEquals(listed, head.summary());
            byte[] read = Arrays.copyOf(into.array(), into.position());
            String mode = head.metadata().user().getOrDefault("mode", "");
            actual.put(listed.key().value(), new Value(read, mode).shape());
        }
        Set<Map<String, String>> allowed = new HashSet<>();
        allowed.add(shape(model));
        for (Map<String, Value> alternative : alternatives) {
            allowed.add(shape(alternative));
        }
        assertTrue(allowed.contains(actual), () -> actual + " is none of " + allowed);
    }

    private static Map<String, String> shape(Map<String, Value> values) {
        Map<String, String> shape = new TreeMap<>();
        values.forEach((key, value) -> shape.put(key, value.shape()));
        return shape;
    }
}
