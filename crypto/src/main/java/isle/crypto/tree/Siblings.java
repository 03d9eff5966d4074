package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What names show when several records hold for one of them (R4). */
final class Siblings {

    private final Rules rules;

    Siblings(Rules rules) {
        this.rules = rules;
    }

    /**
     * A record that says that something is under a name of the directory that is shown.
     *
     * @param name which may be another one than the record's, for a directory that no record of its parent names
     */
    record Candidate(String name, Version version, Here state) {
        private Object group(Rules rules) {
            if (state.isDirectory() && rules.keep(Rule.R4_DIRECTORIES_MERGE)) {
                return Kind.DIRECTORY;
            }
            return rules.keep(Rule.R4_ONE_CONTENT_IS_ONE_FILE)
                    ? new OneFile(state.inode(), state.content())
                    : version.entry().dot();
        }

        @Override
        public String toString() {
            return version.toString();
        }
    }

    /** All directories of one name are one group. */
    private enum Kind {
        DIRECTORY
    }

    private record OneFile(Id inode, Content bytes) {}

    /** All entries, by the names that they are shown under. */
    Map<String, Shown> show(Collection<Candidate> candidates) {
        Map<String, Map<Object, List<Candidate>>> byName = new TreeMap<>();
        for (Candidate each : candidates) {
            byName.computeIfAbsent(each.name(), n -> new LinkedHashMap<>())
                    .computeIfAbsent(each.group(rules), g -> new ArrayList<>(1))
                    .add(each);
        }
        Map<String, Shown> shown = new TreeMap<>();
        List<Group> copies = new ArrayList<>();
        byName.forEach((name, groups) -> {
            List<Group> sorted = new ArrayList<>();
            groups.values().forEach(members -> sorted.add(groupOf(members)));
            sorted.sort((a, b) -> isLater(a.latest(), b.latest()) ? -1 : isLater(b.latest(), a.latest()) ? 1 : 0);
            shown.put(name, sorted.get(0).shownAs(name));
            if (rules.keep(Rule.R4_BOTH_ARE_SHOWN)) {
                copies.addAll(sorted.subList(1, sorted.size()));
            }
        });
        copies.sort(Comparator.comparing(copy -> copy.latest().dot()));
        copies.forEach(copy -> addCopy(shown, copy));
        return shown;
    }

    private record Group(List<Candidate> members, EntryRecord latest, Here state) {
        Shown shownAs(String name) {
            TreeSet<Id> directories = new TreeSet<>();
            List<Version> versions = new ArrayList<>();
            for (Candidate each : members) {
                versions.add(each.version());
                if (each.state().isDirectory()) {
                    directories.add(each.state().inode());
                }
            }
            return new Shown(name, members.get(0).name(), state, versions, List.copyOf(directories));
        }
    }

    private Group groupOf(List<Candidate> members) {
        Candidate latest = members.get(0);
        for (Candidate each : members) {
            if (counts(each.version().entry(), latest.version().entry())) {
                latest = each;
            }
        }
        return new Group(members, latest.version().entry(), latest.state());
    }

    /** The attributes of a folder that only its register names are made up: those of any entry count before them. */
    boolean counts(EntryRecord one, EntryRecord other) {
        return one.isPlace() == other.isPlace() ? isLater(one, other) : other.isPlace();
    }

    private boolean isLater(EntryRecord one, EntryRecord other) {
        if (rules.keep(Rule.R5_LAMPORT_TIME)) {
            return one.isLaterThan(other);
        }
        int byClock = one.made().time().compareTo(other.made().time());
        return byClock != 0 ? byClock > 0 : one.isLaterThan(other);
    }

    /** Beside what is there; not at all if the same file has that name already, because somebody made the copy real. */
    private static void addCopy(Map<String, Shown> shown, Group copy) {
        for (int attempt = 1; ; attempt++) {
            String name = ConflictName.of(copy.members().get(0).name(), copy.latest(), attempt);
            Shown there = shown.get(name);
            if (there == null) {
                shown.put(name, copy.shownAs(name));
                return;
            }
            if (isSameFile(there, copy)) {
                List<Version> versions = new ArrayList<>(there.versions());
                versions.addAll(copy.shownAs(name).versions());
                shown.put(name, new Shown(name, there.original(), there.state(), versions, there.directories()));
                return;
            }
        }
    }

    private static boolean isSameFile(Shown there, Group copy) {
        return there.state().inode().equals(copy.state().inode())
                && there.state().content().equals(copy.state().content());
    }
}
