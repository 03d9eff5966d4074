package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.tree.Siblings.Candidate;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a vault shows, as far as its directories were read. It has to be told of each join. */
public final class Tree {

    /** Of a directory that is alive although the entry with its attributes was removed. */
    private static final int REVIVED_PERMISSIONS = 0700;

    private final Rules rules;
    private final Id root;
    private final Map<Id, Directory> directories;
    private final Places places;
    private final Siblings siblings;

    public Tree(Map<Id, Directory> directories, Id root) {
        this(directories, root, Rules.ALL);
    }

    Tree(Map<Id, Directory> directories, Id root, Rules rules) {
        this.directories = directories;
        this.root = root;
        this.rules = rules;
        this.places = new Places(directories, root, rules);
        this.siblings = new Siblings(rules);
    }

    /** These directories have joined more packs, or are new. */
    public void joined(Collection<Id> changed) {
        places.update(changed);
    }

    /** What the root shows. */
    public Map<String, Shown> list() {
        return list(List.of(root));
    }

    /**
     * What a directory shows.
     *
     * @param ids all of it, as {@link Shown#directories} has them
     */
    public Map<String, Shown> list(Collection<Id> ids) {
        List<Candidate> candidates = new ArrayList<>();
        for (Id id : ids) {
            addEntries(id, candidates);
        }
        return siblings.show(candidates);
    }

    private void addEntries(Id id, List<Candidate> candidates) {
        Directory directory = directories.get(id);
        List<EntryRecord> live = directory == null ? List.of() : directory.live();
        Map<Id, EntryRecord> names = new HashMap<>();
        for (EntryRecord each : live) {
            if (each.state() instanceof Here here && here.isDirectory() && belongs(here.inode(), id)) {
                names.merge(here.inode(), each, (one, other) -> other.isLaterThan(one) ? other : one);
            }
        }
        for (EntryRecord each : live) {
            if (!(each.state() instanceof Here here)) {
                continue;
            }
            EntryRecord name = here.isDirectory() ? names.get(here.inode()) : each;
            if (name != null && (name.name().equals(each.name()) || !rules.keep(Rule.R14_ONE_NAME))) {
                candidates.add(new Candidate(each.name(), new Version(id, each), here));
            }
        }
        if (rules.keep(Rule.R14_UNNAMED_IS_SHOWN)) {
            addUnnamed(id, names, candidates);
        }
    }

    /** Whether a directory that this one names is really here. */
    private boolean belongs(Id child, Id parent) {
        Place place = places.of(child);
        if (child.equals(root)) {
            return false;
        }
        if (place == null || !rules.keep(Rule.R14_PLACE_OUTRANKS)) {
            return true;
        }
        return place.parent().equals(parent) && places.isAlive(child);
    }

    private void addUnnamed(Id id, Map<Id, EntryRecord> names, List<Candidate> candidates) {
        for (Id child : places.in(id)) {
            Place place = places.of(child);
            Version saying = places.saying(child);
            if (place == null || saying == null || names.containsKey(child) || !places.isAlive(child)) {
                continue;
            }
            candidates.add(new Candidate(place.name(), saying, unnamed(child, saying)));
        }
    }

    /** What directories say that are here without an entry that names them; each in the directory that it is of. */
    public List<Version> unnamed(Id parent) {
        Directory directory = directories.get(parent);
        Set<Id> named = new HashSet<>();
        for (EntryRecord each : directory == null ? List.<EntryRecord>of() : directory.live()) {
            if (each.state() instanceof Here here && here.isDirectory()) {
                named.add(here.inode());
            }
        }
        List<Version> unnamed = new ArrayList<>();
        for (Id child : places.in(parent)) {
            Version saying = places.saying(child);
            if (saying != null && !named.contains(child) && places.isAlive(child)) {
                unnamed.add(saying);
            }
        }
        return unnamed;
    }

    /**
     * The directories that are there although they were removed, because something is in them, or without a name, and
     * those of which a move was undone: nothing leads to them who has not read what they say themselves (R14).
     *
     * @param looked those that are asked about; of undone moves all are told
     */
    public Set<Id> lost(Collection<Id> looked) {
        Set<Id> lost = new TreeSet<>(places.undone());
        looked.stream().filter(each -> isRevived(each) || isNameless(each)).forEach(lost::add);
        return lost;
    }

    /** Those of them that are in these directories, without those that have no name: they may be about to get it. */
    public Set<Id> lostIn(Collection<Id> group) {
        Set<Id> lost = new TreeSet<>();
        for (Id parent : group) {
            places.in(parent).stream()
                    .filter(each -> isRevived(each) || places.undone().contains(each))
                    .forEach(lost::add);
        }
        return lost;
    }

