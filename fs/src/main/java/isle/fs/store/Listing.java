package isle.fs.store;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.BiFunction;

/** The list request over a map that is ordered by {@link ObjectKey#compareUtf8}. */
final class Listing<V> {

    /** What follows the slash in the order of bytes: the first key after everything in "dir/" is "dir0" or later. */
    private static final char AFTER_SLASH = '/' + 1;

    private final NavigableMap<String, V> objects;
    private final BiFunction<ObjectKey, V, ObjectSummary> summary;

    Listing(NavigableMap<String, V> objects, BiFunction<ObjectKey, V, ObjectSummary> summary) {
        this.objects = objects;
        this.summary = summary;
    }

    ListPage page(String prefix, boolean delimiter, String after, int limit) {
        List<ObjectSummary> found = new ArrayList<>();
        List<String> folded = new ArrayList<>();
        String last = "";
        boolean past = ObjectKey.compareUtf8(after, prefix) >= 0 && !after.isEmpty();
        Iterator<Map.Entry<String, V>> cursor = from(past ? after : prefix, !past);
        while (cursor.hasNext()) {
            Map.Entry<String, V> entry = cursor.next();
            String key = entry.getKey();
            if (!key.startsWith(prefix)) {
                break;
            }
            int slash = delimiter ? key.indexOf('/', prefix.length()) : -1;
            String item = slash < 0 ? key : key.substring(0, slash + 1);
            // A common prefix that was given out already, or that lies before "after", whatever is in it.
            boolean skip = slash >= 0 && ObjectKey.compareUtf8(item, after) <= 0;
            if (!skip) {
                if (found.size() + folded.size() == limit) {
                    return new ListPage(found, folded, Optional.of(last));
                }
                if (slash < 0) {
                    found.add(summary.apply(new ObjectKey(key), entry.getValue()));
                } else {
                    folded.add(item);
                }
                last = item;
            }
            if (slash >= 0) {
                cursor = from(key.substring(0, slash) + AFTER_SLASH, true);
            }
        }
        return new ListPage(found, folded, Optional.empty());
    }

    private Iterator<Map.Entry<String, V>> from(String key, boolean inclusive) {
        return objects.tailMap(key, inclusive).entrySet().iterator();
    }
}
