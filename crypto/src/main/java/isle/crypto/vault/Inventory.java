package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.Dot;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.VaultState.Known;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which packs of a directory the store has, as far as they were read. For who holds the lock of the {@link VaultState}. */
final class Inventory {

    private final Map<Id, Directory> directories;
    private final Map<Id, Known> known;
    private final Map<Id, Set<PackKey>> byDirectory;

    /** Of maps that the state goes on to fill. */
    Inventory(Map<Id, Directory> directories, Map<Id, Known> known, Map<Id, Set<PackKey>> byDirectory) {
        this.directories = directories;
        this.known = known;
        this.byDirectory = byDirectory;
    }

    /** Packs that are gone from the store, and of which compactions that are there say all. */
    List<PackKey> covered(Id directory) {
        Directory joined = directories.get(directory);
        if (joined == null) {
            return List.of();
        }
        List<PackKey> gone = new ArrayList<>();
        List<Pack> there = new ArrayList<>();
        Set<Id> ids = new HashSet<>();
        for (PackKey key : byDirectory.getOrDefault(directory, Set.of())) {
            Pack pack = joined.pack(key.pack());
            if (isThere(key) && pack != null) {
                there.add(pack);
                ids.add(pack.id());
            } else {
                gone.add(key);
            }
        }
        DotSet covered = new DotSet();
        for (Pack pack : there) {
            if (pack.cover() != null && ids.containsAll(pack.cover().parts())) {
                covered.addAll(pack.cover().dots());
            }
        }
        gone.removeIf(key -> {
            Pack pack = joined.pack(key.pack());
            return pack != null && !covered.containsAll(Verdicts.dots(pack));
        });
        return gone;
    }

    /**
     * Forgets those of such packs that say nothing of versions that are needed.
     *
     * @return which
     */
    List<PackKey> forget(Id directory, List<PackKey> covered, Set<Dot> needed) {
        Directory joined = directories.get(directory);
        if (joined == null) {
            return List.of();
        }
        List<PackKey> gone = covered.stream()
                .filter(key -> !isThere(key) && !says(joined.pack(key.pack()), needed))
                .toList();
        byDirectory.getOrDefault(directory, Set.of()).removeAll(gone);
        List<Id> packs = gone.stream().map(PackKey::pack).toList();
        joined.forget(packs);
        packs.forEach(known::remove);
        return gone;
    }

    private static boolean says(@Nullable Pack pack, Set<Dot> needed) {
        return pack != null
                && !needed.isEmpty()
                && pack.records().stream().anyMatch(each -> needed.contains(each.dot()));
    }

    private boolean isThere(PackKey key) {
        Known one = known.get(key.pack());
        return one != null && one.there();
    }

    /** Whether the store has a part of a compaction without the others. */
    boolean lacksAHalf(Id id) {
        Directory directory = directories.get(id);
        return directory != null
                && directory.hasHalfACompaction()
                && there(id, directory).lacksAHalf();
    }

    private Shelf there(Id id, Directory directory) {
        List<Shelf.Item> items = new ArrayList<>();
        for (PackKey key : byDirectory.getOrDefault(id, Set.of())) {
            Pack pack = directory.pack(key.pack());
            if (isThere(key) && pack != null) {
                items.add(new Shelf.Item(key, pack, null));
            }
        }
        return new Shelf(items, directory.usedTwice());
    }

    /**
     * The packs of a directory, for a compaction.
     *
     * @param listed what the store has now; null for what was there when it was last asked
     * @return empty if something of it is missing, or was not read
     */
    Optional<Shelf> shelf(Id directory, PackStore.@Nullable Listed listed) {
        Directory joined = directories.get(directory);
        if (joined == null || !joined.missing().isEmpty()) {
            return Optional.empty();
        }
        if (listed == null) {
            return Optional.of(there(directory, joined));
        }
        List<Shelf.Item> items = new ArrayList<>();
        for (PackKey key : listed.packs()) {
            Known one = known.get(key.pack());
            Pack pack = joined.pack(key.pack());
            ObjectSummary object = listed.objects().get(key);
            if (one == null || pack == null || object == null || !one.key().equals(key)) {
                return Optional.empty();
            }
            items.add(new Shelf.Item(key, pack, object.lastModified()));
        }
        return Optional.of(new Shelf(items, joined.usedTwice()));
    }
}
