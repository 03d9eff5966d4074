package isle.crypto.tree;

import java.util.EnumSet;
import java.util.Set;

/** Which rules are kept: all, but in a simulation that leaves one out. */
final class Rules {

    static final Rules ALL = new Rules(EnumSet.noneOf(Rule.class));

    private final Set<Rule> without;

    private Rules(Set<Rule> without) {
        this.without = without;
    }

    static Rules without(Rule rule) {
        return new Rules(EnumSet.of(rule));
    }

    boolean keep(Rule rule) {
        return !without.contains(rule);
    }
}
