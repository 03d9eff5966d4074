package isle.crypto.v1;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a device said that it does not need (R15).
 *
 * @param began when it began to read the vault for it, by its clock, in seconds since 1970
 * @param made when it had read all, likewise
 * @param since of each object, when the device began to say so: it has said so in all its marks from then on, and no two
 *     of them were further apart than a name can come and go unseen
 */
public record Mark(long began, long made, SortedMap<Spare, Long> since) {

    public Mark {
        if (began < 1 || made < began) {
            throw new IllegalArgumentException("a mark of " + began + " to " + made);
        }
        for (long each : since.values()) {
            if (each < 1 || each > made) {
                throw new IllegalArgumentException("a mark of " + made + " that began at " + each);
            }
        }
        since = Collections.unmodifiableSortedMap(new TreeMap<>(since));
    }

    /** When it began to say so of this object; null if it does not. */
    public @Nullable Long since(Spare object) {
        Map<Spare, Long> all = since;
        return all.get(object);
    }
}
