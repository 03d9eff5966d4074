package isle.crypto.tree;

import isle.crypto.seal.Id;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The packs of one directory and what is in them, record by record: what can be had again from the packs. */
final class Records {

    private final boolean keepsBoth;
    private final Map<Id, Pack> packs = new HashMap<>();

    /** The first of each dot in {@link RecordOrder}; by far most are the only one. */
    private final TreeMap<Dot, EntryRecord> first = new TreeMap<>();

    /** All of the dots that stand for several, in that order (R7). */
    private final Map<Dot, List<EntryRecord>> several = new HashMap<>();

    /** By name; null until somebody asks for a name, as only those do who write here. */
    private @Nullable Map<String, List<EntryRecord>> names;

    /** @param keepsBoth of two records of one dot (R7) */
    Records(boolean keepsBoth) {
        this.keepsBoth = keepsBoth;
    }

    /** @return false if it is in already */
    boolean add(Pack pack) {
        if (packs.containsKey(pack.id())) {
            return false;
        }
        packs.put(pack.id(), sharing(pack));
        return true;
    }

    /** The same pack. Compactions repeat records that are here, each of which is in memory once. */
    private Pack sharing(Pack pack) {
        List<EntryRecord> shared = new ArrayList<>(pack.records().size());
        boolean repeats = false;
        for (EntryRecord each : pack.records()) {
            EntryRecord known = first.get(each.dot());
            boolean isHere = each.equals(known);
            shared.add(isHere ? known : each);
            repeats |= isHere;
        }
        if (!repeats) {
            return pack;
        }
        return new Pack(pack.id(), pack.directory(), shared, pack.cover(), pack.root(), pack.seen());
    }

    /** @return false if it is in already */
    boolean add(EntryRecord each) {
        EntryRecord one = first.putIfAbsent(each.dot(), each);
        if (one != null) {
            if (!keepsBoth || of(each.dot()).contains(each)) {
                return false;
            }
            // Which comes first decides what is later, and has to be the same for all readers.
            List<EntryRecord> same = new ArrayList<>(of(each.dot()));
            same.add(each);
            same.sort(RecordOrder.ORDER);
            several.put(each.dot(), same);
            first.put(each.dot(), same.get(0));
        }
        if (names != null) {
            addName(each, names);
        }
        return true;
    }

    int size() {
        return first.size();
    }

    boolean isUsedTwice(Dot dot) {
        return several.containsKey(dot);
    }

    /** The records of a dot; empty if there is none. */
    List<EntryRecord> of(Dot dot) {
        List<EntryRecord> all = several.get(dot);
        if (all != null) {
            return all;
        }
        EntryRecord only = first.get(dot);
        return only == null ? List.of() : List.of(only);
    }

    List<EntryRecord> named(String name) {
        Map<String, List<EntryRecord>> index = names;
        if (index == null) {
            index = new HashMap<>();
            for (EntryRecord each : all()) {
                addName(each, index);
            }
            names = index;
        }
        return index.getOrDefault(name, List.of());
    }

    private static void addName(EntryRecord each, Map<String, List<EntryRecord>> index) {
        index.computeIfAbsent(each.name(), name -> new ArrayList<>(1)).add(each);
    }

    /** All of them, by their dots. */
    Collection<EntryRecord> all() {
        if (several.isEmpty()) {
            return first.values();
        }
        List<EntryRecord> all = new ArrayList<>();
        forEach(all::add);
        return all;
    }

    private void forEach(Consumer<EntryRecord> sink) {
        for (EntryRecord each : first.values()) {
            List<EntryRecord> same = several.get(each.dot());
            if (same == null) {
                sink.accept(each);
            } else {
                same.forEach(sink);
            }
        }
    }

    Map<Id, Pack> packs() {
        return packs;
    }
}
