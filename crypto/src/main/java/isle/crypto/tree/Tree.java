package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Place;
import isle.crypto.tree.Shown.Version;
import isle.crypto.tree.Siblings.Candidate;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a vault shows, as far as its directories were read. A picture of one moment: made anew after each join. */
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
            Attributes attributes = Attributes.of(
                    FileKind.DIRECTORY,
                    REVIVED_PERMISSIONS,
                    0,
                    0,
                    0,
                    saying.entry().made().time());
            Here here = new Here(child, attributes, Content.NONE);
            candidates.add(new Candidate(place.name(), saying, here));
        }
    }

    /** Where a directory is, null for the root. */
    @Nullable Place placeOf(Id directory) {
        return places.of(directory);
    }
}
