package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Where each directory is (R14): the parent that it says itself, the later one of two; cycles broken; removed ones kept
 * while something lives in them. Every directory that is alive hangs on the root.
 */
final class Places {

    private final Rules rules;
    private final Id root;
    private final Map<Id, Directory> directories;

    /** The register that counts, for the directories that have one. */
    private final Map<Id, EntryRecord> registers = new HashMap<>();

    /** What says where a directory is: its register; if that was not read, the latest entry that names it. */
    private final Map<Id, Version> sayings = new HashMap<>();

    private final Map<Id, Place> places = new TreeMap<>();

    /** The directories that are in each, in the order of their ids. */
    private final Map<Id, List<Id>> children = new HashMap<>();

    private final Set<Id> alive = new HashSet<>();

    /** Those of which a move was undone. */
    private final Set<Id> undone = new TreeSet<>();

    Places(Map<Id, Directory> directories, Id root, Rules rules) {
        this.directories = directories;
        this.root = root;
        this.rules = rules;
        Map<Id, Directory> sorted = new TreeMap<>(directories);
        sorted.forEach(this::place);
        Map<Id, Version> entries = new HashMap<>();
        sorted.forEach((id, directory) -> placeByEntries(id, directory, entries));
        if (rules.keep(Rule.R14_NO_CYCLES)) {
            breakCycles();
        }
        findLiving();
        places.forEach((child, place) ->
                children.computeIfAbsent(place.parent(), p -> new ArrayList<>()).add(child));
    }

    /** Where a directory is; null for the root and for one of which nothing has been read. */
    @Nullable Place of(Id directory) {
        return places.get(directory);
    }

    boolean isAlive(Id directory) {
        return alive.contains(directory);
    }

    /** The directories that say they are in this one, in the order of their ids. */
    Collection<Id> in(Id parent) {
        return children.getOrDefault(parent, List.of());
    }

    /** The directories of which a move was undone, because it had closed a cycle. */
    Collection<Id> undone() {
        return undone;
    }

    /** What says where a directory is. */
    @Nullable Version saying(Id directory) {
        return sayings.get(directory);
    }

    private void place(Id id, Directory directory) {
        if (id.equals(root)) {
            return;
        }
        EntryRecord chosen = null;
        for (EntryRecord each : directory.places()) {
            if (chosen == null || outranks(each, chosen)) {
                chosen = each;
            }
        }
        if (chosen == null) {
            return;
        }
        registers.put(id, chosen);
        sayings.put(id, new Version(id, chosen));
        Place place = stated(chosen.state());
        if (place != null) {
            places.put(id, place);
        }
    }

    /** A directory whose register was not read is where the latest entry says, so that it is in one place only. */
    private void placeByEntries(Id parent, Directory directory, Map<Id, Version> entries) {
        for (EntryRecord each : directory.folders()) {
            if (!(each.state() instanceof Here here) || here.inode().equals(root)) {
                continue;
            }
            Id child = here.inode();
            Version other = entries.get(child);
            if (other == null ? places.containsKey(child) : !each.isLaterThan(other.entry())) {
                continue;
            }
            entries.put(child, new Version(parent, each));
            sayings.put(child, new Version(parent, each));
            places.put(child, new Place(parent, each.name()));
        }
    }

    /** A move beside a removal counts; else the later one. */
    private static boolean outranks(EntryRecord one, EntryRecord other) {
        boolean placed = !(one.state() instanceof Gone);
        boolean otherPlaced = !(other.state() instanceof Gone);
        return placed == otherPlaced ? one.isLaterThan(other) : placed;
    }

    /** Where a register says that its directory is; null for other records. */
    static @Nullable Place stated(State state) {
        if (state instanceof Placed placed) {
            return placed.now();
        }
        return state instanceof Gone removed ? removed.last() : null;
    }

    /** The latest move of a cycle is undone (a removal is none): that directory is where it was before, or if that closes one too, in the root. */
    private void breakCycles() {
        for (List<Id> cycle = findCycle(); !cycle.isEmpty(); cycle = findCycle()) {
            Id latest = null;
            for (Id each : cycle) {
                if (latest == null || isLater(each, latest)) {
                    latest = each;
                }
            }
            if (latest == null) {
                return;
            }
            Place place = places.get(latest);
            EntryRecord register = registers.get(latest);
            Place before = register != null && register.state() instanceof Placed placed ? placed.before() : null;
            if (undone.add(latest) && before != null) {
                places.put(latest, before);
            } else if (place != null) {
                places.put(latest, new Place(root, place.name()));
            }
        }
    }

    private boolean isLater(Id one, Id other) {
        Version mine = sayings.get(one);
        Version theirs = sayings.get(other);
        return mine != null && theirs != null && outranks(mine.entry(), theirs.entry());
    }

    /** Some directories of which each is in the next, and the last in the first; empty if there are none. */
    private List<Id> findCycle() {
        Set<Id> clean = new HashSet<>();
        for (Id start : places.keySet()) {
            List<Id> path = new ArrayList<>();
            Set<Id> onPath = new HashSet<>();
            Id at = start;
            while (at != null && !clean.contains(at) && onPath.add(at)) {
                path.add(at);
                Place place = places.get(at);
                at = place == null ? null : place.parent();
            }
            if (at != null && onPath.contains(at)) {
                return path.subList(path.indexOf(at), path.size());
            }
            clean.addAll(path);
        }
        return List.of();
    }

    private void findLiving() {
        Deque<Id> found = new ArrayDeque<>();
        found.add(root);
        Set<Id> all = new TreeSet<>(directories.keySet());
        all.addAll(places.keySet());
        for (Id each : all) {
            EntryRecord register = registers.get(each);
            boolean placed = register == null || register.state() instanceof Placed;
            if (placed || (rules.keep(Rule.R14_REMOVED_LIVES_WHILE_NEEDED) && holdsFiles(each))) {
                found.add(each);
            }
        }
        while (!found.isEmpty()) {
            Id each = found.remove();
            if (!alive.add(each)) {
                continue;
            }
            Place place = places.get(each);
            if (place != null && rules.keep(Rule.R14_REMOVED_LIVES_WHILE_NEEDED)) {
                found.add(place.parent());
            }
        }
    }

    private boolean holdsFiles(Id directory) {
        Directory packs = directories.get(directory);
        return packs != null
                && packs.live().stream().anyMatch(each -> each.state() instanceof Here here && !here.isDirectory());
    }
}
