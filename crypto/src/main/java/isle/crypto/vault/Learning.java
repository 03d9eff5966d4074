package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.vault.Commit.Item;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what a change builds on is known here. Usually it is; not if the mirror was lost since, or is older than
 * what the journal tells: a version whose record is not known would not be superseded, and come back as a conflict. One that
 * a compaction has dropped meanwhile is in the history.
 */
final class Learning {
    private final VaultState state;
    private final PastReader past;
    private final Refs refs;

    Learning(VaultState state, PastReader past, Refs refs) {
        this.state = state;
        this.past = past;
        this.refs = refs;
    }

    /** Before a commit. */
    void learn(List<Item> items) throws FsException {
        Set<Id> unknown = new LinkedHashSet<>();
        List<VersionId> versions = new ArrayList<>();
        for (Item item : items) {
            if (item.change() instanceof Put put) {
                add(unknown, put.directory());
                add(versions, put.expected());
                Source source = put.source();
                if (source != null) {
                    add(versions, source.version());
                    add(unknown, source.ref());
                }
            } else if (item.change() instanceof Unname unname) {
                add(unknown, unname.parent());
                add(unknown, unname.was().ref());
                add(versions, unname.expected());
            }
        }
        versions.forEach(each -> unknown.add(each.directory()));
        if (!unknown.isEmpty()) {
            state.refresh(List.copyOf(unknown));
            versions.removeIf(this::isKnown);
            past.recall(versions);
        }
        names(directories(items));
    }

    private Set<Id> directories(List<Item> items) {
        Set<Id> directories = new LinkedHashSet<>();
        for (Item item : items) {
            if (item.change() instanceof Put put) {
                directories.addAll(refs.directories(put.directory()));
            } else if (item.change() instanceof Unname unname) {
                directories.addAll(refs.directories(unname.parent()));
            }
        }
        return directories;
    }

    /**
     * Before directories that have no name get one: it may be in a directory that was never read, or in a pack that has
     * come since, and the later name would count.
     */
    void names(Collection<Id> directories) throws FsException {
        Set<Id> read = new HashSet<>();
        while (true) {
            Set<Id> above = state.ask((all, tree) -> tree.aboveNameless(directories));
            above.removeAll(read);
            if (above.isEmpty()) {
                return;
            }
            state.refresh(List.copyOf(above));
            read.addAll(above);
        }
    }

    private void add(Set<Id> unknown, String ref) {
        if (refs.isDirectory(ref)) {
            for (Id id : refs.directories(ref)) {
                if (!state.known(List.of(id))) {
                    unknown.add(id);
                }
            }
        }
    }

    private void add(List<VersionId> unknown, @Nullable EntryVersion version) throws FsException {
        for (VersionId each : version == null ? List.<VersionId>of() : Versions.behind(version)) {
            if (!isKnown(each)) {
                unknown.add(each);
            }
        }
    }

    private boolean isKnown(VersionId version) {
        return state.ask((all, tree) -> Commit.find(tree, version) != null);
    }
}
