package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a commit says beside what was asked for, so that nothing else changes along: copies keep their names (R4), removed
 * directories that are alive stay so, and so do directories whose moves were undone (R14).
 */
final class Keeping {
    /** A copy hardly ever needs its second name. */
    private static final int MOST_NAMES = 100;

    private final Tree tree;
    private final Rules rules;
    private final Touched touched;
    private final Sheet sheet;
    private final Map<List<Id>, Map<String, Shown>> listed = new HashMap<>();

    /** Of an entry that nobody asked for. */
    record Keep(boolean isNew) {}

    Keeping(Tree tree, Rules rules, Touched touched, Sheet sheet) {
        this.tree = tree;
        this.rules = rules;
        this.touched = touched;
        this.sheet = sheet;
    }

    void keep() {
        if (rules.keep(Rule.R14_REVIVED_STAYS)) {
            touched.originals.keySet().forEach(this::revive);
        }
        if (rules.keep(Rule.R4_COPIES_ARE_KEPT)) {
            touched.originals.forEach(this::keepCopies);
        }
        if (!touched.moved.isEmpty()) {
            keepPlaces();
        }
    }

    private Map<String, Shown> list(List<Id> group) {
        return listed.computeIfAbsent(group, tree::list);
    }

    /** Copies that are shown of these names, and that no change of the commit is about, are made real. */
    private void keepCopies(List<Id> group, Set<String> originals) {
        boolean freesNames = originals.stream().anyMatch(ConflictName::isOne);
        if (!freesNames && !tree.hasSeveral(group, originals)) {
            return;
        }
        for (Shown each : list(group).values()) {
            boolean isConcerned = each.isCopy()
                    ? originals.contains(each.original()) || isNext(each, originals)
                    : isAlsoCopy(each, originals);
            if (!isConcerned || touched.isAllOf(each)) {
                continue;
            }
            touched.add(each);
            if (each.isDirectory()) {
                each.directories().forEach(id -> keepEntry(group, each, id, false));
            } else {
                keepFile(each);
            }
        }
    }

    /** Whether a copy that has been made real stands for one of the same file, too, that lost one of these names. */
    private static boolean isAlsoCopy(Shown real, Set<String> originals) {
        return !real.isDirectory()
                && real.versions().stream()
                        .map(each -> each.entry().name())
                        .anyMatch(name -> !name.equals(real.name()) && originals.contains(name));
    }

    /** Whether a copy would get another name if one of these became free. */
    private static boolean isNext(Shown copy, Set<String> names) {
        Version latest = copy.latestEntry();
        if (latest == null) {
            return false;
        }
        int attempt = 1;
        String name = ConflictName.of(copy.original(), latest.entry(), attempt);
        while (!name.equals(copy.name()) && attempt < MOST_NAMES) {
            if (names.contains(name)) {
                return true;
            }
            name = ConflictName.of(copy.original(), latest.entry(), ++attempt);
        }
        return false;
    }

    private void keepFile(Shown copy) {
        Version latest = copy.latestEntry();
        if (latest == null) {
            return;
        }
        Id home = latest.directory();
        sheet.come(home, new Draft(copy.name(), copy.state(), latest, false, copy.entriesIn(home), true));
        for (Version each : copy.versions()) {
            if (!each.directory().equals(home)) {
                sheet.go(each, each.entry().name(), true);
            }
        }
    }

    /** @param isNew whether it comes here anew: as a mere change of attributes it would yield to its removal (R4a) */
    private void keepEntry(List<Id> group, Shown copy, Id child, boolean isNew) {
        if (touched.named.add(child)) {
            drawEntry(group, copy, child, copy.state().attributes(), new Keep(isNew));
        }
    }

    /** The entry of one directory of a group, under the name that it is shown under. */
    void drawEntry(List<Id> group, Shown there, Id child, Attributes attributes, @Nullable Keep keep) {
        Place place = tree.placeOf(child);
        Id parent = place != null && group.contains(place.parent()) ? place.parent() : group.get(0);
        List<Version> mine = new ArrayList<>();
        Version same = null;
        for (Version each : there.entriesIn(parent)) {
            if (each.entry().state() instanceof Here here && here.inode().equals(child)) {
                mine.add(each);
                same = same == null || each.entry().isLaterThan(same.entry()) ? each : same;
            }
        }
        boolean stays = there.name().equals(there.original()) && (keep == null || !keep.isNew());
        Here state = new Here(child, attributes, Content.NONE);
        sheet.come(parent, new Draft(there.name(), state, same, stays, mine, keep != null));
    }

