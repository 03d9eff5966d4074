package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Tree;
import isle.fs.model.FileKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What names meant earlier, as far as the records are kept. For one question, while nothing is joined. */
final class Histories {

    private final Map<Id, Directory> directories;
    private final Tree tree;
    private final Map<Id, Collection<EntryRecord>> past;

    /** @param past what compactions have dropped, of the directories that are asked for */
    Histories(Map<Id, Directory> directories, Tree tree, Map<Id, Collection<EntryRecord>> past) {
        this.directories = directories;
        this.tree = tree;
        this.past = past;
    }

    /** All versions of a name, the latest first. */
    List<VersionInfo> of(Collection<Id> group, String name) {
        Map<String, Shown> listed = tree.list(group);
        Shown asked = listed.get(name);
        return of(group, asked == null ? name : asked.original(), shown(listed.values()));
    }

    private static Set<VersionId> shown(Collection<Shown> all) {
        Set<VersionId> shown = new HashSet<>();
        all.forEach(each -> each.versions().forEach(version -> shown.add(version.id())));
        return shown;
    }

    private List<VersionInfo> of(Collection<Id> group, String original, Set<VersionId> shown) {
        List<VersionInfo> versions = new ArrayList<>();
        for (Id id : group) {
            for (EntryRecord each : records(id)) {
                Version version = new Version(id, each);
                if (each.name().equals(original)) {
                    versions.add(VersionInfo.of(version, shown.contains(version.id())));
                }
            }
        }
        versions.sort((one, other) -> one.isLaterThan(other) ? -1 : other.isLaterThan(one) ? 1 : 0);
        return versions;
    }

    private Collection<EntryRecord> records(Id id) {
        Directory directory = directories.get(id);
        Set<EntryRecord> records = new LinkedHashSet<>(directory == null ? List.of() : directory.all());
        records.addAll(past.getOrDefault(id, List.of()));
        return records;
    }

    /** The versions of all names that directories ever had, each the latest first. */
    Map<String, List<VersionInfo>> all(Collection<Id> group) {
        Set<VersionId> shown = shown(tree.list(group).values());
        Map<String, List<VersionInfo>> all = new TreeMap<>();
        for (Id id : group) {
            for (EntryRecord each : records(id)) {
                if (!each.name().equals(EntryRecord.PLACE)) {
                    Version version = new Version(id, each);
                    all.computeIfAbsent(each.name(), name -> new ArrayList<>())
                            .add(VersionInfo.of(version, shown.contains(version.id())));
                }
            }
        }
        all.values()
                .forEach(versions ->
                        versions.sort((one, other) -> one.isLaterThan(other) ? -1 : other.isLaterThan(one) ? 1 : 0));
        return all;
    }

    /** The directories that a name means, or that the latest one of that name was; none if it never was one. */
    List<Id> directories(Collection<Id> group, String name) {
        Shown there = tree.list(group).get(name);
        if (there != null && there.isDirectory()) {
            return there.directories();
        }
        for (VersionInfo each : of(group, name)) {
            if (each.source().entry().state() instanceof Here here
                    && here.attributes().kind() == FileKind.DIRECTORY) {
                return List.of(here.inode());
            }
        }
        return List.of();
    }
}
