package isle.crypto.vault;

import java.time.Duration;

/**
 * When content that nothing names any more goes (R15).
 *
 * @param age T: so long after all devices have said that they do not need an object they have to say so again, and no
 *     younger object is ever said to be not needed. No longer than history keeps what was replaced
 * @param period how often a device says so
 * @param hearsAll whether the word of every device is needed: without it content is lost
 * @param readsHistory whether what history names is needed: without it content is lost
 */
public record Collecting(Duration age, Duration period, boolean hearsAll, boolean readsHistory) {

    /** As in a mounted vault. */
    public static final Collecting USUAL = new Collecting(Retention.LEAST, Duration.ofDays(1), true, true);

    public Collecting {
        if (age.isNegative() || age.isZero() || period.isNegative() || period.compareTo(age) > 0) {
            throw new IllegalArgumentException("collection after " + age + ", each " + period);
        }
    }
}
