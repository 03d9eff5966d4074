package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.Pack;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What is wrong with the directories that were read; looked at again where something has changed. Not safe for several
 * threads, but for {@link #accept}.
 */
final class Verdicts {

    private final Map<Id, Directory> directories;
    private final Absences absences;
    private final Accepted accepted;
    private final Predicate<Id> lacksAHalf;

    /** Of the directories where something is wrong. */
    private final Map<Id, List<Problem>> judged = new HashMap<>();

    private final Set<Id> changed = new HashSet<>();

    /** Of which packs are being joined: until all are, what comes next seems to be missing. */
    private final Set<Id> unread = new HashSet<>();

    /** @param lacksAHalf whether the store has a part of a compaction of a directory without the others */
    Verdicts(Map<Id, Directory> directories, Absences absences, Accepted accepted, Predicate<Id> lacksAHalf) {
        this.directories = directories;
        this.absences = absences;
        this.accepted = accepted;
        this.lacksAHalf = lacksAHalf;
    }

    void changed(Id directory) {
        changed.add(directory);
    }

    /** Its packs come, one after the other; what was said of it stays until {@link #read}. */
    void reading(Id directory) {
        unread.add(directory);
    }

    /** They have come, as far as they can be read. */
    void read(Id directory) {
        unread.remove(directory);
    }

    List<Problem> problems() {
        Set<Id> read = new HashSet<>(changed);
        read.removeAll(unread);
        read.forEach(this::judge);
        changed.removeAll(read);
        List<Problem> problems = new ArrayList<>();
        judged.values().forEach(problems::addAll);
        return problems;
    }

    private void judge(Id id) {
        Directory directory = directories.get(id);
        List<Problem> problems = new ArrayList<>();
        if (directory != null) {
            DotSet missing = directory.missing();
            missing.removeAll(accepted.in(id));
            if (lacksAHalf.test(id)) {
                problems.add(new Problem(Kind.HALF_A_COMPACTION, id, null));
            } else if (!missing.isEmpty()) {
                problems.add(new Problem(Kind.MISSING, id, null));
            }
            if (!directory.usedTwice().isEmpty()) {
                problems.add(new Problem(Kind.USED_TWICE, id, null));
            }
            lost(id).forEach(pack -> problems.add(new Problem(Kind.SET_BACK, id, pack.id())));
        }
        if (problems.isEmpty()) {
            judged.remove(id);
        } else {
            judged.put(id, problems);
        }
    }

    /** Packs that were read, that the store does not have any more, and that no other one says again (R20). */
    List<Pack> lost(Id id) {
        Directory directory = directories.get(id);
        Set<Id> absent = absences.in(id);
        if (directory == null || absent.isEmpty() || lacksAHalf.test(id)) {
            return List.of();
        }
        DotSet said = new DotSet();
        List<Pack> gone = new ArrayList<>();
        for (Pack pack : directory.packs()) {
            if (absent.contains(pack.id())) {
                gone.add(pack);
            } else {
                said.addAll(dots(pack));
            }
        }
        gone.removeIf(pack -> said.containsAll(dots(pack)));
        return gone;
    }

    /** All that a pack knows of. */
    static DotSet dots(Pack pack) {
        DotSet dots = Shelf.dots(pack);
        if (pack.cover() != null) {
            dots.addAll(pack.cover().dots());
        }
        return dots;
    }

    /** What is missing of these, where something is. */
    Map<Id, DotSet> missing(Collection<Id> group) {
        Map<Id, DotSet> found = new HashMap<>();
        for (Id id : group) {
            Directory directory = directories.get(id);
            DotSet missing = directory == null ? new DotSet() : directory.missing();
            missing.removeAll(accepted.in(id));
            if (!missing.isEmpty()) {
                found.put(id, missing);
            }
        }
        return found;
    }

    /** Remembers that these are missing; by several threads, too. What it changes is to be told afterwards. */
    void accept(Map<Id, DotSet> missing) throws FsException {
        if (!missing.isEmpty()) {
            accepted.add(missing);
        }
    }
}