    /** A directory that lives although it was removed, because something is in it, stays whatever goes out of it. */
    private void revive(List<Id> group) {
        if (above(group).stream().noneMatch(this::isLost)) {
            return;
        }
        List<Id> path = new ArrayList<>(above(List.of(group.get(0))));
        List<List<Id>> groups = new ArrayList<>();
        List<Shown> shown = new ArrayList<>();
        List<Id> parent = List.of(tree.root());
        for (int i = path.size() - 1; i >= 0; i--) {
            Shown next = find(parent, path.get(i));
            if (next == null) {
                return;
            }
            groups.add(parent);
            shown.add(next);
            parent = next.directories();
        }
        boolean isReviving = false;
        for (int i = shown.size() - 1; i >= 0; i--) {
            Shown each = shown.get(i);
            List<Id> in = groups.get(i);
            isReviving |= each.directories().stream().anyMatch(this::isLost);
            if (isReviving) {
                each.directories().forEach(id -> makeReal(in, each, id));
            }
        }
    }

    private @Nullable Shown find(List<Id> parent, Id directory) {
        for (Shown each : list(parent).values()) {
            if (each.directories().contains(directory)) {
                return each;
            }
        }
        return null;
    }

    /** These directories and those that they are in, without the root; of one of them from below. */
    private Collection<Id> above(List<Id> group) {
        Set<Id> above = new LinkedHashSet<>();
        for (Id id : group) {
            Id at = id;
            for (Place place = tree.placeOf(at); place != null && above.add(at); place = tree.placeOf(at)) {
                at = place.parent();
            }
        }
        return above;
    }

    /** Whether others find it by what it says itself only, and it says that it is not there, or elsewhere. */
    private boolean isLost(Id directory) {
        return isRemoved(directory) || tree.undone().contains(directory) || tree.isNameless(directory);
    }

    private boolean isRemoved(Id directory) {
        List<Version> registers = tree.registers(directory);
        return !registers.isEmpty()
                && registers.stream().allMatch(each -> each.entry().state() instanceof Gone);
    }

    /**
     * Under the name that it is shown under. The entry is written anew in any case: who has read the parent, and nothing
     * of the directory since it was removed, looks at it because of that.
     */
    private void makeReal(List<Id> above, Shown shown, Id id) {
        Place place = tree.placeOf(id);
        boolean speaks = false;
        if (place != null && (isRemoved(id) || isElsewhere(id, place)) && touched.registered.add(id)) {
            register(id, new Placed(new Place(place.parent(), shown.name()), place));
            speaks = true;
        }
        speaks |= tree.isNameless(id);
        if (speaks || shown.isCopy()) {
            keepEntry(above, shown, id, speaks);
        }
    }

    private void register(Id id, Placed placed) {
        sheet.come(id, new Draft(EntryRecord.PLACE, placed, null, false, tree.registers(id), true));
    }

    /** Whether it says another place, too: a move that was undone, or a later one that counts. */
    private boolean isElsewhere(Id id, Place place) {
        return tree.registers(id).stream().anyMatch(each -> isOther(each, place));
    }

    private static boolean isOther(Version register, Place place) {
        return register.entry().state() instanceof Placed placed
                && !placed.now().parent().equals(place.parent());
    }

    /** Whoever moves a directory out of a broken cycle says where those are whose moves were undone: they would come after it. */
    private void keepPlaces() {
        for (Id id : tree.undone()) {
            Place place = tree.placeOf(id);
            if (place == null || touched.registered.contains(id)) {
                continue;
            }
            for (Version each : tree.registers(id)) {
                if (isOther(each, place)
                        && each.entry().state() instanceof Placed placed
                        && isMoved(placed.now().parent())) {
                    touched.registered.add(id);
                    register(id, new Placed(place, place));
                    break;
                }
            }
        }
    }

    private boolean isMoved(Id directory) {
        Set<Id> above = new HashSet<>(above(List.of(directory)));
        above.retainAll(touched.moved);
        return !above.isEmpty();
    }
}
