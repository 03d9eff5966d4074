package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Shown.Version;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at the end of a history, from what was written and what each writer had seen, and not from what the join says:
 * every version is shown, or was replaced by somebody who had it before him, or only changed attributes of a content
 * that somebody who had that content replaced.
 */
final class Judge {

    private final Witness witness;
    private final Tree tree;
    private final Map<Id, Directory> directories;
    private final Map<Witness.Event, Integer> shown = new HashMap<>();
    private final Map<Id, Integer> reached = new HashMap<>();

    Judge(Map<Id, Directory> directories, Witness witness, Rules rules) {
        this.witness = witness;
        this.directories = directories;
        this.tree = new Tree(directories, Host.ROOT, rules);
    }

    void judge() {
        walk(tree.list(), new HashSet<>());
        directories.forEach(this::judgePlace);
        witness.made().forEach((directory, records) -> {
            for (EntryRecord each : records) {
                judge(directory, each, records);
            }
        });
    }

    private void walk(Map<String, Shown> entries, Set<Id> above) {
        Map<String, Shown> winners = new HashMap<>();
        entries.forEach((name, entry) -> {
            if (!entry.isCopy()) {
                winners.put(name, entry);
            }
        });
        for (Shown entry : entries.values()) {
            for (Version version : entry.versions()) {
                shown.merge(
                        new Witness.Event(version.directory(), version.entry().dot()), 1, Integer::sum);
            }
            Shown winner = winners.get(entry.original());
            if (entry.isCopy() && winner != null) {
                judgeOrder(winner, entry);
            }
            if (!entry.isDirectory()) {
                continue;
            }
            Set<Id> path = new HashSet<>(above);
            for (Id each : entry.directories()) {
                reached.merge(each, 1, Integer::sum);
                if (!path.add(each)) {
                    throw new AssertionError("a folder is within itself: " + each);
                }
            }
            walk(tree.list(entry.directories()), path);
        }
    }

    /** A folder that nobody has removed is shown, and none is shown twice. */
    private void judgePlace(Id directory, Directory records) {
        int times = reached.getOrDefault(directory, 0);
        boolean stays = records.places().stream().anyMatch(each -> each.state() instanceof EntryRecord.Placed);
        if (times > 1 || (stays && times == 0)) {
            throw new AssertionError("a folder is shown " + times + " times: " + directory);
        }
    }

    /** The two are not the same, and whoever keeps the name was not known to the writer of the other one (R5). */
    private void judgeOrder(Shown winner, Shown loser) {
        if (winner.state().content() instanceof Content.Packed kept
                && loser.state().content() instanceof Content.Packed lost
                && kept.pack().low() == lost.pack().low()) {
            throw new AssertionError("a file is in conflict with itself: " + winner + " beside " + loser);
        }
        if (winner.isDirectory() && loser.isDirectory()) {
            throw new AssertionError("two folders of one name are not one: " + winner + " beside " + loser);
        }
        Version won = winner.versions().get(0);
        Version beaten = loser.versions().get(0);
        if (winner.versions().size() == 1
                && loser.versions().size() == 1
                && won.directory().equals(beaten.directory())
                && !won.entry().isPlace()
                && !beaten.entry().isPlace()
                && witness.hadSeen(
                        beaten.directory(), beaten.entry(), won.entry().dot())) {
            throw new AssertionError("an older version keeps the name: " + won + " beside " + beaten);
        }
    }

    private void judge(Id directory, EntryRecord each, Collection<EntryRecord> all) {
        if (!(each.state() instanceof Here here)) {
            return;
        }
        int times = shown.getOrDefault(new Witness.Event(directory, each.dot()), 0);
        if (times > 1) {
            throw new AssertionError("shown " + times + " times: " + each);
        }
        if (here.isDirectory()) {
            return;
        }
        boolean yields = !each.dot().equals(each.birth()) && hasEnded(directory, each, all);
        if (times == 1 && yields) {
            throw new AssertionError("attributes have brought back what had ended: " + each);
        }
        if (!isAccountedFor(directory, each, new HashSet<>())) {
            throw new AssertionError("lost: " + each + replacedUnseen(directory, each, all));
        }
    }

    private String replacedUnseen(Id directory, EntryRecord each, Collection<EntryRecord> all) {
        List<EntryRecord> blind = new ArrayList<>();
        for (EntryRecord later : all) {
            if (later.supersedes().contains(each.dot()) && !witness.hadSeen(directory, later, each.dot())) {
                blind.add(later);
            }
        }
        return blind.isEmpty() ? "" : ", replaced unseen by " + blind;
    }

    /**
     * Whether nobody needs to miss this version: it is shown; or somebody who had it put something else in its place, and
     * meant it nowhere else; or somebody said the same again or meant it somewhere else, and that is accounted for.
     *
     * @param path of those that are being asked: two that stand for each other stand for nothing
     */
    private boolean isAccountedFor(Id directory, EntryRecord each, Set<Witness.Event> path) {
        Witness.Event event = new Witness.Event(directory, each.dot());
        if (shown.containsKey(event)) {
            return true;
        }
        if (!path.add(event)) {
            return false;
        }
        Collection<EntryRecord> all = witness.made().getOrDefault(directory, List.of());
        for (EntryRecord later : all) {
            boolean replaced = later.supersedes().contains(each.dot()) && witness.hadSeen(directory, later, each.dot());
            boolean outdated = !each.dot().equals(each.birth()) && ends(directory, later, each.birth(), all);
            if ((replaced || outdated) && isMeant(directory, each, later, path)) {
                return true;
            }
        }
        path.remove(event);
        return false;
    }

    private boolean isMeant(Id directory, EntryRecord each, EntryRecord later, Set<Witness.Event> path) {
        Witness.OneFile file = Witness.OneFile.of(each.state());
        Witness.Operation operation = witness.operation(directory, later);
        if (file == null || !operation.kept().contains(file)) {
            return true;
        }
        for (Map.Entry<Witness.Event, EntryRecord> written : operation.written().entrySet()) {
            if (file.equals(Witness.OneFile.of(written.getValue().state()))
                    && isAccountedFor(written.getKey().directory(), written.getValue(), path)) {
                return true;
            }
        }
        return false;
    }

    /** Whether somebody who had a version of this content replaced or removed it (R4a). */
    private boolean hasEnded(Id directory, EntryRecord each, Collection<EntryRecord> all) {
        return all.stream().anyMatch(later -> ends(directory, later, each.birth(), all));
    }

    /** Whether this one ends a content of which its writer had a version. */
    private boolean ends(Id directory, EntryRecord later, Dot birth, Collection<EntryRecord> all) {
        if (!later.ends().contains(birth)) {
            return false;
        }
        for (EntryRecord version : all) {
            if (version.birth().equals(birth)
                    && later.supersedes().contains(version.dot())
                    && witness.hadSeen(directory, later, version.dot())) {
                return true;
            }
        }
        return false;
    }
}
