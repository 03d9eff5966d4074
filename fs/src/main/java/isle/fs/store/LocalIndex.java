package isle.fs.store;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ListPage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All objects of a local store in memory, in the order of lists. Read without a lock; changed under that of the shard. */
final class LocalIndex {

    private final ConcurrentSkipListMap<String, Entry> entries = new ConcurrentSkipListMap<>(ObjectKey::compareUtf8);
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();

    /**
     * Fills an empty index. Keys that come in order, nearly or in runs, cost least.
     *
     * @param keys all keys of {@code objects}; put in order
     */
    void fill(List<String> keys, Map<String, Entry> objects) {
        keys.sort(ObjectKey::compareUtf8);
        for (String key : keys) {
            Entry entry = objects.get(key);
            if (entry != null) {
                put(key, entry);
            }
        }
    }

    @Nullable Entry get(ObjectKey key) {
        return entries.get(key.value());
    }

    void put(String key, Entry entry) {
        Entry previous = entries.put(key, entry);
        if (previous == null) {
            count.incrementAndGet();
        }
        usedBytes.addAndGet(entry.size() - (previous == null ? 0 : previous.size()));
    }

    void remove(ObjectKey key) {
        Entry previous = entries.remove(key.value());
        if (previous != null) {
            count.decrementAndGet();
            usedBytes.addAndGet(-previous.size());
        }
    }

    ListPage list(String prefix, boolean delimiter, String after, int limit) {
        return new Listing<>(entries, (key, entry) -> entry.summary(key)).page(prefix, delimiter, after, limit);
    }

    /** Content bytes of all objects. */
    long usedBytes() {
        return usedBytes.get();
    }

    int count() {
        return count.get();
    }

    Map<String, Entry> all() {
        return entries;
    }
}
