package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Joins packs of one directory into fewer (R9, R10). What it writes says exactly what its inputs say: joined in place
 * of them, or beside any of them, it gives the same directory, whatever else is joined before or after. So several
 * hosts may compact at once, with different inputs, and nobody has to know what another one does.
 *
 * <p>It looks at nothing but its inputs. A dot is left out only if the inputs themselves supersede it: a reader who has
 * the root, and not yet a pack that was no input, sees what it would have seen before.
 */
public final class Compaction {

    private final Rules rules;

    public Compaction() {
        this(Rules.ALL);
    }

    Compaction(Rules rules) {
        this.rules = rules;
    }

    /**
     * The packs to be written, the root last; the inputs may go when all of them were read back.
     *
     * @param inputs of this directory; roots and parts only if all that belongs to them is there
     * @param most records of one pack
     * @param ids draws names for what is written
     */
    public List<Pack> of(Id directory, Collection<Pack> inputs, int most, Supplier<Id> ids) {
        Directory joined = Directory.of(inputs, rules);
        List<EntryRecord> carried = new ArrayList<>(joined.live());
        carried.addAll(joined.places());
        Map<Long, Long> seen = new TreeMap<>();
        for (Pack input : inputs) {
            input.seen().forEach((incarnation, counter) -> seen.merge(incarnation, counter, Math::max));
        }
        List<Pack> written = new ArrayList<>();
        Id root = ids.get();
        Set<Id> parts = new HashSet<>();
        int from = 0;
        while (carried.size() - from > most) {
            Pack part = new Pack(ids.get(), directory, carried.subList(from, from + most), null, root, Map.of());
            written.add(part);
            parts.add(part.id());
            from += most;
        }
        List<EntryRecord> rest = carried.subList(from, carried.size());
        written.add(new Pack(root, directory, rest, cover(joined, parts), null, seen));
        return written;
    }

    /**
     * The records that are in packs and in none of those that were made of them; each once, in the order of their dots.
     *
     * @param written what {@link #of} made of the inputs
     */
    public static List<EntryRecord> dropped(Collection<Pack> inputs, Collection<Pack> written) {
        Set<EntryRecord> carried = new HashSet<>();
        written.forEach(each -> carried.addAll(each.records()));
        return inputs.stream()
                .flatMap(each -> each.records().stream())
                .filter(each -> !carried.contains(each))
                .distinct()
                .sorted(RecordOrder.ORDER)
                .toList();
    }

    private Pack.Cover cover(Directory joined, Set<Id> parts) {
        DotSet dots = joined.known();
        if (!rules.keep(Rule.R9_NO_COVER_PAST_A_GAP)) {
            for (long incarnation : dots.incarnations()) {
                dots.add(new DotSet.Run(incarnation, 1, dots.last(incarnation)));
            }
        }
        DotSet gone = joined.gone();
        gone.removeAll(dots);
        return new Pack.Cover(
                dots,
                rules.keep(Rule.R10_SURVIVORS_INHERIT) ? gone : new DotSet(),
                rules.keep(Rule.R10_ENDED_STAYS_ENDED) ? joined.ended() : new DotSet(),
                parts);
    }
}
