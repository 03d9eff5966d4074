package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.EntryRecord.Placed;
import isle.crypto.tree.Shown.Version;
import isle.fs.model.Attributes;
import isle.fs.model.FsException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns the changes of one commit into records: the rules that writers follow (R3, R4, R4a, R6, R14). One for each commit,
 * for the tree as it is shown when the commit is made. Changes are net ones: what each name means after the commit, in any
 * order; of two changes none undoes what the other one did. Something that is moved is put under its new name, and
 * {@link #remove}d from its old one.
 *
 * <p>A group is all the ids of one directory, as {@link Shown#directories} has them. {@code there} is what the changer was
 * shown under a name, which may be older than what the tree shows; that, and nothing else, is superseded (R3).
 */
public final class Writer {

    private final Tree tree;
    private final Touched touched = new Touched();
    private final Sheet sheet;
    private final Keeping keeping;

    public Writer(Tree tree) {
        this(tree, Rules.ALL);
    }

    Writer(Tree tree, Rules rules) {
        this.tree = tree;
        this.sheet = new Sheet(rules);
        this.keeping = new Keeping(tree, rules, touched, sheet);
    }

    /**
     * A file, symlink or special file shall be under this name.
     *
     * @param there null if there was nothing
     * @param attributesOnly whether the content is that of {@code there}
     */
    public void put(List<Id> group, String name, @Nullable Shown there, Here state, boolean attributesOnly) {
        touched.add(group, there);
        Version latest = there == null ? null : there.latestEntry();
        Id home = latest != null && group.contains(latest.directory()) ? latest.directory() : group.get(0);
        // Versions in several directories are several births, and a copy has another name.
        boolean stays = attributesOnly
                && there != null
                && name.equals(there.original())
                && there.versions().stream().allMatch(each -> each.directory().equals(home));
        sheet.come(home, new Draft(name, state, latest, stays, entries(there, home)));
        takeAway(there, Set.of(home));
    }

    /** The name goes: of a file, or the old one of something that is moved. */
    public void remove(List<Id> group, Shown there) {
        touched.add(group, there);
        takeAway(there, Set.of());
    }

    /**
     * A directory that was not there before.
     *
     * @param id drawn for it
     */
    public void makeDirectory(List<Id> group, String name, @Nullable Shown there, Id id, Attributes attributes) {
        touched.add(group, there);
        Id parent = group.get(0);
        register(id, new Placed(new Place(parent, name), null));
        name(parent, name, id, attributes, entries(there, parent));
        takeAway(there, Set.of(parent));
    }

    /**
     * A new place or a new name of a directory.
     *
     * @param group where it goes
     * @param there what was under its new name, if anything
     * @param moved all its ids
     * @throws FsException.Unavailable if it is not known yet where one of them says it is; then nothing was drafted
     */
    public void moveDirectory(List<Id> group, String name, @Nullable Shown there, List<Id> moved, Attributes attributes)
            throws FsException {
        for (Id id : moved) {
            Place place = tree.placeOf(id);
            if (place == null || !group.contains(place.parent())) {
                needRegister(id);
            }
        }
        touched.add(group, there);
        Set<Id> homes = new HashSet<>();
        for (Id id : moved) {
            Place place = tree.placeOf(id);
            Id parent = group.get(0);
            if (place != null && group.contains(place.parent())) {
                parent = place.parent();
            } else if (place != null) {
                register(id, new Placed(new Place(parent, name), place));
                touched.moved.add(id);
            }
            name(parent, name, id, attributes, homes.add(parent) ? entries(there, parent) : List.of());
        }
        takeAway(there, homes);
    }

    /** Other attributes of a directory, which may be several, each with an entry of its own, or none. */
    public void changeDirectory(List<Id> group, Shown there, Attributes attributes) {
        touched.add(group, there);
        for (Id id : there.directories()) {
            touched.named.add(id);
            keeping.drawEntry(group, there, id, attributes, null);
        }
    }

    /**
     * A directory goes: its registers say so, and its name is taken away. If a register of it was not read that says
     * otherwise, it is shown again as soon as that is read.
     */
    public void removeDirectory(List<Id> group, Shown there) {
        touched.add(group, there);
        for (Id id : there.directories()) {
            Place known = tree.placeOf(id);
            Place last = known == null ? new Place(group.get(0), there.original()) : known;
            touched.registered.add(id);
            touched.named.add(id);
            sheet.remove(id, new Draft(EntryRecord.PLACE, new Gone(last), null, false, tree.registers(id)));
        }
        takeAway(there, Set.of());
    }

    /** A directory of which no register was read, and that an entry names, shall be where it is shown. */
    public void settle(Id id) {
        Place place = tree.placeOf(id);
        if (place != null) {
            register(id, new Placed(place, null));
        }
    }

    /** What is there although it was removed gets a register and a name, by which others find it. */
    public void revive(Id directory) {
        touched.add(List.of(directory), null);
    }

    /**
     * What was drafted, in the order in which it has to arrive: all that comes before all that goes; within each of these
     * one list a directory, a register before what names it. One list if the commit touches one directory only. To be
     * asked for once, in the end.
     */
    public List<Drafts> drafts() {
        keeping.keep();
        return sheet.inOrder();
    }

    /** A register that was not read may be later than what would be written: that would have no effect. */
    private void needRegister(Id id) throws FsException {
        if (tree.registers(id).isEmpty()) {
            throw new FsException.Unavailable("where directory " + id + " is has not been read yet");
        }
    }

    private void register(Id id, Placed placed) {
        touched.registered.add(id);
        sheet.come(id, new Draft(EntryRecord.PLACE, placed, null, false, tree.registers(id)));
    }

    private void name(Id parent, String name, Id id, Attributes attributes, List<Version> replaced) {
        touched.named.add(id);
        sheet.come(parent, new Draft(name, new Here(id, attributes, Content.NONE), null, false, replaced));
    }

    private static List<Version> entries(@Nullable Shown there, Id directory) {
        return there == null ? List.of() : there.entriesIn(directory);
    }

    /** Tombstones in all directories but these in which versions of it are. */
    private void takeAway(@Nullable Shown there, Set<Id> but) {
        if (there == null) {
            return;
        }
        for (Version each : there.versions()) {
            if (!each.entry().isPlace() && !but.contains(each.directory())) {
                sheet.go(each, there.original(), false);
            }
        }
    }
}
