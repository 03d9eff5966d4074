package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.v1.IndexCodec.Section;
import isle.crypto.v1.PackKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/** Lists packs and fetches those that a {@link VaultState} does not have yet. */
final class StoreReader {

    /** So many packs are read before what they give is kept for certain. */
    private static final int ROUND = 512;

    private final PackStore packs;
    private final Parallel parallel;
    private final VaultState state;

    StoreReader(PackStore packs, Parallel parallel, VaultState state) {
        this.packs = packs;
        this.parallel = parallel;
        this.state = state;
    }

    /** A pack to be fetched, with what the list said of its bytes. */
    private record Wanted(PackKey key, String etag) {}

    /** Joins what is new in these directories. */
    void read(List<Id> directories) throws FsException {
        List<Id> changed = fetch(list(directories), false);
        if (!changed.isEmpty()) {
            // A compaction has taken something in since the list; its root is in the next one (R12).
            fetch(list(changed), true);
        }
        for (Id directory : directories) {
            finish(directory);
        }
    }

    private void finish(Id directory) throws FsException {
        state.forgetCovered(directory);
        state.listed(directory);
    }

    private List<Wanted> list(List<Id> directories) throws FsException {
        Map<Id, PackStore.Listed> lists = new ConcurrentHashMap<>();
        long began = state.beginList();
        parallel.run(directories.size(), index -> {
            Id directory = directories.get(index);
            lists.put(directory, packs.list(directory));
        });
        List<Wanted> wanted = new ArrayList<>();
        for (Id directory : directories) {
            PackStore.Listed list = lists.get(directory);
            if (list != null) {
                wanted.addAll(wanted(directory, list, began));
            }
        }
        return wanted;
    }

    private List<Wanted> wanted(Id directory, PackStore.Listed list, long began) {
        List<PackKey> unread = state.unread(directory, list, began);
        if (!unread.isEmpty()) {
            state.reading(directory);
        }
        return unread.stream().map(key -> new Wanted(key, etag(list, key))).toList();
    }

    private static String etag(PackStore.Listed list, PackKey key) {
        var object = list.objects().get(key);
        return object == null ? "" : object.etag();
    }

    /**
     * Joins these.
     *
     * @param last what is not there now is missing
     * @return directories of which something was not there
     */
    private List<Id> fetch(List<Wanted> wanted, boolean last) throws FsException {
        Set<Id> changed = ConcurrentHashMap.newKeySet();
        parallel.run(wanted.size(), index -> {
            Wanted each = wanted.get(index);
            if (!fetch(each, last)) {
                changed.add(each.key().directory());
            }
        });
        return List.copyOf(changed);
    }

    private boolean fetch(Wanted wanted, boolean last) throws FsException {
        PackKey key = wanted.key();
        try {
            boolean joined = join(key);
            if (!joined && !join(key)) {
                state.trouble(key, Kind.UNREADABLE, wanted.etag());
            }
            return true;
        } catch (KeyUnknown e) {
            state.trouble(key, Kind.KEY_UNKNOWN, wanted.etag());
            return true;
        } catch (FsException.Unsupported e) {
            state.trouble(key, Kind.LATER_FORMAT, wanted.etag());
            return true;
        } catch (FsException.NotFound e) {
            if (last) {
                state.trouble(key, Kind.NOT_THERE, wanted.etag());
            }
            return last;
        }
    }

    /** Said by us, not by the store. */
    private static final class KeyUnknown extends Exception {
        private static final long serialVersionUID = 1L;

        KeyUnknown(FsException cause) {
            super(cause);
        }
    }

    /**
     * Fetches and joins one.
     *
     * @return false if it is damaged, be it only on its way here
     */
    private boolean join(PackKey key) throws FsException, KeyUnknown {
        try {
            ByteBuffer index = packs.index(key);
            state.join(key, open(key, index), index);
            return true;
        } catch (FsException.Corrupt e) {
            return false;
        }
    }

