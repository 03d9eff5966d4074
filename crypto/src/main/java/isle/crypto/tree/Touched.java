package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.Shown.VersionId;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the changes of one commit are about. */
final class Touched {

    /** By directory: the names under which records are changed. */
    final Map<List<Id>, Set<String>> originals = new LinkedHashMap<>();

    final Set<VersionId> versions = new HashSet<>();

    /** Directories whose register is written. */
    final Set<Id> registered = new HashSet<>();

    /** Directories whose entry is written or taken away. */
    final Set<Id> named = new HashSet<>();

    /** Directories that get another parent. */
    final Set<Id> moved = new HashSet<>();

    void add(List<Id> group, @Nullable Shown there) {
        Set<String> names = originals.computeIfAbsent(List.copyOf(group), g -> new LinkedHashSet<>());
        if (there != null) {
            names.add(there.original());
            add(there);
        }
    }

    void add(Shown shown) {
        shown.versions().forEach(each -> versions.add(each.id()));
    }

    boolean isAllOf(Shown shown) {
        return shown.versions().stream().allMatch(each -> versions.contains(each.id()));
    }
}
