package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Dot;
import isle.crypto.tree.Shown.VersionId;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/** Versions that are needed here, whatever becomes of them in the store: pending changes were made on them. */
final class Pins {

    private volatile Supplier<Set<EntryVersion>> pending = Set::of;

    /** @param versions are asked for when something is to be forgotten, and no lock is held */
    void ask(Supplier<Set<EntryVersion>> versions) {
        pending = versions;
    }

    Set<Dot> in(Id directory) throws FsException {
        Set<Dot> needed = new HashSet<>();
        for (EntryVersion version : pending.get()) {
            for (VersionId each : Versions.behind(version)) {
                if (each.directory().equals(directory)) {
                    needed.add(each.dot());
                }
            }
        }
        return needed;
    }
}
