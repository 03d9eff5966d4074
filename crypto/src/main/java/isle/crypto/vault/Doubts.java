package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Placed;
import isle.fs.model.FileKind;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Directories that may be elsewhere than their parents say (R14). For who holds the lock of the {@link VaultState}. */
final class Doubts {

    private final Map<Id, Directory> directories;
    private final Id root;

    /** Directories that were listed because an entry disagreed with them, and say the same still. */
    private final Set<Doubt> settled = new HashSet<>();

    /** An entry whose directory is not known to be where it is. */
    record Doubt(Id parent, Id child, EntryRecord entry) {}

    Doubts(Map<Id, Directory> directories, Id root) {
        this.directories = directories;
        this.root = root;
    }

    /** Those of entries of these directories that were not settled. */
    Set<Doubt> in(List<Id> group) {
        Set<Doubt> doubts = new LinkedHashSet<>();
        for (Id parent : group) {
            Directory directory = directories.get(parent);
            for (EntryRecord each : directory == null ? List.<EntryRecord>of() : directory.live()) {
                if (each.state() instanceof Here here
                        && here.attributes().kind() == FileKind.DIRECTORY
                        && !here.inode().equals(root)) {
                    Doubt doubt = new Doubt(parent, here.inode(), each);
                    if (!agrees(doubt) && !settled.contains(doubt)) {
                        doubts.add(doubt);
                    }
                }
            }
        }
        return doubts;
    }

    /** Their directories were listed: what they say now is what is known. */
    boolean settle(Set<Doubt> doubts) {
        doubts.removeIf(doubt -> places(doubt.child()).isEmpty() || agrees(doubt));
        return settled.addAll(doubts);
    }

    private List<EntryRecord> places(Id directory) {
        Directory joined = directories.get(directory);
        return joined == null ? List.of() : joined.places();
    }

    private boolean agrees(Doubt doubt) {
        return places(doubt.child()).stream()
                .anyMatch(each -> each.state() instanceof Placed placed
                        && placed.now().parent().equals(doubt.parent()));
    }
}
