package isle.fs.plain;

import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.Volume.After;
import isle.fs.spi.Volume.Change;
import isle.fs.spi.Volume.Prepared;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what the store has under the names of a batch before anything is written: one list of each directory for all
 * its names.
 */
final class BaseCheck {
    /** A list that has not met the batch's last name after this many pages is given up for heads. */
    private static final int MOST_PAGES = 4;

    private final ObjectStore store;
    private final Unanswered unanswered;

    BaseCheck(ObjectStore store, Unanswered unanswered) {
        this.store = store;
        this.unanswered = unanswered;
    }

    /** Where a change will write. */
    interface Place {
        String of(Change change) throws FsException;
    }

    /** What the store had when it was looked at. */
    static final class View {
        private final Map<String, EntryVersion> found = new HashMap<>();

        @Nullable EntryVersion current(String ref) {
            return found.get(ref);
        }
    }

    View look(List<Prepared> changes, Place place) throws FsException {
        View view = new View();
        Map<String, TreeSet<String>> byDirectory = new TreeMap<>();
        for (Prepared prepared : changes) {
            String ref;
            try {
                ref = place.of(prepared.change());
            } catch (FsException e) {
                continue;
            }
            if (!ref.endsWith("/")) {
                byDirectory
                        .computeIfAbsent(
                                ref.substring(0, ref.lastIndexOf('/') + 1), d -> new TreeSet<>(ObjectKey::compareUtf8))
                        .add(ref);
            }
        }
        for (Map.Entry<String, TreeSet<String>> directory : byDirectory.entrySet()) {
            look(directory.getKey(), directory.getValue(), view);
        }
        return view;
    }

    private void look(String directory, NavigableSet<String> refs, View view) throws FsException {
        String after = "";
        String last = refs.last();
        String prefix =
                directory + shared(refs.first().substring(directory.length()), last.substring(directory.length()));
        boolean lone = refs.size() == 1;
        for (int pages = 0; pages < MOST_PAGES; pages++) {
            // The keys that begin with a key begin with that key itself, if it exists.
            ListPage page =
                    lone ? store.list(last, false, "", 1) : store.list(prefix, true, after, ObjectStore.MAX_PAGE);
            for (ObjectSummary object : page.objects()) {
                if (refs.contains(object.key().value())) {
                    view.found.put(object.key().value(), PlainVersions.of(object));
                }
            }
            Optional<String> next = page.next();
            if (lone || next.isEmpty() || ObjectKey.compareUtf8(next.get(), last) >= 0) {
                return;
            }
            after = next.get();
        }
        for (String ref : refs) {
            ObjectHead head = view.found.containsKey(ref) ? null : head(ref);
            if (head != null) {
                view.found.put(ref, PlainVersions.of(head.summary()));
            }
        }
    }

    /** How two names begin, whole characters of it. */
    private static String shared(String first, String last) {
        int length = 0;
        while (length < Math.min(first.length(), last.length())
                && first.charAt(length) == last.charAt(length)
                && !Character.isSurrogate(first.charAt(length))) {
            length++;
        }
        return first.substring(0, length);
    }

    /** Metadata of an object; null if there is none. */
    @Nullable ObjectHead head(String ref) throws FsException {
        try {
            return store.head(PlainKeys.key(ref));
        } catch (FsException.NotFound e) {
            return null;
        }
    }

    /**
     * A directory that only its keys imply would vanish with the last of them: it gets its marker first.
     */
    void keepEmptied(List<Prepared> changes, Executor pool) throws FsException {
        Map<String, TreeSet<String>> removed = new TreeMap<>();
        for (Prepared prepared : changes) {
            String gone = goneBy(prepared.change());
            if (gone != null) {
                String trimmed = gone.endsWith("/") ? gone.substring(0, gone.length() - 1) : gone;
                int slash = trimmed.lastIndexOf('/');
                if (slash >= 0) {
                    removed.computeIfAbsent(trimmed.substring(0, slash + 1), d -> new TreeSet<>())
                            .add(gone);
                }
            }
        }
        for (String directory : new ArrayList<>(removed.keySet())) {
            if (removed.values().stream().anyMatch(keys -> keys.contains(directory))) {
                removed.remove(directory);
            }
        }
        Parallel.run(pool, List.copyOf(removed.entrySet()), entry -> keep(entry.getKey(), entry.getValue()));
    }

    private static @Nullable String goneBy(Change change) {
        if (change instanceof Change.Remove remove) {
            return remove.parentStays() ? remove.ref() : null;
        }
        Change.Put put = (Change.Put) change;
        return put.after() == After.SOURCE_GOES && put.source() != null
                ? put.source().ref()
                : null;
    }

    private void keep(String directory, Set<String> gone) throws FsException {
        int limit = Math.min(ObjectStore.MAX_PAGE, gone.size() + 1);
        ListPage page = store.list(directory, false, "", limit);
        boolean othersStay = page.objects().stream()
                .anyMatch(object -> !gone.contains(object.key().value()));
        if (!othersStay && !page.objects().isEmpty()) {
            ObjectMetadata metadata = new ObjectMetadata(Map.of(), ContentTypes.DIRECTORY, Map.of());
            try {
                store.put(PlainKeys.key(directory), ObjectStore.Body.of(new byte[0]), metadata);
            } catch (FsException e) {
                if (e.isTransient()) {
                    unanswered.note(directory);
                }
                throw e;
            }
        }
    }
}
