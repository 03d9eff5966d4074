package isle.crypto.identity;

import isle.crypto.seal.Id;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Finds out who has said what: a record counts as said by a user if a device of that user signed it, or that user, and
 * what makes them known was said by somebody who counts; and so on, back to the founding record. This only ever grows
 * while it is worked out, so the order of the records does not matter.
 */
final class Hearing {

    private final Collection<HeaderRecord> records;
    private final HeaderRecord founding;
    private final IdentityHashMap<HeaderRecord, Map<PublicKeys, Boolean>> checked;
    private final Map<HeaderRecord, Set<Id>> said = new LinkedHashMap<>();
    private final Map<Signer, Set<Known>> known = new HashMap<>();

    /** Keys that a signer may have. There may be several: anybody can claim any id, but not keys. */
    private record Known(Id user, PublicKeys keys) {}

    /** @param founding one of the records, found good */
    Hearing(Collection<HeaderRecord> records, HeaderRecord founding) {
        this(records, founding, new IdentityHashMap<>());
    }

    private Hearing(
            Collection<HeaderRecord> records,
            HeaderRecord founding,
            IdentityHashMap<HeaderRecord, Map<PublicKeys, Boolean>> checked) {
        this.records = records;
        this.founding = founding;
        this.checked = checked;
    }

    /** The same, from the beginning, without checking a signature twice. */
    Hearing again() {
        return new Hearing(records, founding, checked);
    }

    /**
     * Hears everybody.
     *
     * @param barred whether a record is not to count as said by a user; never asked of the founding record
     * @return by record, as whose it counts; those of nobody are not in it
     */
    Map<HeaderRecord, Set<Id>> hear(BiPredicate<HeaderRecord, Id> barred) {
        count(founding, founder(founding));
        boolean more = true;
        while (more) {
            more = false;
            for (HeaderRecord record : records) {
                for (Id user : signers(record)) {
                    if (record.equals(founding) || !barred.test(record, user)) {
                        more |= count(record, user);
                    }
                }
            }
        }
        return said;
    }

    /** Whom a founding record names. */
    static Id founder(HeaderRecord founding) {
        for (Statement statement : founding.statements()) {
            if (statement instanceof Statement.VaultMade made) {
                return made.founder();
            }
        }
        throw new IllegalArgumentException("this record begins no vault");
    }

    private Set<Id> signers(HeaderRecord record) {
        Set<Id> users = new HashSet<>();
        for (Known candidate : known.getOrDefault(record.signer(), Set.of())) {
            if (isSigned(record, candidate.keys())) {
                users.add(candidate.user());
            }
        }
        return users;
    }

    private boolean isSigned(HeaderRecord record, PublicKeys keys) {
        return checked.computeIfAbsent(record, r -> new HashMap<>()).computeIfAbsent(keys, record::isSignedBy);
    }

    private boolean count(HeaderRecord record, Id user) {
        if (!said.computeIfAbsent(record, r -> new HashSet<>()).add(user)) {
            return false;
        }
        for (Statement statement : record.statements()) {
            if (!mayBeSaid(statement, user)) {
                continue;
            }
            if (statement instanceof Member member) {
                know(Signer.user(member.user(), member.generation()), new Known(member.user(), member.keys()));
            } else if (statement instanceof Statement.Device device) {
                know(Signer.device(device.device()), new Known(device.user(), device.keys()));
            }
        }
        return true;
    }

    private void know(Signer signer, Known candidate) {
        known.computeIfAbsent(signer, s -> new HashSet<>()).add(candidate);
    }

    /**
     * Whether a user may say this. About their keys and devices users speak for themselves, but that somebody else
     * introduces them.
     */
    static boolean mayBeSaid(Statement statement, Id user) {
        if (statement instanceof Member member) {
            return member.generation() == 1 || member.user().equals(user);
        }
        if (statement instanceof Statement.Device device) {
            return device.user().equals(user);
        }
        if (statement instanceof Statement.UserKeysSealed sealed) {
            return sealed.keys().user().equals(user);
        }
        return true;
    }
}
