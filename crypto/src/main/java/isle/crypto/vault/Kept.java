package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Draft;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.fs.model.FileKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What this process has written anew without being asked, so that it stays as it is shown: who names the version before
 * that has been shown this one too. For who is committing.
 */
final class Kept {
    private final Map<VersionId, VersionId> next = new HashMap<>();
    private final Map<Id, VersionId> entries = new HashMap<>();

    void note(Draft draft, VersionId written) {
        if (!draft.isKeeping()) {
            return;
        }
        for (Version each : draft.replaced()) {
            next.put(each.id(), written);
        }
        if (draft.state() instanceof Here here && here.attributes().kind() == FileKind.DIRECTORY) {
            entries.put(here.inode(), written);
        }
    }

    /** These, and what was written in their place. */
    List<VersionId> with(List<VersionId> versions) {
        Set<VersionId> all = new LinkedHashSet<>(versions);
        for (VersionId each : versions) {
            for (VersionId at = next.get(each); at != null && all.add(at); at = next.get(at)) {}
        }
        return new ArrayList<>(all);
    }

    /** The entry that a directory was given; null if none. */
    @Nullable VersionId entryOf(Id directory) {
        return entries.get(directory);
    }
}
