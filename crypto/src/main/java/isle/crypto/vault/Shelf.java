package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Dot;
import isle.crypto.tree.DotSet;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The packs of one directory that the store has, as a compaction sees them: commits, whole compactions (a root and its
 * parts), and what is left of compactions that came to nothing. It decides what becomes one pack, and what may go; it asks
 * nothing of the store.
 */
final class Shelf {

    private static final int HIGHEST_TIER = 15;

    private final List<Unit> units = new ArrayList<>();
    private final List<Item> debris = new ArrayList<>();

    /**
     * A pack that is there, and was read.
     *
     * @param modified when the store says that it was written; null if that is not known
     */
    record Item(PackKey key, Pack pack, @Nullable Instant modified) {}

    /**
     * A commit, or a root with all its parts.
     *
     * @param main the commit or the root
     * @param dots all that it says something of
     * @param isPrompt whether its parts were written shortly before it: nobody takes them for abandoned
     */
    record Unit(Item main, List<Item> parts, DotSet dots, boolean isPrompt) {
        boolean isRoot() {
            return main.pack().cover() != null;
        }

        List<Item> items() {
            List<Item> items = new ArrayList<>(parts);
            items.add(main);
            return items;
        }
    }

    /**
     * Of two that say the same all hosts keep the same one, else each of two hosts could take away what the other one
     * keeps. What covers more is never less.
     */
    private static final Comparator<Unit> ORDER = Comparator.comparing(Unit::isRoot)
            .thenComparing(unit -> unit.dots().size())
            .thenComparing(unit -> unit.main().pack().id());

    /**
     * What may be taken away now.
     *
     * @param founded the roots that say all of it, each with its parts; to be read once more before anything goes
     */
    record Doomed(List<Item> items, List<Item> founded) {}

    /**
     * @param items all that the store has in this directory
     * @param usedTwice dots of two records (R7): a pack that has one of them stays as it is
     */
    Shelf(Collection<Item> items, Set<Dot> usedTwice) {
        Map<Id, Item> byId = new HashMap<>();
        items.forEach(item -> byId.put(item.pack().id(), item));
        Set<Id> placed = new HashSet<>();
        for (Item item : items) {
            Pack pack = item.pack();
            if (pack.cover() != null && byId.keySet().containsAll(pack.cover().parts())) {
                List<Item> parts = pack.cover().parts().stream().map(byId::get).toList();
                units.add(new Unit(item, parts, pack.cover().dots(), isPrompt(item, parts)));
                placed.add(pack.id());
                placed.addAll(pack.cover().parts());
            } else if (pack.cover() == null && pack.root() == null) {
                placed.add(pack.id());
                if (usedTwice.isEmpty() || pack.records().stream().noneMatch(each -> usedTwice.contains(each.dot()))) {
                    units.add(new Unit(item, List.of(), dots(pack), true));
                }
            }
        }
        items.stream().filter(item -> !placed.contains(item.pack().id())).forEach(debris::add);
    }

    private static boolean isPrompt(Item root, List<Item> parts) {
        Instant end = root.modified();
        return end == null
                || parts.stream()
                        .allMatch(part -> part.modified() == null
                                || !part.modified().plus(Tiers.SLOWEST).isBefore(end));
    }

    /** The dots of its own records; in runs, for those of a commit follow each other. */
    static DotSet dots(Pack pack) {
        DotSet dots = new DotSet();
        Dot first = null;
        Dot last = null;
        for (EntryRecord each : pack.records()) {
            Dot dot = each.dot();
            boolean follows =
                    last != null && dot.incarnation() == last.incarnation() && dot.counter() == last.counter() + 1;
            if (first != null && last != null && !follows) {
                dots.add(new DotSet.Run(first.incarnation(), first.counter(), last.counter()));
            }
            first = follows ? first : dot;
            last = dot;
        }
        if (first != null && last != null) {
            dots.add(new DotSet.Run(first.incarnation(), first.counter(), last.counter()));
        }
        return dots;
    }

    /** Whether something waits for being taken away, now or later. */
    boolean hasRemains() {
        return !debris.isEmpty() || units.stream().anyMatch(this::isCovered);
    }

