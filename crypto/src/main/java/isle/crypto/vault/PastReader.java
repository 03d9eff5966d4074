package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Directory;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Shown.VersionId;
import isle.crypto.v1.HistoryCodec.Past;
import isle.crypto.v1.HistoryKey;
import isle.crypto.v1.PackStore;
import isle.crypto.vault.Problem.Kind;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads what compactions have dropped, out of history packs, when somebody asks for it. One that cannot be read is told,
 * and takes nothing away from the others. May be used by several threads.
 */
final class PastReader {

    private final VaultState state;
    private final PackStore packs;
    private final Parallel parallel;

    /** What could not be read, so that it is told, and not asked for again by whoever merges. */
    private final Map<HistoryKey, Unread> unread = new ConcurrentHashMap<>();

    private record Unread(Kind kind, String etag) {}

    /** A history pack that is there: what the list says of it. */
    private interface Listing {
        Map<HistoryKey, ObjectSummary> list() throws FsException;
    }

    /**
     * All history packs.
     *
     * @param records by directory, each once
     * @param objects all that were listed, also those that cannot be read
     */
    record All(Map<Id, Collection<EntryRecord>> records, Map<HistoryKey, ObjectSummary> objects) {
        /** Bytes in the store. */
        long bytes() {
            return objects.values().stream().mapToLong(ObjectSummary::size).sum();
        }
    }

    PastReader(VaultState state, PackStore packs, Parallel parallel) {
        this.state = state;
        this.packs = packs;
        this.parallel = parallel;
    }

    /**
     * Lets versions be found again, as far as there is history of them: what was changed on top of one that was replaced
     * and compacted meanwhile has still to arrive.
     */
    void recall(Collection<VersionId> wanted) throws FsException {
        Map<Id, Set<Dot>> dots = new LinkedHashMap<>();
        wanted.forEach(each -> dots.computeIfAbsent(each.directory(), d -> new LinkedHashSet<>())
                .add(each.dot()));
        for (Map.Entry<Id, Set<Dot>> each : dots.entrySet()) {
            List<EntryRecord> found = of(each.getKey()).stream()
                    .filter(record -> each.getValue().contains(record.dot()))
                    .toList();
            state.ask((all, tree) -> {
                Directory directory = all.get(each.getKey());
                if (directory != null) {
                    found.forEach(directory::remember);
                }
                return true;
            });
        }
    }

    /** The records of a directory, each once. */
    Collection<EntryRecord> of(Id directory) throws FsException {
        Set<EntryRecord> records = new LinkedHashSet<>();
        all(() -> packs.history(directory)).records().values().forEach(records::addAll);
        return records;
    }

    /** Those of several directories. */
    Map<Id, Collection<EntryRecord>> of(Collection<Id> directories) throws FsException {
        Map<Id, Collection<EntryRecord>> records = new HashMap<>();
        for (Id each : directories) {
            records.put(each, of(each));
        }
        return records;
    }

    /** Everything that there is. */
    All all() throws FsException {
        return all(packs::history);
    }

    private All all(Listing listing) throws FsException {
        Map<HistoryKey, List<Past>> read = new HashMap<>();
        Map<HistoryKey, ObjectSummary> listed = Map.of();
        // What is merged meanwhile is in the second list in another pack.
        for (int attempt = 0; attempt < 2; attempt++) {
            listed = listing.list();
            Map<HistoryKey, ObjectSummary> fresh = new LinkedHashMap<>(listed);
            fresh.keySet().removeAll(read.keySet());
            Map<HistoryKey, List<Past>> more = read(fresh);
            read.putAll(more);
            if (more.size() + unreadOf(fresh) == fresh.size()) {
                break;
            }
        }
        Map<Id, Collection<EntryRecord>> records = new HashMap<>();
        read.forEach(
                (key, past) -> past.forEach(each -> records.computeIfAbsent(key.directory(), d -> new LinkedHashSet<>())
                        .addAll(each.records())));
        return new All(records, listed);
    }

    private long unreadOf(Map<HistoryKey, ObjectSummary> listed) {
        return listed.keySet().stream().filter(unread::containsKey).count();
    }

    /**
     * Reads these.
     *
     * @param listed with what the list says of them
     * @return those that are there and can be read
     */
    Map<HistoryKey, List<Past>> read(Map<HistoryKey, ObjectSummary> listed) throws FsException {
        List<Map.Entry<HistoryKey, ObjectSummary>> wanted = new ArrayList<>(listed.entrySet());
        Map<HistoryKey, List<Past>> read = new ConcurrentHashMap<>();
        parallel.run(wanted.size(), index -> {
            HistoryKey key = wanted.get(index).getKey();
            String etag = wanted.get(index).getValue().etag();
            try {
                read.put(key, readTwice(key));
                unread.remove(key);
            } catch (FsException.NotFound e) {
                unread.remove(key);
            } catch (FsException.Corrupt e) {
                unread.put(key, new Unread(Kind.HISTORY, etag));
            } catch (FsException.Unsupported e) {
                unread.put(key, new Unread(Kind.LATER_FORMAT, etag));
            } catch (FsException.AccessDenied e) {
                unread.put(key, new Unread(Kind.KEY_UNKNOWN, etag));
            }
        });
        return read;
    }

    /** What is damaged on its way here is read once more. */
    private List<Past> readTwice(HistoryKey key) throws FsException {
        try {
            return packs.read(key);
        } catch (FsException.Corrupt e) {
            return packs.read(key);
        }
    }

    /** Whether it is no use to ask for these bytes. */
    boolean isUnreadable(HistoryKey key, ObjectSummary object) {
        Unread one = unread.get(key);
        return one != null && one.etag().equals(object.etag());
    }

    /** Looks whether what could not be read can be read now, or is gone. */
    void recheck() throws FsException {
        for (HistoryKey key : List.copyOf(unread.keySet())) {
            Map<HistoryKey, ObjectSummary> there = packs.history(key.directory());
            ObjectSummary object = there.get(key);
            if (object == null) {
                unread.remove(key);
            } else {
                read(Map.of(key, object));
            }
        }
    }

    /** What could not be read, as far as it was noticed. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        unread.forEach((key, one) -> problems.add(new Problem(one.kind(), key.directory(), key.pack())));
        return problems;
    }
}
