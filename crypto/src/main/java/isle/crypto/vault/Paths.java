package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The paths under which a tree shows things. For one question, while nothing is joined. */
final class Paths {

    private static final int DEEPEST = 4096;

    private final Tree tree;
    private final Id root;

    Paths(Tree tree, Id root) {
        this.tree = tree;
        this.root = root;
    }

    /** Of a directory; empty for the root, null if it is shown nowhere. */
    @Nullable String of(Id directory) {
        Deque<String> names = new ArrayDeque<>();
        Id at = directory;
        while (!at.equals(root)) {
            Place place = tree.placeOf(at);
            if (place == null || names.size() > DEEPEST) {
                return null;
            }
            names.addFirst(name(at, place));
            at = place.parent();
        }
        return String.join("/", names);
    }

    /** It may have been renamed in place since its register was written. */
    private String name(Id directory, Place place) {
        for (Map.Entry<String, Shown> each : tree.list(List.of(place.parent())).entrySet()) {
            if (each.getValue().directories().contains(directory)) {
                return each.getKey();
            }
        }
        return place.name();
    }

    static String join(String folder, String name) {
        return folder.isEmpty() ? name : folder + "/" + name;
    }
}
