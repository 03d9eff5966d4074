package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.EntryRecord.State;
import isle.crypto.tree.Shown.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

    /** By directory: those that have a record that names it, whether it holds or not. */
    private final Map<Id, Set<Id>> namers = new HashMap<>();

    /** How many of {@link Directory#namings} were looked at. */
    private final Map<Id, Integer> followed = new HashMap<>();

    /** What says where a directory is: its register; if that was not read, the latest entry that names it. */
    private final Map<Id, Version> sayings = new HashMap<>();

    private final Map<Id, Place> places = new HashMap<>();

    /** The directories that are in each, in the order of their ids. */
    private final Map<Id, Set<Id>> children = new HashMap<>();

    /** The directories that are under each name: several, if nobody has seen the other one. */
    private final Map<Place, Set<Id>> there = new HashMap<>();

    /** What was found out so far of who is alive. */
    private final Map<Id, Boolean> alive = new HashMap<>();

    /** Those of which a move was undone. */
    private final Set<Id> undone = new TreeSet<>();

    Places(Map<Id, Directory> directories, Id root, Rules rules) {
        this.directories = directories;
        this.root = root;
        this.rules = rules;
        build();
    }

    private void build() {
        registers.clear();
        namers.clear();
        followed.clear();
        sayings.clear();
        places.clear();
        children.clear();
        there.clear();
        alive.clear();
        undone.clear();
        Set<Id> all = new TreeSet<>();
        directories.forEach((id, directory) -> {
            all.addAll(readRegister(id, directory));
            all.addAll(follow(id, directory));
        });
        for (Id each : all) {
            Version saying = said(each);
            Place place = saying == null ? null : placeSaid(saying);
            if (saying != null) {
                sayings.put(each, saying);
            }
            if (place != null) {
                places.put(each, place);
            }
        }
        if (rules.keep(Rule.R14_NO_CYCLES)) {
            breakCycles();
        }
        Map.copyOf(places).forEach(this::put);
    }

    /** These directories have read more. */
    void update(Collection<Id> changed) {
        if (!rules.keep(Rule.R14_NO_CYCLES)) {
            build();
            return;
        }
        Set<Id> told = new TreeSet<>();
        for (Id id : changed) {
            Directory directory = directories.get(id);
            if (directory != null) {
                forgetAlive(id);
                told.addAll(readRegister(id, directory));
                told.addAll(follow(id, directory));
            }
        }
        // Who is in a cycle depends on all of it; there is hardly ever one.
        if (!told.isEmpty() && !(undone.isEmpty() && told.stream().allMatch(this::move))) {
            build();
        }
    }

    /** The directory itself if its register is another one than before. */
    private Set<Id> readRegister(Id id, Directory directory) {
        EntryRecord chosen = null;
        for (EntryRecord each : id.equals(root) ? List.<EntryRecord>of() : directory.places()) {
            if (chosen == null || outranks(each, chosen)) {
                chosen = each;
            }
        }
        EntryRecord before = chosen == null ? registers.remove(id) : registers.put(id, chosen);
        return Objects.equals(chosen, before) ? Set.of() : Set.of(id);
    }

    /** The directories of which this one may say something else than before. */
    private Set<Id> follow(Id id, Directory directory) {
        List<Id> namings = directory.namings();
        int from = followed.getOrDefault(id, 0);
        if (from == namings.size()) {
            return Set.of();
        }
        followed.put(id, namings.size());
        Set<Id> named = new HashSet<>(namings.subList(from, namings.size()));
        named.remove(root);
        named.forEach(
                child -> namers.computeIfAbsent(child, c -> new TreeSet<>()).add(id));
        return named;
    }

    /** A directory whose register was not read is where the latest entry says, so that it is in one place only. */
    private @Nullable Version said(Id directory) {
        EntryRecord register = registers.get(directory);
        Version saying = register == null ? null : new Version(directory, register);
        if (register != null && stated(register.state()) != null) {
            return saying;
        }
        Version latest = null;
        for (Id parent : namers.getOrDefault(directory, Set.of())) {
            Directory names = directories.get(parent);
            for (EntryRecord each : names == null ? List.<EntryRecord>of() : names.folders(directory)) {
                if (latest == null || each.isLaterThan(latest.entry())) {
                    latest = new Version(parent, each);
                }
            }
        }
        return latest == null ? saying : latest;
    }

    private static @Nullable Place placeSaid(Version saying) {
        EntryRecord entry = saying.entry();
        return entry.isPlace() ? stated(entry.state()) : new Place(saying.directory(), entry.name());
    }

    /** Whether it is not in itself now. */
    private boolean move(Id directory) {
        Version saying = said(directory);
        if (saying == null) {
            sayings.remove(directory);
        } else {
            sayings.put(directory, saying);
        }
        forgetAlive(directory);
        Place before = places.remove(directory);
        if (before != null) {
            remove(children, before.parent(), directory);
            remove(there, before, directory);
        }
        Place place = saying == null ? null : placeSaid(saying);
        if (place == null) {
            return true;
        }
        put(directory, place);
        if (isInItself(directory)) {
            return false;
        }
        forgetAlive(directory);
        return true;
    }

    private void put(Id directory, Place place) {
        places.put(directory, place);
        children.computeIfAbsent(place.parent(), p -> new TreeSet<>()).add(directory);
        there.computeIfAbsent(place, p -> new TreeSet<>()).add(directory);
    }

    private static <K> void remove(Map<K, Set<Id>> sets, K key, Id directory) {
        Set<Id> set = sets.get(key);
        if (set != null && set.remove(directory) && set.isEmpty()) {
            sets.remove(key);
        }
    }

    private boolean isInItself(Id directory) {
        Place place = places.get(directory);
        while (place != null && !place.parent().equals(directory)) {
            place = places.get(place.parent());
        }
        return place != null;
    }

    /** Of this one and those that it is in. */
    private void forgetAlive(Id directory) {
        alive.remove(directory);
        for (Place place = places.get(directory); place != null; place = places.get(place.parent())) {
            alive.remove(place.parent());
        }
    }

    /** Where a directory is; null for the root and for one of which nothing has been read. */
    @Nullable Place of(Id directory) {
        return places.get(directory);
    }

    /** Whether it is there: nobody has removed it, or something that is alive is in it. */
    boolean isAlive(Id directory) {
        Boolean known = alive.get(directory);
        if (known == null) {
            // Only where cycles are not broken it is asked for again meanwhile.
            alive.put(directory, false);
            known = isAliveItself(directory)
                    || (rules.keep(Rule.R14_REMOVED_LIVES_WHILE_NEEDED) && holdsLiving(directory));
            alive.put(directory, known);
        }
        return known;
    }

    private boolean isAliveItself(Id directory) {
        EntryRecord register = registers.get(directory);
        return register == null
                ? directory.equals(root) || directories.containsKey(directory) || places.containsKey(directory)
                : register.state() instanceof Placed;
    }

    private boolean holdsLiving(Id directory) {
        Directory packs = directories.get(directory);
        return (packs != null && packs.holdsFiles()) || in(directory).stream().anyMatch(this::isAlive);
    }

    /** The directories that say they are in this one, in the order of their ids. */
    Collection<Id> in(Id parent) {
        return children.getOrDefault(parent, Set.of());
    }

    /** Those of them that have this name there. */
    Collection<Id> at(Place place) {
        return there.getOrDefault(place, Set.of());
    }

    /** The directories of which a move was undone, because it had closed a cycle. */
    Collection<Id> undone() {
        return undone;
    }

    /**
     * The topmost directories that are shown nowhere, though something lives in them: neither their registers nor an
     * entry that names them was read.
     */
    Collection<Id> adrift() {
        Set<Id> all = new TreeSet<>(directories.keySet());
        all.addAll(children.keySet());
        all.remove(root);
        all.removeIf(each -> places.containsKey(each) || !holdsLiving(each));
        return all;
    }

    /** The directories that are where an entry says, because no register of them was read. */
    Collection<Id> unregistered() {
        Set<Id> all = new TreeSet<>(places.keySet());
        all.removeIf(registers::containsKey);
        return all;
    }

    /** What says where a directory is. */
    @Nullable Version saying(Id directory) {
        return sayings.get(directory);
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
        for (Id start : new TreeSet<>(places.keySet())) {
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
}
