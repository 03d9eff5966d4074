package isle.crypto.identity;

import isle.crypto.seal.Id;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who and what is no longer trusted. A removal counts whoever of the vault said it, also one who was removed: so it never
 * matters which of two removals came first. What those removed go on to have said is what every remover had seen; one who
 * was removed can take from that, not add to it.
 */
final class Removals {

    private final Map<Id, Set<Id>> users = new HashMap<>();
    private final Map<Id, Set<Id>> devices = new HashMap<>();
    private final NavigableMap<Id, Integer> retired = new TreeMap<>();
    private final Map<Id, Set<Id>> retiredSeen = new HashMap<>();

    Removals(Collection<HeaderRecord> records) {
        for (HeaderRecord record : records) {
            for (Statement statement : record.statements()) {
                if (statement instanceof Statement.MemberRemoved removed) {
                    narrow(users, removed.user(), removed.seen());
                } else if (statement instanceof Statement.DeviceRevoked revoked) {
                    narrow(devices, revoked.device(), revoked.seen());
                    if (revoked.retired() > 0) {
                        retired.merge(revoked.user(), revoked.retired(), Math::max);
                        narrow(retiredSeen, revoked.user(), revoked.seen());
                    }
                }
            }
        }
    }

    private static void narrow(Map<Id, Set<Id>> all, Id id, List<Id> seen) {
        Set<Id> known = all.get(id);
        if (known == null) {
            all.put(id, new HashSet<>(seen));
        } else {
            known.retainAll(seen);
        }
    }

    boolean isRemoved(Id user) {
        return users.containsKey(user);
    }

    boolean isRevoked(Id device) {
        return devices.containsKey(device);
    }

    /** All revoked devices. */
    Set<Id> revoked() {
        return Set.copyOf(devices.keySet());
    }

    /** By user, the highest generation of keys that is no longer secret. */
    NavigableMap<Id, Integer> retired() {
        return retired;
    }

    /** Whether a record does not count as said by a user. */
    boolean bars(HeaderRecord record, Id user) {
        Signer signer = record.signer();
        Set<Id> ofUser = users.get(user);
        if (ofUser != null && !ofUser.contains(record.record())) {
            return true;
        }
        Set<Id> seen =
                switch (signer.kind()) {
                    case DEVICE -> devices.get(signer.id());
                    case USER -> signer.generation() <= retired.getOrDefault(user, 0) ? retiredSeen.get(user) : null;
                };
        return seen != null && !seen.contains(record.record());
    }
}
