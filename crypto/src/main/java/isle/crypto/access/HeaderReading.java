package isle.crypto.access;

import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.Lock;
import isle.crypto.identity.Statement;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The records of a vault's header as this host knows them now: what the store has, and what it had when it was read
 * before.
 *
 * @param records all of them; those of the store come first, in the order in which it took them
 * @param stored ids of those that the store has
 * @param problems what is wrong with the header, a sentence each; that the store is away is none
 * @param away why the store was not asked; null if it was
 */
record HeaderReading(
        List<HeaderRecord> records,
        Set<Id> stored,
        List<String> problems,
        @Nullable FsException away) {

    HeaderReading {
        records = List.copyOf(records);
        stored = Set.copyOf(stored);
        problems = List.copyOf(problems);
    }

    /** What a store gave, with what was known of it before. */
    static HeaderReading of(HeaderStore.Found found, List<HeaderRecord> known) {
        Set<Id> stored = new HashSet<>();
        found.records().forEach(record -> stored.add(record.record()));
        List<String> problems = new ArrayList<>();
        found.unreadable().forEach((key, why) -> problems.add(key.value() + " in the store: " + why.getMessage()));
        List<HeaderRecord> all = new ArrayList<>(found.records());
        int missing = 0;
        for (HeaderRecord record : known) {
            if (!stored.contains(record.record()) && !isLink(record)) {
                all.add(record);
                missing++;
            }
        }
        if (missing > found.unreadable().size()) {
            problems.add("the store lacks records of the header that this host has read there before");
        }
        return new HeaderReading(all, stored, problems, null);
    }

    /** What was known, while the store is away. */
    static HeaderReading ofCopy(List<HeaderRecord> known, FsException away) {
        return new HeaderReading(known, Set.of(), List.of(), away);
    }

    /** Whether a record holds nothing but link codes: such ones are taken away when they were used. */
    static boolean isLink(HeaderRecord record) {
        return record.statements().stream()
                .allMatch(each -> each instanceof Statement.UserKeysSealed sealed
                        && sealed.keys().lock() instanceof Lock.ByLinkCode);
    }

    /** The same without records that are not in the store: a code must not open what was taken away. */
    List<HeaderRecord> inStore() {
        return records.stream()
                .filter(record -> stored.contains(record.record()))
                .toList();
    }

    Set<Id> ids() {
        return records.stream().map(HeaderRecord::record).collect(Collectors.toUnmodifiableSet());
    }

    boolean has(Id record) {
        return records.stream().anyMatch(each -> each.record().equals(record));
    }
}