    /** Those that are in these directories and have no name there. */
    public Set<Id> namelessIn(Collection<Id> group) {
        Set<Id> nameless = new TreeSet<>();
        for (Id parent : group) {
            places.in(parent).stream().filter(this::isNameless).forEach(nameless::add);
        }
        return nameless;
    }

    /** Where names may be of these directories, and of those that they are in, that seem to have none. */
    public Set<Id> aboveNameless(Collection<Id> directories) {
        Set<Id> above = new TreeSet<>();
        Set<Id> seen = new HashSet<>();
        for (Id each : directories) {
            Id at = each;
            for (Place place = places.of(at); place != null && seen.add(at); place = places.of(at)) {
                if (isNameless(at)) {
                    above.add(place.parent());
                }
                at = place.parent();
            }
        }
        return above;
    }

    /** Whether no entry of the directory in which it is names a directory, as far as that one was read. */
    boolean isNameless(Id directory) {
        Place place = places.of(directory);
        Directory parent = place == null ? null : directories.get(place.parent());
        return place != null && (parent == null || parent.folders(directory).isEmpty()) && places.isAlive(directory);
    }

    private boolean isRevived(Id directory) {
        List<Version> registers = registers(directory);
        return !registers.isEmpty()
                && registers.stream().allMatch(each -> each.entry().state() instanceof Gone)
                && places.isAlive(directory);
    }

    private static Here unnamed(Id child, Version saying) {
        Attributes attributes = Attributes.of(
                FileKind.DIRECTORY,
                REVIVED_PERMISSIONS,
                0,
                0,
                0,
                saying.entry().made().time());
        return new Here(child, attributes, Content.NONE);
    }

    /**
     * What somebody was shown earlier, from the records that are still known: superseded ones, too, but not those that a
     * compaction has dropped. Null if none of them is.
     *
     * @param name under which it was shown
     * @param versions that were behind it
     */
    public @Nullable Shown shown(String name, Collection<VersionId> versions) {
        List<Version> known = new ArrayList<>();
        TreeSet<Id> opened = new TreeSet<>();
        Version latest = null;
        for (VersionId id : versions) {
            Directory directory = directories.get(id.directory());
            List<EntryRecord> found = directory == null ? List.of() : directory.find(id.dot());
            for (EntryRecord each : found) {
                Version version = new Version(id.directory(), each);
                Here here = state(version);
                if (here == null) {
                    continue;
                }
                known.add(version);
                if (here.isDirectory()) {
                    opened.add(here.inode());
                }
                latest = latest == null || siblings.counts(each, latest.entry()) ? version : latest;
            }
        }
        Here state = latest == null ? null : state(latest);
        return latest == null || state == null
                ? null
                : new Shown(name, original(name, known, latest), state, known, List.copyOf(opened));
    }

    private static @Nullable Here state(Version version) {
        if (version.entry().isPlace()) {
            return unnamed(version.directory(), version);
        }
        return version.entry().state() instanceof Here here ? here : null;
    }

    private static String original(String name, List<Version> versions, Version latest) {
        return versions.stream().anyMatch(each -> named(each).equals(name)) ? name : named(latest);
    }

    private static String named(Version version) {
        Place place = Places.stated(version.entry().state());
        return place == null ? version.entry().name() : place.name();
    }

    /** Whether more than one record or directory would be shown under one of these names: copies are, then. */
    boolean hasSeveral(Collection<Id> ids, Collection<String> names) {
        for (String name : names) {
            int count = 0;
            for (Id id : ids) {
                Directory directory = directories.get(id);
                count += directory == null ? 0 : directory.live(name).size();
                for (Id child : places.at(new Place(id, name))) {
                    count += directory == null || directory.folders(child).isEmpty() ? 1 : 0;
                }
            }
            if (count > 1) {
                return true;
            }
        }
        return false;
    }

    /** Where a directory is, null for the root and for one of which nothing has been read. */
    public @Nullable Place placeOf(Id directory) {
        return places.of(directory);
    }

    /** What has been read of a directory, null if nothing has. */
    public @Nullable Directory directory(Id id) {
        return directories.get(id);
    }

    /**
     * The topmost directories that are shown nowhere, though something lives in them: neither their registers nor an
     * entry that names them was read.
     */
    public Collection<Id> adrift() {
        return places.adrift();
    }

    /** The directories that are where an entry says, because no register of them was read; none can be moved. */
    public Collection<Id> unregistered() {
        return places.unregistered();
    }

    Id root() {
        return root;
    }

    /** The records that say where a directory is; usually one. */
    List<Version> registers(Id id) {
        Directory directory = directories.get(id);
        return directory == null
                ? List.of()
                : directory.places().stream().map(each -> new Version(id, each)).toList();
    }

    /** The directories of which a move was undone, because it had closed a cycle. */
    Collection<Id> undone() {
        return places.undone();
    }
}
