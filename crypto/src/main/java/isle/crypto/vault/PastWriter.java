package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.EntryRecord;
import isle.crypto.v1.HistoryCodec;
import isle.crypto.v1.HistoryCodec.Past;
import isle.crypto.v1.HistoryCodec.SealedHistory;
import isle.crypto.v1.HistoryKey;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Keeps what compactions drop (R13): in history packs, which are no part of any join. Several of them become one, without
 * what is past its time. Two hosts that do so at once keep everything twice, until the next time. For one thread at a
 * time.
 */
final class PastWriter {

    /** A pack of so many sealed bytes has grown enough; it goes as a whole when its time is over. */
    private static final int FULL_BYTES = 4 << 20;

    /** Sealed bytes of one pack, far below what a reader takes. */
    private static final int MOST_BYTES = 24 << 20;

    private final PackStore packs;
    private final PastReader reader;
    private final Parallel parallel;
    private final Tiers tiers;
    private final IntSupplier generation;
    private final Supplier<Id> ids;
    private final InstantSource clock;

    /**
     * @param generation number of the vault key to seal under, now
     * @param ids draws ids that were never used
     */
    PastWriter(
            PackStore packs,
            PastReader reader,
            Parallel parallel,
            Tiers tiers,
            IntSupplier generation,
            Supplier<Id> ids,
            InstantSource clock) {
        this.packs = packs;
        this.reader = reader;
        this.parallel = parallel;
        this.tiers = tiers;
        this.generation = generation;
        this.ids = ids;
        this.clock = clock;
    }

    /** To be called before anything is written that drops these records. They are in the store when it returns. */
    void keep(Id directory, List<EntryRecord> dropped) throws FsException {
        if (!dropped.isEmpty()) {
            write(directory, 0, List.of(new Past(0, dropped)));
        }
    }

    /** Takes away what is past its time, and makes one of several packs. */
    void tidy(Id directory) throws FsException {
        Map<HistoryKey, ObjectSummary> listed = packs.history(directory);
        Instant now = now();
        List<HistoryKey> expired = listed.entrySet().stream()
                .filter(each -> !now.isBefore(
                        each.getValue().lastModified().plus(tiers.retention().longest())))
                .map(Map.Entry::getKey)
                .toList();
        packs.deleteHistory(expired);
        listed.keySet().removeAll(expired);
        listed.entrySet()
                .removeIf(each ->
                        each.getKey().bytes() >= FULL_BYTES || reader.isUnreadable(each.getKey(), each.getValue()));
        int highest = highestTier(listed);
        listed.keySet().removeIf(key -> key.tier() > highest);
        if (listed.size() < 2) {
            return;
        }
        Map<HistoryKey, List<Past>> read = reader.read(listed);
        if (read.size() > 1) {
            int tier = Math.min(HistoryKey.MOST_TIER, highest + 1);
            write(directory, tier, merged(read, listed, now));
            packs.deleteHistory(List.copyOf(read.keySet()));
        }
    }

    /** The earlier one of the store's and this host's: time is over when both say so, for one of them may be wrong. */
    private Instant now() {
        Instant here = clock.instant();
        Instant there = packs.newest();
        return here.isBefore(there) ? here : there;
    }

    /** Up to which tier there is enough of each; less than 0 if there is not. */
    private int highestTier(Map<HistoryKey, ObjectSummary> listed) {
        int highest = -1;
        boolean rises = false;
        for (int tier = 0; tier <= HistoryKey.MOST_TIER; tier++) {
            int at = tier;
            long count =
                    listed.keySet().stream().filter(key -> key.tier() == at).count() + (rises ? 1 : 0);
            rises = count >= tiers.fanOut();
            highest = rises ? tier : highest;
        }
        return highest;
    }

    private List<Past> merged(Map<HistoryKey, List<Past>> read, Map<HistoryKey, ObjectSummary> listed, Instant now) {
        Map<EntryRecord, Long> since = new HashMap<>();
        read.forEach((key, pasts) -> {
            long written = Math.max(
                    1, Objects.requireNonNull(listed.get(key)).lastModified().getEpochSecond());
            pasts.forEach(past -> past.records()
                    .forEach(each -> since.merge(each, past.since() == 0 ? written : past.since(), Math::min)));
        });
        TreeMap<Long, List<EntryRecord>> groups = new TreeMap<>();
        tiers.retention().kept(since, now).stream()
                .sorted(Comparator.comparing(EntryRecord::dot))
                .forEach(each -> groups.computeIfAbsent(since.getOrDefault(each, 1L), s -> new ArrayList<>())
                        .add(each));
        List<Past> merged = new ArrayList<>();
        groups.forEach((when, records) -> merged.add(new Past(when, records)));
        return merged;
    }

    /** They are read back: what they hold is taken away elsewhere after that. */
    private void write(Id directory, int tier, List<Past> past) throws FsException {
        Map<SealedHistory, List<Past>> sealed = new LinkedHashMap<>();
        seal(packs.historyCodec(generation.getAsInt()), directory, tier, past, sealed);
        List<Map.Entry<SealedHistory, List<Past>>> all = List.copyOf(sealed.entrySet());
        parallel.run(all.size(), index -> {
            SealedHistory one = all.get(index).getKey();
            packs.put(one);
            if (!packs.read(one.key()).equals(all.get(index).getValue())) {
                throw new FsException.Corrupt("a history pack says something else by now");
            }
        });
    }

    /** In as many packs as it takes. */
    private void seal(
            HistoryCodec codec, Id directory, int tier, List<Past> past, Map<SealedHistory, List<Past>> sealed) {
        int count = past.stream().mapToInt(each -> each.records().size()).sum();
        if (count == 0) {
            return;
        }
        SealedHistory one = codec.seal(directory, ids.get(), tier, past);
        if (one.bytes().remaining() <= MOST_BYTES || count == 1) {
            sealed.put(one, past);
            return;
        }
        seal(codec, directory, tier, part(past, 0, count / 2), sealed);
        seal(codec, directory, tier, part(past, count / 2, count), sealed);
    }

    private static List<Past> part(List<Past> past, int from, int to) {
        List<Past> part = new ArrayList<>();
        int at = 0;
        for (Past each : past) {
            int size = each.records().size();
            List<EntryRecord> records = each.records()
                    .subList(Math.max(0, Math.min(size, from - at)), Math.max(0, Math.min(size, to - at)));
            if (!records.isEmpty()) {
                part.add(new Past(each.since(), records));
            }
            at += size;
        }
        return part;
    }
}
