package isle.crypto.identity;

import isle.crypto.seal.Id;
import java.util.Comparator;

/**
 * A user who may open the vault.
 *
 * @param user who
 * @param generation of the user's keys, from 1
 * @param keys their public halves
 */
public record Member(Id user, int generation, PublicKeys keys) implements Statement, Comparable<Member> {

    private static final Comparator<Member> ORDER = Comparator.comparing(Member::user)
            .thenComparingInt(Member::generation)
            .thenComparing(Member::keys, Comparator.reverseOrder());

    public Member {
        if (generation < 1) {
            throw new IllegalArgumentException("generation " + generation);
        }
    }

    /** Of one user, the last in this order is the one to seal to. */
    @Override
    public int compareTo(Member other) {
        return ORDER.compare(this, other);
    }
}
