package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One host of a simulated history: the operations of its user as commits. */
final class Host extends Device {

    static final Id ROOT = new Id(0, 0);

    private boolean reviving;

    Host(String name, Rules rules, Bucket bucket, Witness witness, long incarnation, long clockAhead) {
        super(name, rules, bucket, witness, incarnation, clockAhead);
    }

    /** Content under a name: a new file, or the next version of what {@code there} had been when it was opened. */
    void write(List<Id> group, String name, @Nullable Shown there, long content) {
        Id inode = there == null || there.isDirectory()
                ? witness.draw()
                : there.state().inode();
        Here state = new Here(
                inode, attributes(FileKind.FILE, 0644), new Content.Packed(Host.ROOT, new Id(7, content), 1, 0, 1));
        keepCopies(group, there);
        Id home = there == null ? group.get(0) : there.versions().get(0).directory();
        draft(home, new Draft(there == null ? name : there.name(), state, null, false, versions(there, home)));
        removeElsewhere(there, home);
    }

    void changeMode(List<Id> group, Shown there, int mode) {
        Version latest = latest(there);
        Here state = new Here(
                there.state().inode(),
                attributes(there.state().attributes().kind(), mode),
                there.state().content());
        keepCopies(group, there);
        if (there.isDirectory()) {
            // A directory may be several, each with an entry of its own, or none.
            for (Id id : there.directories()) {
                entryOf(group, there, id, there.name(), mode);
            }
            return;
        }
        // Versions in several folders are several births: see seal.
        boolean moved = there.isCopy()
                || there.versions().stream().map(Version::directory).distinct().count() > 1;
        draft(latest.directory(), new Draft(there.name(), state, latest, !moved, versions(there, latest.directory())));
        removeElsewhere(there, latest.directory());
    }

    private void entryOf(List<Id> group, Shown there, Id child, String name, int mode) {
        Place place = tree().placeOf(child);
        Id parent = place != null && group.contains(place.parent()) ? place.parent() : group.get(0);
        List<Version> mine = new ArrayList<>();
        Version same = null;
        for (Version each : there.versions()) {
            if (each.directory().equals(parent) && isEntryOf(each, child)) {
                mine.add(each);
                same = same == null || each.entry().isLaterThan(same.entry()) ? each : same;
            }
        }
        Here state = new Here(child, attributes(FileKind.DIRECTORY, mode), Content.NONE);
        draft(parent, new Draft(name, state, same, name.equals(there.original()), mine));
    }

    private static boolean isEntryOf(Version version, Id child) {
        return version.entry().state() instanceof Here here && here.inode().equals(child);
    }

    void remove(List<Id> group, Shown file) {
        keepCopies(group, file);
        removeElsewhere(file, null);
    }

    /** Files only: in one directory the content stays what it is; into another one it is written first. */
    void rename(List<Id> from, Shown file, List<Id> to, String name, @Nullable Shown target) {
        boolean inOne = from.equals(to);
        keepCopies(from, file, inOne && target != null ? target.name() : file.name());
        keepCopies(to, target, inOne ? file.name() : "");
        Version latest = latest(file);
        boolean inPlace = to.contains(latest.directory());
        Id home = inPlace ? latest.directory() : to.get(0);
        List<Version> replaced = versions(target, home);
        draft(home, new Draft(name, file.state(), inPlace ? latest : null, false, replaced));
        removeElsewhere(target, home);
        removeElsewhere(file, null);
    }

    void makeDirectory(List<Id> group, String name) {
        revive(group);
        Id id = witness.draw();
        Id parent = group.get(0);
        draft(id, new Draft(EntryRecord.PLACE, new Placed(new Place(parent, name), null), null, false, List.of()));
        Here state = new Here(id, attributes(FileKind.DIRECTORY, 0755), Content.NONE);
        draft(parent, new Draft(name, state, null, false, List.of()));
    }

    void removeDirectory(List<Id> group, Shown directory) {
        keepCopies(group, directory);
        for (Id id : directory.directories()) {
            Place known = tree().placeOf(id);
            Place last = known == null ? new Place(group.get(0), directory.original()) : known;
            draft(id, new Draft(EntryRecord.PLACE, new Gone(last), null, false, registers(id)));
        }
        removeElsewhere(directory, null);
    }

    void moveDirectory(List<Id> from, Shown directory, List<Id> to, String name) {
        keepCopies(from, directory);
        revive(to);
        boolean inPlace = from.equals(to);
        if (!inPlace) {
            keepPlaces(directory.directories());
        }
        int mode = directory.state().attributes().permissions();
        for (Id id : directory.directories()) {
            Place place = tree().placeOf(id);
            if (!inPlace && place != null) {
                Placed placed = new Placed(new Place(to.get(0), name), place);
                draft(id, new Draft(EntryRecord.PLACE, placed, null, false, registers(id)));
            }
            Id parent = inPlace && place != null ? place.parent() : to.get(0);
            Here state = new Here(id, attributes(FileKind.DIRECTORY, mode), Content.NONE);
            draft(parent, new Draft(name, state, null, false, List.of()));
        }
        removeElsewhere(directory, null);
    }

