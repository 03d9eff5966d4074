package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** The store of a simulated history: packs by directory, and every pack that a commit ever wrote. */
final class Bucket {

    private final Map<Id, Map<Id, Pack>> packs = new HashMap<>();
    private final Map<Id, List<Pack>> commits = new HashMap<>();

    void put(Pack pack, boolean isCommit) {

        packs.computeIfAbsent(pack.directory(), d -> new LinkedHashMap<>()).put(pack.id(), pack);
        if (isCommit) {
            commits.computeIfAbsent(pack.directory(), d -> new ArrayList<>()).add(pack);
        }
    }

    void delete(Pack pack) {
        Map<Id, Pack> there = packs.get(pack.directory());
        if (there != null) {
            there.remove(pack.id());
        }
    }

    Set<Id> directories() {
        return new TreeSet<>(commits.keySet());
    }

    Collection<Pack> in(Id directory) {
        return List.copyOf(packs.getOrDefault(directory, Map.of()).values());
    }

    /** Some of the packs of a directory, in any order, some of them twice: what a slow and confused reader gets. */
    List<Pack> someOf(Id directory, Random random) {
        List<Pack> some = new ArrayList<>();
        for (Pack pack : in(directory)) {
            int times = random.nextInt(8) == 0 ? 2 : random.nextInt(4) == 0 ? 0 : 1;
            for (int i = 0; i < times; i++) {
                some.add(random.nextInt(some.size() + 1), pack);
            }
        }
        return some;
    }

    /** Everything that was ever committed: what the vault would be without any compaction. */
    Map<Id, Directory> withoutCompactions(Rules rules) {
        Map<Id, Directory> all = new HashMap<>();
        commits.forEach((id, written) -> all.put(id, Directory.of(written, rules)));
        return all;
    }

    Map<Id, Directory> read(Rules rules) {
        Map<Id, Directory> all = new HashMap<>();
        directories().forEach(id -> all.put(id, Directory.of(in(id), rules)));
        return all;
    }
}
