package isle.crypto.vault;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** What was used last, up to a weight. May be used by several threads. */
final class Recent<K, V> {

    private final long most;
    private final ToLongFunction<V> weight;
    private final LinkedHashMap<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long held;

    /**
     * @param most weight of all together
     * @param weight of one; what is heavier than {@code most} is not kept
     */
    Recent(long most, ToLongFunction<V> weight) {
        this.most = most;
        this.weight = weight;
    }

    synchronized @Nullable V get(K key) {
        return entries.get(key);
    }

    synchronized void clear() {
        entries.clear();
        held = 0;
    }

    synchronized void put(K key, V value) {
        V before = entries.put(key, value);
        held += weight.applyAsLong(value) - (before == null ? 0 : weight.applyAsLong(before));
        Iterator<Map.Entry<K, V>> oldest = entries.entrySet().iterator();
        while (held > most && oldest.hasNext()) {
            held -= weight.applyAsLong(oldest.next().getValue());
            oldest.remove();
        }
    }
}
