package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.v1.PackKey;
import isle.fs.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The objects of a vault that could not be read, so that they are not asked for again and again: only when the store
 * says that there are other bytes now, and at the next start. Not safe for several threads.
 */
final class Troubles {

    private final Map<PackKey, Trouble> unread = new HashMap<>();
    private final Map<Id, Set<ObjectKey>> strangers = new HashMap<>();

    private record Trouble(Problem.Kind kind, String etag) {}

    void add(PackKey key, Problem.Kind kind, String etag) {
        unread.put(key, new Trouble(kind, etag));
    }

    void remove(PackKey key) {
        unread.remove(key);
    }

    /** Whether it is no use to ask for these bytes. */
    boolean has(PackKey key, String etag) {
        Trouble trouble = unread.get(key);
        return trouble != null && trouble.etag().equals(etag);
    }

    /** Whether a pack of this directory could not be read. */
    boolean isIn(Id directory) {
        return unread.keySet().stream().anyMatch(key -> key.directory().equals(directory));
    }

    /** Whether there is a pack that another host, or a later isle, can read. */
    boolean haveOthersKeys() {
        return unread.values().stream()
                .anyMatch(each -> each.kind() == Problem.Kind.KEY_UNKNOWN || each.kind() == Problem.Kind.LATER_FORMAT);
    }

    /** What a whole list of a directory has: of what is gone from it nothing can be wrong. */
    void listed(Id directory, Set<PackKey> packs, Collection<ObjectKey> others) {
        unread.keySet().removeIf(key -> key.directory().equals(directory) && !packs.contains(key));
        if (others.isEmpty()) {
            strangers.remove(directory);
        } else {
            strangers.put(directory, new HashSet<>(others));
        }
    }

    /** From now on everything is tried again. */
    void clear() {
        unread.clear();
        strangers.clear();
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        unread.forEach((key, trouble) -> problems.add(new Problem(trouble.kind(), key.directory(), key.pack())));
        strangers.forEach((directory, keys) ->
                keys.forEach(key -> problems.add(new Problem(Problem.Kind.STRANGER, directory, null))));
        return problems;
    }
}
