package isle.crypto.tree;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Dots of one directory, kept as intervals, so that all dots of a long life take the room of one. Not safe for several
 * threads.
 */
public final class DotSet {

    /**
     * Dots that follow each other.
     *
     * @param first counter of the first one
     * @param last counter of the last one
     */
    public record Run(long incarnation, long first, long last) {
        public Run {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException("run from " + first + " to " + last);
            }
        }
    }

    /** By incarnation: last counter of each run by its first. Runs neither overlap nor touch. */
    private final TreeMap<Long, TreeMap<Long, Long>> runs = new TreeMap<>(Long::compareUnsigned);

    public DotSet() {}

    public static DotSet of(Collection<Dot> dots) {
        DotSet set = new DotSet();
        dots.forEach(set::add);
        return set;
    }

    public static DotSet copyOf(DotSet other) {
        DotSet set = new DotSet();
        set.addAll(other);
        return set;
    }

    public boolean isEmpty() {
        return runs.isEmpty();
    }

    public boolean contains(Dot dot) {
        TreeMap<Long, Long> mine = runs.get(dot.incarnation());
        Map.Entry<Long, Long> run = mine == null ? null : mine.floorEntry(dot.counter());
        return run != null && run.getValue() >= dot.counter();
    }

    public void add(Dot dot) {
        add(new Run(dot.incarnation(), dot.counter(), dot.counter()));
    }

    public void add(Run run) {
        TreeMap<Long, Long> mine = runs.computeIfAbsent(run.incarnation(), i -> new TreeMap<>());
        long first = run.first();
        long last = run.last();
        Map.Entry<Long, Long> touching = mine.floorEntry(reach(last));
        while (touching != null && touching.getValue() >= first - 1) {
            first = Math.min(first, touching.getKey());
            last = Math.max(last, touching.getValue());
            mine.remove(touching.getKey());
            touching = mine.floorEntry(reach(last));
        }
        mine.put(first, last);
    }

    /** Where a run may begin that touches one that ends here. */
    private static long reach(long last) {
        return last == Long.MAX_VALUE ? last : last + 1;
    }

    public void addAll(DotSet other) {
        other.forEachRun(this::add);
    }

    public void remove(Dot dot) {
        remove(new Run(dot.incarnation(), dot.counter(), dot.counter()));
    }

    public void remove(Run run) {
        TreeMap<Long, Long> mine = runs.get(run.incarnation());
        if (mine == null) {
            return;
        }
        Map.Entry<Long, Long> hit = mine.floorEntry(run.last());
        while (hit != null && hit.getValue() >= run.first()) {
            mine.remove(hit.getKey());
            if (hit.getValue() > run.last()) {
                mine.put(run.last() + 1, hit.getValue());
            }
            if (hit.getKey() < run.first()) {
                mine.put(hit.getKey(), run.first() - 1);
            }
            hit = mine.floorEntry(run.last());
        }
        if (mine.isEmpty()) {
            runs.remove(run.incarnation());
        }
    }

    public void removeAll(DotSet other) {
        other.forEachRun(this::remove);
    }

    public boolean containsAll(DotSet other) {
        DotSet rest = copyOf(other);
        rest.removeAll(this);
        return rest.isEmpty();
    }

    /** How many dots there are. */
    public long size() {
        long size = 0;
        for (TreeMap<Long, Long> mine : runs.values()) {
            for (Map.Entry<Long, Long> run : mine.entrySet()) {
                size += run.getValue() - run.getKey() + 1;
            }
        }
        return size;
    }

    /** The last dot of an incarnation, 0 if there is none. */
    public long last(long incarnation) {
        TreeMap<Long, Long> mine = runs.get(incarnation);
        return mine == null ? 0 : mine.lastEntry().getValue();
    }

    /** In the order of incarnations, then of counters. */
    public void forEachRun(Consumer<Run> action) {
        runs.forEach(
                (incarnation, mine) -> mine.forEach((first, last) -> action.accept(new Run(incarnation, first, last))));
    }

    /** All runs, in the order of incarnations, then of counters. */
    public List<Run> runs() {
        List<Run> all = new ArrayList<>();
        forEachRun(all::add);
        return all;
    }

    /** The incarnations that have a dot here. */
    public Collection<Long> incarnations() {
        return List.copyOf(runs.keySet());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DotSet set && runs.equals(set.runs);
    }

    @Override
    public int hashCode() {
        return runs.hashCode();
    }

    @Override
    public String toString() {
        List<String> texts = new ArrayList<>();
        forEachRun(run -> texts.add(Long.toHexString(run.incarnation()) + ":" + run.first()
                + (run.first() == run.last() ? "" : "-" + run.last())));
        texts.sort(Comparator.naturalOrder());
        return texts.toString();
    }
}