    /** How many packs there are that nothing covers. */
    int live() {
        return units.stream()
                .filter(unit -> !isCovered(unit))
                .mapToInt(unit -> unit.items().size())
                .sum();
    }

    private boolean isCovered(Unit unit) {
        return units.stream().anyMatch(root -> root.isPrompt() && covers(root, unit));
    }

    private static boolean covers(Unit root, Unit unit) {
        return root.isRoot() && ORDER.compare(root, unit) > 0 && root.dots().containsAll(unit.dots());
    }

    /** What is to become one; empty if there is not enough of it. */
    List<Unit> inputs(Tiers tiers) {
        TreeMap<Integer, List<Unit>> byTier = new TreeMap<>();
        for (Unit unit : units) {
            if (!isCovered(unit)) {
                byTier.computeIfAbsent(unit.main().key().tier(), tier -> new ArrayList<>())
                        .add(unit);
            }
        }
        int highest = -1;
        boolean rises = false;
        for (int tier = 0; tier <= HIGHEST_TIER; tier++) {
            int count = byTier.getOrDefault(tier, List.of()).size() + (rises ? 1 : 0);
            rises = count >= tiers.fanOut();
            highest = rises ? tier : highest;
        }
        if (highest < 0 && live() > tiers.most()) {
            highest = crowded(byTier, tiers.most() / 2);
        }
        List<Unit> inputs = new ArrayList<>();
        byTier.headMap(highest, true).values().forEach(inputs::addAll);
        return inputs.size() < 2 ? List.of() : inputs;
    }

    /** The lowest tier with which there are so many packs. */
    private static int crowded(SortedMap<Integer, List<Unit>> byTier, int packs) {
        int count = 0;
        for (Map.Entry<Integer, List<Unit>> each : byTier.entrySet()) {
            count += each.getValue().stream()
                    .mapToInt(unit -> unit.items().size())
                    .sum();
            if (count > packs) {
                return each.getKey();
            }
        }
        return HIGHEST_TIER;
    }

    /** The tier of what comes of these. */
    static int tierOf(List<Unit> inputs) {
        int highest =
                inputs.stream().mapToInt(unit -> unit.main().key().tier()).max().orElse(0);
        return Math.min(HIGHEST_TIER, highest + 1);
    }

    /**
     * What may go: what a root says that has been there for long enough, and what is left of a compaction that came to
     * nothing, if all that it says is elsewhere.
     *
     * @param now by the store's clock, or earlier
     */
    Doomed doomed(Tiers tiers, Instant now) {
        List<Item> doomed = new ArrayList<>();
        Set<Unit> founded = new HashSet<>();
        List<Unit> roots = units.stream()
                .filter(unit -> unit.isRoot() && unit.isPrompt() && isOlder(unit.main(), tiers.grace(), now))
                .sorted(ORDER.reversed())
                .toList();
        for (Unit unit : units) {
            for (Unit root : roots) {
                if (covers(root, unit)) {
                    doomed.addAll(unit.items());
                    founded.add(root);
                    break;
                }
            }
        }
        DotSet said = said();
        debris.stream()
                .filter(item -> isOlder(item, Tiers.ABANDONED, now) && isSaid(item, said))
                .forEach(doomed::add);
        return new Doomed(
                doomed, founded.stream().flatMap(root -> root.items().stream()).toList());
    }

    /** All that commits and whole compactions say something of. */
    private DotSet said() {
        DotSet said = new DotSet();
        units.forEach(unit -> said.addAll(unit.dots()));
        return said;
    }

    private static boolean isSaid(Item item, DotSet said) {
        Pack.Cover cover = item.pack().cover();
        return said.containsAll(dots(item.pack())) && (cover == null || said.containsAll(cover.dots()));
    }

    /** Whether a compaction is there in part only, and what it says is not elsewhere. */
    boolean lacksAHalf() {
        DotSet said = said();
        return debris.stream().anyMatch(item -> !isSaid(item, said));
    }

    private static boolean isOlder(Item item, Duration age, Instant now) {
        return item.modified() != null && !item.modified().plus(age).isAfter(now);
    }
}
