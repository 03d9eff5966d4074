package isle.crypto.vault;

import java.time.Duration;

/**
 * How the packs of a directory are compacted (R13): when there are several of about one size they become one of the next.
 * So do history packs.
 *
 * @param fanOut so many of one tier become one
 * @param most packs of a directory that nothing covers; with more of them the smaller ones become one in any case
 * @param grace how long, by the store's clock, a pack stays that a root covers (R12)
 * @param records at most in one pack that a compaction writes
 * @param retention of what compactions drop
 * @param collecting when content that nothing names goes
 */
public record Tiers(int fanOut, int most, Duration grace, int records, Retention retention, Collecting collecting) {

    /** As in a mounted vault. */
    public static final Tiers USUAL = new Tiers(8, 48, Duration.ofMinutes(10), 1 << 16);

    /** Between the first part of a compaction and its root: on an older one nothing is founded that cannot be undone. */
    static final Duration SLOWEST = Duration.ofMinutes(30);

    /** After so long, by the store's clock, a part will have no root any more that counts. */
    static final Duration ABANDONED = Duration.ofHours(1);

    public Tiers(int fanOut, int most, Duration grace, int records) {
        this(fanOut, most, grace, records, Retention.USUAL, Collecting.USUAL);
    }

    public Tiers {
        if (fanOut < 2 || most < fanOut || grace.isNegative() || records < 1) {
            throw new IllegalArgumentException(fanOut + " of at most " + most + ", " + grace + ", " + records);
        }
    }

    /** The same with another retention. */
    public Tiers keeping(Retention other) {
        return new Tiers(fanOut, most, grace, records, other, collecting);
    }

    /** The same with another collection. */
    public Tiers collecting(Collecting other) {
        return new Tiers(fanOut, most, grace, records, retention, other);
    }
}
