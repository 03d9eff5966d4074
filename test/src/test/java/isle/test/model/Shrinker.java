package isle.test.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes a list of steps that fails shorter while it still fails, by leaving out parts, within a time. */
final class Shrinker {

    private Shrinker() {}

    static List<String> shrink(List<String> failing, Duration limit, Predicate<List<String>> fails) {
        long end = System.nanoTime() + limit.toNanos();
        List<String> best = failing;
        int part = Math.max(1, best.size() / 2);
        while (true) {
            boolean shorter = false;
            for (int from = 0; from < best.size(); ) {
                if (System.nanoTime() > end) {
                    return best;
                }
                List<String> without = new ArrayList<>(best.subList(0, from));
                without.addAll(best.subList(Math.min(best.size(), from + part), best.size()));
                if (!without.isEmpty() && fails.test(without)) {
                    best = without;
                    shorter = true;
                } else {
                    from += part;
                }
            }
            if (part == 1 && !shorter) {
                return best;
            }
            part = Math.max(1, part / 2);
        }
    }
}
