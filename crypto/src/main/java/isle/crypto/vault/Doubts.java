package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Tree;
import isle.crypto.v1.PackKey;
import isle.fs.model.FileKind;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Directories that may be elsewhere than their parents say (R14). For who holds the lock of the {@link VaultState}. */
final class Doubts {

    private final Map<Id, Directory> directories;
    private final Map<Id, Set<PackKey>> packs;
    private final Id root;

    /** Directories that were listed because an entry disagreed with them, and say the same still. */
    private final Set<Doubt> settled = new HashSet<>();

    /**
     * An entry whose directory is not known to be where it is; or a register, of a directory that no entry names where
     * it is said to be.
     *
     * @param packs of the parent when it was noticed: with another pack it is another doubt
     */
    record Doubt(Id parent, Id child, EntryRecord entry, int packs) {}

    /** @param packs by directory, those that were joined */
    Doubts(Map<Id, Directory> directories, Map<Id, Set<PackKey>> packs, Id root) {
        this.directories = directories;
        this.packs = packs;
        this.root = root;
    }

    /** Those of these directories that were not settled. */
    Set<Doubt> in(List<Id> group, Tree tree) {
        Set<Doubt> doubts = new LinkedHashSet<>();
        for (Id parent : group) {
            int count = packs.getOrDefault(parent, Set.of()).size();
            for (Shown.Version each : tree.unnamed(parent)) {
                doubts.add(new Doubt(parent, each.directory(), each.entry(), count));
            }
            Directory directory = directories.get(parent);
            for (EntryRecord each : directory == null ? List.<EntryRecord>of() : directory.live()) {
                if (each.state() instanceof Here here
                        && here.attributes().kind() == FileKind.DIRECTORY
                        && !here.inode().equals(root)) {
                    Doubt doubt = new Doubt(parent, here.inode(), each, count);
                    if (!agrees(doubt)) {
                        doubts.add(doubt);
                    }
                }
            }
        }
        doubts.removeAll(settled);
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
        return !doubt.entry().name().equals(EntryRecord.PLACE)
                && places(doubt.child()).stream()
                        .anyMatch(each -> each.state() instanceof Placed placed
                                && placed.now().parent().equals(doubt.parent()));
    }
}
