package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Shown.Version;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The drafts of one commit, and the order in which they have to arrive (R6): what comes before what goes, so that
 * whoever dies in between has a file twice, and not nowhere; a register before what names its directory.
 */
final class Sheet {

    private final Rules rules;

    /** By directory: what is there after it. */
    private final Map<Id, List<Draft>> coming = new LinkedHashMap<>();

    /** By directory: registers of what is removed. */
    private final Map<Id, List<Draft>> removals = new LinkedHashMap<>();

    /** Versions to be taken away. */
    private final Map<Tombstone, List<Version>> going = new LinkedHashMap<>();

    private record Tombstone(Id directory, String name, boolean isKeeping) {
        @Override
        public String toString() {
            return "in " + directory;
        }
    }

    Sheet(Rules rules) {
        this.rules = rules;
    }

    void come(Id directory, Draft draft) {
        in(coming, directory).add(draft);
    }

    void remove(Id directory, Draft register) {
        in(removals, directory).add(register);
    }

    void go(Version version, String name, boolean isKeeping) {
        going.computeIfAbsent(new Tombstone(version.directory(), name, isKeeping), t -> new ArrayList<>())
                .add(version);
    }

    private static List<Draft> in(Map<Id, List<Draft>> lists, Id directory) {
        return lists.computeIfAbsent(directory, d -> new ArrayList<>());
    }

    /** To be asked for once. */
    List<Drafts> inOrder() {
        Set<Id> all = new TreeSet<>(coming.keySet());
        all.addAll(removals.keySet());
        going.keySet().forEach(each -> all.add(each.directory()));
        boolean inParts = all.size() > 1 && rules.keep(Rule.R6_WHAT_GOES_GOES_LAST);
        if (inParts) {
            spare();
        }
        dropReplaced();
        Map<Id, List<Draft>> last = new LinkedHashMap<>(removals);
        going.forEach((tombstone, versions) -> in(last, tombstone.directory())
                .add(new Draft(tombstone.name(), new Gone(null), null, false, versions, tombstone.isKeeping())));
        if (!inParts) {
            last.forEach((directory, drafts) -> in(coming, directory).addAll(drafts));
            last.clear();
        }
        List<Drafts> packs = registersFirst();
        last.forEach((directory, drafts) -> packs.add(new Drafts(directory, drafts)));
        return packs;
    }

    /**
     * What replaces a file or directory that comes somewhere else in this commit does not do so itself: the two could be
     * parted. That the old one goes is said in the end.
     */
    private void spare() {
        Map<Id, Set<Id>> homes = new HashMap<>();
        coming.forEach((directory, drafts) -> drafts.forEach(each -> {
            if (each.state() instanceof Here here) {
                homes.computeIfAbsent(here.inode(), i -> new HashSet<>()).add(directory);
            }
        }));
        coming.forEach((directory, drafts) -> drafts.replaceAll(each -> {
            List<Version> replaced = new ArrayList<>();
            for (Version version : each.replaced()) {
                boolean comesElsewhere = version.entry().state() instanceof Here here
                        && homes.getOrDefault(here.inode(), Set.of()).stream()
                                .anyMatch(home -> !home.equals(directory));
                if (comesElsewhere) {
                    go(version, version.entry().name(), each.isKeeping());
                } else {
                    replaced.add(version);
                }
            }
            return each.replacing(replaced);
        }));
    }

    /** Whoever puts something in the place of a version needs not say that it goes, too. */
    private void dropReplaced() {
        Set<Shown.VersionId> replaced = new HashSet<>();
        for (List<Draft> drafts : coming.values()) {
            drafts.forEach(each -> each.replaced().forEach(version -> replaced.add(version.id())));
        }
        going.values().forEach(versions -> versions.removeIf(each -> !replaced.add(each.id())));
        going.values().removeIf(List::isEmpty);
    }

    /**
     * Registers before the names of their directories, but after the register of the directory that they say: in one that
     * nobody has heard of, nothing is shown.
     */
    private List<Drafts> registersFirst() {
        Map<Id, Id> parents = new HashMap<>();
        coming.forEach((directory, drafts) -> drafts.forEach(each -> {
            if (each.state() instanceof Placed placed) {
                parents.put(directory, placed.now().parent());
            }
        }));
        Set<Id> order = new LinkedHashSet<>();
        for (Id each : coming.keySet()) {
            addBelow(each, parents, order);
        }
        order.addAll(coming.keySet());
        List<Drafts> packs = new ArrayList<>();
        for (Id each : order) {
            List<Draft> sorted = new ArrayList<>(in(coming, each));
            sorted.sort(Comparator.comparingInt(draft -> draft.isRegister() ? 0 : draft.isKeeping() ? 1 : 2));
            packs.add(new Drafts(each, sorted));
        }
        return packs;
    }

    /** A directory whose register is written, after those above it. */
    private static void addBelow(Id directory, Map<Id, Id> parents, Set<Id> order) {
        List<Id> path = new ArrayList<>();
        for (Id at = directory; at != null && parents.containsKey(at) && !path.contains(at); at = parents.get(at)) {
            path.add(0, at);
        }
        order.addAll(path);
    }
}
