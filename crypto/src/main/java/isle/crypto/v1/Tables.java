package isle.crypto.v1;

import isle.crypto.tree.DotSet;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Incarnations and hosts of an index section, which its records name by their numbers. */
final class Tables {

    private final List<Long> incarnations;
    private final List<String> hosts;
    private final Map<Object, Integer> numbers = new HashMap<>();

    Tables(List<Long> incarnations, List<String> hosts) {
        this.incarnations = List.copyOf(incarnations);
        this.hosts = List.copyOf(hosts);
        number(this.incarnations);
        number(this.hosts);
    }

    private void number(List<?> things) {
        for (int i = 0; i < things.size(); i++) {
            if (numbers.put(things.get(i), i) != null) {
                throw new IllegalArgumentException("twice in a table");
            }
        }
    }

    /** Those that a pack names: incarnations by their value, hosts by their text. */
    static Tables of(Pack pack) {
        TreeSet<Long> incarnations = new TreeSet<>(Long::compareUnsigned);
        incarnations.addAll(pack.seen().keySet());
        TreeSet<String> hosts = new TreeSet<>();
        for (EntryRecord each : pack.records()) {
            incarnations.add(each.dot().incarnation());
            incarnations.add(each.birth().incarnation());
            each.supersedes().forEach(dot -> incarnations.add(dot.incarnation()));
            each.ends().forEach(dot -> incarnations.add(dot.incarnation()));
            hosts.add(each.made().host());
        }
        Pack.Cover cover = pack.cover();
        if (cover != null) {
            for (DotSet set : List.of(cover.dots(), cover.gone(), cover.ended())) {
                incarnations.addAll(set.incarnations());
            }
        }
        return new Tables(List.copyOf(incarnations), List.copyOf(hosts));
    }

    List<Long> incarnations() {
        return incarnations;
    }

    List<String> hosts() {
        return hosts;
    }

    /** The number of an incarnation or of a host. */
    int number(Object thing) {
        Integer number = numbers.get(thing);
        if (number == null) {
            throw new IllegalStateException("not in the table");
        }
        return number;
    }

    long incarnation(long number) {
        return at(incarnations, number);
    }

    String host(long number) {
        return at(hosts, number);
    }

    private static <T> T at(List<T> things, long number) {
        if (number < 0 || number >= things.size()) {
            throw new IllegalArgumentException("not in the table");
        }
        return things.get((int) number);
    }
}
