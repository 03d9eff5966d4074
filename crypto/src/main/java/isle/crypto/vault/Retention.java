package isle.crypto.vault;

import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long versions that a compaction has dropped stay in history. They go when history packs are merged, not to the day.
 *
 * @param age since they became history, by the store's clock: not since they were written, for what was there for a year
 *     and was replaced today is wanted back tomorrow
 * @param versions of one name at most; the latest stay
 */
public record Retention(Duration age, int versions) {

    /** So long everything stays: a host that was away may build on it. */
    static final Duration LEAST = Duration.ofDays(14);

    /** Longer than any vault. */
    private static final Duration FOREVER = Duration.ofDays(1_000_000);

    /** Of a vault of which nothing else is said. */
    public static final Retention USUAL = ofDays(90);

    /** No longer than other hosts may need it. */
    public static final Retention NONE = ofDays(0);

    private static final Comparator<EntryRecord> LATEST_FIRST = Comparator.comparingLong(
                    (EntryRecord each) -> each.made().lamport())
            .thenComparing(EntryRecord::dot)
            .reversed();

    public Retention {
        if (age.isNegative() || versions < 1) {
            throw new IllegalArgumentException("a retention of " + age + " and " + versions + " versions");
        }
    }

    /** By age. */
    public static Retention ofDays(int days) {
        return new Retention(Duration.ofDays(days), Integer.MAX_VALUE);
    }

    /** By number, however old they are. */
    public static Retention ofVersions(int versions) {
        return new Retention(FOREVER, versions);
    }

    /** What is no younger goes in any case. */
    Duration longest() {
        return age.compareTo(LEAST) > 0 ? age : LEAST;
    }

    /**
     * Those of these that stay.
     *
     * @param since when each became history, in seconds since 1970 by the store's clock
     * @param now by that clock, or earlier
     */
    List<EntryRecord> kept(Map<EntryRecord, Long> since, Instant now) {
        Map<String, Integer> counted = new HashMap<>();
        List<EntryRecord> kept = new ArrayList<>();
        since.keySet().stream().sorted(LATEST_FIRST).forEach(each -> {
            Instant until = Instant.ofEpochSecond(since.getOrDefault(each, 0L));
            boolean isYoung = now.isBefore(until.plus(LEAST));
            int later = counted.getOrDefault(each.name(), 0);
            if (isYoung || (later < versions && now.isBefore(until.plus(longest())))) {
                kept.add(each);
            }
            if (isVersion(each)) {
                counted.put(each.name(), later + 1);
            }
        });
        return kept;
    }

    /** Removals and changes of attributes are none of their own. */
    private static boolean isVersion(EntryRecord each) {
        return each.name().equals(EntryRecord.PLACE)
                || (each.state() instanceof Here && each.dot().equals(each.birth()));
    }
}
