package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The delta of one directory that one commit or one compaction wrote: what its index section says.
 *
 * @param id names the object, too
 * @param directory of which it is a delta
 * @param records a commit's: with dots that follow each other
 * @param cover what a compaction replaces; null but for its root
 * @param root of a part of a compaction: the pack that completes it; else null
 * @param seen by incarnation, how far its writer had joined the directory (R8)
 */
public record Pack(
        Id id,
        Id directory,
        List<EntryRecord> records,
        @Nullable Cover cover,
        @Nullable Id root,
        Map<Long, Long> seen) {

    public Pack {
        records = List.copyOf(records);
        seen = Map.copyOf(seen);
    }

    /**
     * What makes a pack the root of a compaction (R9, R10).
     *
     * @param dots all that it has taken in. One of them that neither it nor its parts carry is dead for ever
     * @param gone further dots that are dead: those that dropped records had superseded and that are not in {@code dots}
     * @param ended births that are no longer under their names, beside those that {@code dots} tells
     * @param parts other packs that carry records of it, without which it says nothing
     */
    public record Cover(DotSet dots, DotSet gone, DotSet ended, Set<Id> parts) {
        public Cover {
            parts = Set.copyOf(parts);
        }
    }
}
