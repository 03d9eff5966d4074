package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry as people see it: one name, however many versions are behind it.
 *
 * @param name under which it is shown
 * @param original under which its records are; another one for a copy that lost its name (R4)
 * @param state the latest one of its versions
 * @param versions what a change of it supersedes (R3)
 * @param directories that it opens, the one that creates go into first; empty for others than directories
 */
public record Shown(String name, String original, Here state, List<Version> versions, List<Id> directories) {

    public Shown {
        versions = List.copyOf(versions);
        directories = List.copyOf(directories);
    }

    /**
     * A record that is behind an entry.
     *
     * @param directory in whose packs it is
     */
    public record Version(Id directory, EntryRecord entry) {
        public VersionId id() {
            return new VersionId(directory, entry.dot());
        }
    }

    /** What a version can be found by again: {@link Tree#shown}. */
    public record VersionId(Id directory, Dot dot) {}

    /** The latest of the versions that are entries; null for a directory that only its own register names. */
    @Nullable Version latestEntry() {
        Version latest = null;
        for (Version each : versions) {
            if (!each.entry().isPlace() && (latest == null || each.entry().isLaterThan(latest.entry()))) {
                latest = each;
            }
        }
        return latest;
    }

    /** The versions that are entries of this directory. */
    List<Version> entriesIn(Id directory) {
        return versions.stream()
                .filter(each ->
                        each.directory().equals(directory) && !each.entry().isPlace())
                .toList();
    }

    public boolean isCopy() {
        return !name.equals(original);
    }

    public boolean isDirectory() {
        return state.isDirectory();
    }

    @Override
    public String toString() {
        return (isCopy() ? "copy, " : "") + state + ", of " + versions;
    }
}
