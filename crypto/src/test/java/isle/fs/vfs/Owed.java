package isle.fs.vfs;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Contents that were acknowledged to somebody, and those that somebody took away who had been shown them. */
final class Owed {

    /** By mark: on which host it was written. */
    private final Map<String, String> written = new LinkedHashMap<>();

    private final Set<String> removed = new HashSet<>();
    private final Set<String> stored = new HashSet<>();
    private int drawn;

    /** What tells a new content apart. */
    String draw(String host) {
        return String.format("%-" + SimulatedHost.MARK + "s", host + ++drawn);
    }

    void wrote(String host, String mark) {
        written.put(mark, host);
    }

    /** Somebody who was shown this put something else in its place, or took it away. */
    void removed(@Nullable String mark) {
        if (mark != null) {
            removed.add(mark);
        }
    }

    /** Whatever was written on this host is in the store. */
    void allStored(String host) {
        written.forEach((mark, by) -> {
            if (by.equals(host)) {
                stored.add(mark);
            }
        });
    }

    /** A power cut: what was not stored need not be there, unless it is. */
    void lostPower(String host, Collection<String> shown) {
        written.entrySet()
                .removeIf(each -> each.getValue().equals(host)
                        && !stored.contains(each.getKey())
                        && !shown.contains(each.getKey()));
    }

    /** What should be shown and is not. */
    List<String> missing(Collection<String> shown) {
        Set<String> marks = new HashSet<>();
        shown.forEach(each -> marks.add(each.substring(0, Math.min(SimulatedHost.MARK, each.length()))));
        List<String> missing = new ArrayList<>(written.keySet());
        missing.removeAll(removed);
        missing.removeAll(marks);
        return missing;
    }
}