    private Section open(PackKey key, ByteBuffer index) throws FsException, KeyUnknown {
        try {
            return packs.open(key, index);
        } catch (FsException.AccessDenied e) {
            throw new KeyUnknown(e);
        }
    }

    /** Joins everything, the directories that changed last first. */
    void readAll(BooleanSupplier stop) throws FsException {
        List<Wanted> round = new ArrayList<>();
        List<Id> directories = new ArrayList<>();
        long began = state.beginList();
        Map<Id, PackStore.Listed> lists = byDirectory(packs.listAll());
        // Of directories that this host knows the store may have nothing at all any more.
        state.directories().forEach(id -> lists.computeIfAbsent(id, d -> nothing()));
        for (Map.Entry<Id, PackStore.Listed> each : newestFirst(lists).entrySet()) {
            directories.add(each.getKey());
            round.addAll(wanted(each.getKey(), each.getValue(), began));
            if (round.size() >= ROUND && !readRound(round, directories, stop)) {
                return;
            }
        }
        readRound(round, directories, stop);
    }

    /**
     * Reads these and empties the lists.
     *
     * @return false if it was stopped
     */
    private boolean readRound(List<Wanted> round, List<Id> directories, BooleanSupplier stop) throws FsException {
        Set<Id> changed = ConcurrentHashMap.newKeySet();
        parallel.run(round.size(), index -> {
            Wanted each = round.get(index);
            if (!stop.getAsBoolean() && !fetch(each, false)) {
                changed.add(each.key().directory());
            }
        });
        if (stop.getAsBoolean()) {
            return false;
        }
        directories.removeAll(changed);
        for (Id directory : directories) {
            finish(directory);
        }
        if (!changed.isEmpty()) {
            read(List.copyOf(changed));
        }
        round.clear();
        directories.clear();
        state.force();
        return true;
    }

    private static Map<Id, PackStore.Listed> byDirectory(PackStore.Listed all) {
        Map<Id, PackStore.Listed> lists = new HashMap<>();
        for (PackKey key : all.packs()) {
            PackStore.Listed one = lists.computeIfAbsent(key.directory(), d -> nothing());
            one.packs().add(key);
            var object = all.objects().get(key);
            if (object != null) {
                one.objects().put(key, object);
            }
        }
        for (ObjectKey stranger : all.strangers()) {
            PackStore.Listed one = lists.get(directory(stranger));
            if (one != null) {
                one.strangers().add(stranger);
            }
        }
        return lists;
    }

    private static PackStore.Listed nothing() {
        return new PackStore.Listed(new ArrayList<>(), new ArrayList<>(), new HashMap<>());
    }

    /** In which an object seems to be; that of nothing if it is in none. */
    private static Id directory(ObjectKey stranger) {
        int start = PackKey.PREFIX.length();
        int end = start + 2 * Id.BYTES;
        try {
            return Id.ofHex(stranger.value()
                    .substring(start, Math.min(end, stranger.value().length())));
        } catch (IllegalArgumentException e) {
            return new Id(0, 0);
        }
    }

    private static Map<Id, PackStore.Listed> newestFirst(Map<Id, PackStore.Listed> lists) {
        Map<Id, Instant> newest = new HashMap<>();
        lists.forEach((directory, list) -> list.objects()
                .values()
                .forEach(object -> newest.merge(
                        directory, object.lastModified(), (one, other) -> one.isAfter(other) ? one : other)));
        List<Id> order = new ArrayList<>(lists.keySet());
        order.sort(Comparator.comparing((Id id) -> newest.getOrDefault(id, Instant.MIN))
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
        Map<Id, PackStore.Listed> sorted = new LinkedHashMap<>();
        for (Id each : order) {
            PackStore.Listed list = lists.get(each);
            if (list != null) {
                sorted.put(each, list);
            }
        }
        return sorted;
    }
}