    /** Whoever moves a folder out of a broken cycle says where those are whose moves were undone: they would come after it. */
    private void keepPlaces(List<Id> moved) {
        for (Id id : directories.keySet().stream().sorted().toList()) {
            Place place = tree().placeOf(id);
            for (Version each : registers(id)) {
                if (place != null
                        && each.entry().state() instanceof Placed placed
                        && !placed.now().parent().equals(place.parent())
                        && isWithin(placed.now().parent(), moved)) {
                    draft(id, new Draft(EntryRecord.PLACE, new Placed(place, place), null, false, registers(id)));
                    break;
                }
            }
        }
    }

    private boolean isWithin(Id directory, List<Id> group) {
        Id at = directory;
        for (Place place = tree().placeOf(at); place != null && !group.contains(at); place = tree().placeOf(at)) {
            at = place.parent();
        }
        return group.contains(at);
    }

    private List<Version> registers(Id id) {
        Directory directory = directories.get(id);
        return directory == null
                ? List.of()
                : directory.places().stream().map(each -> new Version(id, each)).toList();
    }

    /** Whoever changes a name of which copies are shown makes the copies real first (R4), in the same packs. */
    private void keepCopies(List<Id> group, @Nullable Shown changed) {
        keepCopies(group, changed, "");
    }

    /** @param but a copy that the same commit changes, too */
    private void keepCopies(List<Id> group, @Nullable Shown changed, String but) {
        revive(group);
        if (changed == null) {
            return;
        }
        isKeeping = true;
        for (Shown each : tree().list(group).values()) {
            if (!each.isCopy()
                    || !each.original().equals(changed.original())
                    || each.name().equals(changed.name())
                    || each.name().equals(but)) {
                continue;
            }
            if (each.isDirectory()) {
                for (Id id : each.directories()) {
                    entryOf(
                            group,
                            each,
                            id,
                            each.name(),
                            each.state().attributes().permissions());
                }
            } else {
                Version latest = latest(each);
                draft(
                        latest.directory(),
                        new Draft(each.name(), each.state(), latest, false, versions(each, latest.directory())));
                removeElsewhere(each, latest.directory());
            }
        }
        isKeeping = false;
    }

    /** A folder that lives although it was removed, because something is in it, stays whatever goes out of it (R14). */
    private void revive(List<Id> group) {
        reviving = false;
        revive(List.of(ROOT), group);
    }

    private boolean revive(List<Id> above, List<Id> group) {
        if (above.equals(group)) {
            return true;
        }
        for (Shown each : tree().list(above).values()) {
            if (each.isDirectory() && revive(each.directories(), group)) {
                if (reviving || each.directories().stream().anyMatch(this::isRemoved)) {
                    reviving = true;
                    each.directories().forEach(id -> makeReal(above, each, id));
                }
                return true;
            }
        }
        return false;
    }

    private boolean isRemoved(Id directory) {
        List<Version> registers = registers(directory);
        return !registers.isEmpty()
                && registers.stream().allMatch(each -> each.entry().state() instanceof Gone);
    }

    /** Whether it says another place, too: a move that was undone, or a later one that counts. */
    private boolean isElsewhere(Id id, Place place) {
        return registers(id).stream()
                .anyMatch(each -> each.entry().state() instanceof Placed placed
                        && !placed.now().parent().equals(place.parent()));
    }

    /** Under the name that it is shown under. */
    private void makeReal(List<Id> above, Shown shown, Id id) {
        Place place = tree().placeOf(id);
        if (place != null && (isRemoved(id) || isElsewhere(id, place))) {
            Place now = new Place(place.parent(), shown.name());
            draft(id, new Draft(EntryRecord.PLACE, new Placed(now, place), null, false, registers(id)));
        }
        if (shown.isCopy()) {
            entryOf(above, shown, id, shown.name(), shown.state().attributes().permissions());
        }
    }

    private static Version latest(Shown shown) {
        Version latest = shown.versions().get(0);
        for (Version each : shown.versions()) {
            latest = each.entry().isLaterThan(latest.entry()) ? each : latest;
        }
        return latest;
    }

    private static List<Version> versions(@Nullable Shown shown, Id directory) {
        return shown == null
                ? List.of()
                : shown.versions().stream()
                        .filter(each -> each.directory().equals(directory)
                                && !each.entry().isPlace())
                        .toList();
    }

    /** Tombstones in all directories but one in which versions of it are. */
    private void removeElsewhere(@Nullable Shown shown, @Nullable Id but) {
        if (shown == null) {
            return;
        }
        Set<Id> homes = new TreeSet<>();
        for (Version each : shown.versions()) {
            if (!each.entry().isPlace()) {
                homes.add(each.directory());
            }
        }
        for (Id home : homes) {
            if (!home.equals(but)) {
                draft(home, new Draft(shown.original(), new Gone(null), null, false, versions(shown, home)));
            }
        }
    }

    private Attributes attributes(FileKind kind, int mode) {
        return Attributes.of(kind, mode, 0, 0, 0, DAY);
    }
}
