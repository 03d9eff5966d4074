package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.v1.PackKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which packs that were read the store had not when their directory was listed last. A list says nothing of a pack that
 * came after it was asked for, nor of one that this host has only promised to send. Not safe for several threads.
 */
final class Absences {

    private final Map<Id, Long> since = new HashMap<>();
    private final Set<Id> promised = new HashSet<>();

    /** By directory; what a list has said counts when all that was new in it was read, too. */
    private final Map<Id, Set<Id>> heard = new HashMap<>();

    private final Map<Id, Set<Id>> absent = new HashMap<>();
    private long lists;

    /** A number for the list that is about to be asked for. */
    long beginList() {
        return ++lists;
    }

    void joined(Id pack) {
        if (lists > 0) {
            since.putIfAbsent(pack, lists);
        }
    }

    boolean promised(Id pack) {
        return promised.add(pack);
    }

    void arrived(Id pack) {
        promised.remove(pack);
        since.put(pack, lists);
    }

    /** Whether a list says anything of this pack. */
    boolean isJudgedBy(Id pack, long list) {
        return !promised.contains(pack) && since.getOrDefault(pack, 0L) < list;
    }

    /** A whole list had not these packs, and all others of the directory that it says anything of. */
    void listed(Id directory, Set<PackKey> packs) {
        Set<Id> ids = new HashSet<>();
        packs.forEach(each -> ids.add(each.pack()));
        heard.put(directory, ids);
    }

    /** What was new in the last list was read as well. */
    boolean read(Id directory) {
        Set<Id> ids = heard.remove(directory);
        if (ids != null && ids.isEmpty()) {
            absent.remove(directory);
        } else if (ids != null) {
            absent.put(directory, ids);
        }
        return ids != null;
    }

    Set<Id> in(Id directory) {
        return absent.getOrDefault(directory, Set.of());
    }
}
