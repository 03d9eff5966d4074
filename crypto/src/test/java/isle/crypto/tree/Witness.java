package isle.crypto.tree;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord.Here;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Remembers what each writer had seen when it wrote, for the judge; and draws ids. */
final class Witness {

    record Event(Id directory, Dot dot) {}

    /** A content as a file. */
    record OneFile(Id inode, Content content) {
        static @Nullable OneFile of(EntryRecord.State state) {
            return state instanceof Here here && !here.isDirectory() ? new OneFile(here.inode(), here.content()) : null;
        }
    }

    /**
     * What one commit was about.
     *
     * @param kept files that it means to be there after it, in some place
     * @param written what of it came to the store
     */
    record Operation(Set<OneFile> kept, Map<Event, EntryRecord> written) {}

    /** The next commit. */
    void begin(Collection<EntryRecord.State> states) {
        Set<OneFile> kept = new HashSet<>();
        for (EntryRecord.State each : states) {
            OneFile file = OneFile.of(each);
            if (file != null) {
                kept.add(file);
            }
        }
        begun.add(new Operation(kept, new HashMap<>()));
    }

    Operation operation(Id directory, EntryRecord each) {
        return begun.get(operations.getOrDefault(new Event(directory, each.dot()), 0));
    }

    private final Map<Event, Map<Id, DotSet>> seen = new HashMap<>();
    private final Map<Id, List<EntryRecord>> made = new HashMap<>();
    private final Map<Event, Integer> operations = new HashMap<>();
    private final List<Operation> begun = new ArrayList<>();
    private long drawn;
    private long time;

    Id draw() {
        return new Id(1, ++drawn);
    }

    long tick() {
        return ++time;
    }

    void saw(Id directory, EntryRecord each, Map<Id, DotSet> what) {
        Event event = new Event(directory, each.dot());
        seen.put(event, what);
        operations.put(event, begun.size() - 1);
        begun.get(begun.size() - 1).written().put(event, each);
        made.computeIfAbsent(directory, d -> new ArrayList<>()).add(each);
    }

    /** Whether the writer of {@code later} had {@code earlier} before it. */
    boolean hadSeen(Id directory, EntryRecord later, Dot earlier) {
        Map<Id, DotSet> known = seen.get(new Event(directory, later.dot()));
        DotSet dots = known == null ? null : known.get(directory);
        return (dots != null && dots.contains(earlier)) || isOneCommit(later.dot(), earlier);
    }

    /** A commit may supersede what it made itself. */
    private static boolean isOneCommit(Dot later, Dot earlier) {
        return later.incarnation() == earlier.incarnation() && later.counter() > earlier.counter();
    }

    Map<Id, List<EntryRecord>> made() {
        return made;
    }
}
