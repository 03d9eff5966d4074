package isle.mountd.vault;

import isle.crypto.vault.Alarm;
import isle.crypto.vault.Problem;
import isle.crypto.vault.VaultCare;
import isle.fs.model.FsException;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.PathText;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with an open private/, as health. Paths are the subjects of records, which only answers and the files in
 * the mount show; sentences have none, because they may be kept.
 */
public final class VaultHealth {

    private static final Logger LOG = LoggerFactory.getLogger(VaultHealth.class);

    /** More paths of one code are told as one record. */
    private static final int MOST_PATHS = 20;

    private final VaultCare care;
    private final HealthRegistry health;
    private Set<Key> raised = new HashSet<>();

    private record Key(HealthCode code, String subject) {}

    private record Texts(String title, String action) {}

    public VaultHealth(VaultCare care, HealthRegistry health) {
        this.care = care;
        this.health = health;
    }

    /** Raises and clears. From memory. */
    public synchronized void tell() {
        Map<Key, Integer> now = counted(care.alarms());
        for (Key old : raised) {
            if (!now.containsKey(old)) {
                health.clear(old.code(), old.subject());
            }
        }
        now.forEach((key, count) -> {
            Texts texts = texts(key.code(), count);
            health.raise(key.code(), key.subject(), texts.title(), texts.action());
        });
        raised = new HashSet<>(now.keySet());
    }

    /** It is not open any more, so that nothing is known of it. */
    public synchronized void clear() {
        raised.forEach(old -> health.clear(old.code(), old.subject()));
        raised = new HashSet<>();
    }

    /** Looks whether the store has lost something, or has it again. That it is away others tell. */
    void look() {
        try {
            care.look();
        } catch (FsException e) {
            // asked again in a while
        }
        tell();
    }

    /** Takes away what no host needs any more; at most daily, and only if nothing is wrong. */
    void collect() {
        try {
            long bytes = care.collect();
            if (bytes > 0) {
                LOG.info("{} bytes that nothing in private/ needs any more were removed from the store", bytes);
            }
        } catch (FsException e) {
            LOG.debug("what private/ does not need stays for now: {}", e.getMessage());
        }
    }

    /** The same for an answer, all of them. */
    public static List<HealthIssue> issues(List<Alarm> alarms, Instant since) {
        Map<Key, Integer> all = new LinkedHashMap<>();
        alarms.forEach(each -> all.merge(new Key(code(each.problem().kind()), subject(each)), 1, Integer::sum));
        List<HealthIssue> issues = new ArrayList<>();
        all.forEach((key, count) -> {
            Texts texts = texts(key.code(), count);
            issues.add(new HealthIssue(
                    key.code().word(), key.subject(), key.code().severity(), texts.title(), texts.action(), since));
        });
        return issues;
    }

    private static Map<Key, Integer> counted(List<Alarm> alarms) {
        Map<HealthCode, Map<String, Integer>> byCode = new LinkedHashMap<>();
        for (Alarm each : alarms) {
            byCode.computeIfAbsent(code(each.problem().kind()), code -> new LinkedHashMap<>())
                    .merge(subject(each), 1, Integer::sum);
        }
        Map<Key, Integer> all = new LinkedHashMap<>();
        byCode.forEach((code, paths) -> paths.forEach((path, count) -> {
            boolean single = paths.size() <= MOST_PATHS;
            all.merge(new Key(code, single ? path : Settings.PRIVATE), count, Integer::sum);
        }));
        return all;
    }

    private static String subject(Alarm alarm) {
        return alarm.path().isEmpty()
                ? Settings.PRIVATE
                : Settings.PRIVATE + "/" + PathText.display(PathText.ofRaw(alarm.path()));
    }

    private static HealthCode code(Problem.Kind kind) {
        return switch (kind) {
            case UNREADABLE, NOT_THERE, HALF_A_COMPACTION, HISTORY -> HealthCode.PRIVATE_DAMAGED;
            case KEY_UNKNOWN -> HealthCode.PRIVATE_KEY_UNKNOWN;
            case LATER_FORMAT -> HealthCode.PRIVATE_NEWER_FORMAT;
            case ADRIFT -> HealthCode.PRIVATE_ADRIFT;
            case STRANGER -> HealthCode.PRIVATE_STRANGERS;
            case MISSING -> HealthCode.PRIVATE_INCOMPLETE;
            case SET_BACK -> HealthCode.PRIVATE_SET_BACK;
            case CONTENT -> HealthCode.PRIVATE_FILE_DAMAGED;
            case USED_TWICE -> HealthCode.PRIVATE_USED_TWICE;
            case NOT_MIRRORED -> HealthCode.PRIVATE_NOT_KEPT;
        };
    }

    private static Texts texts(HealthCode code, int count) {
        String many = count == 1 ? "" : " (" + count + ")";
        return switch (code) {
            case PRIVATE_KEY_UNKNOWN ->
                new Texts(
                        "Something in a folder of private/ is sealed under keys that this host does not have" + many
                                + ".",
                        "Let this host in anew: isle identity recover. Everything else works.");
            case PRIVATE_NEWER_FORMAT ->
                new Texts(
                        "A newer isle has written something in a folder of private/ that this one cannot read" + many
                                + "; it is not shown.",
                        "Put the newest isle on this host. Nothing is damaged, and everything else works.");
            case PRIVATE_STRANGERS ->
                new Texts(
                        "The store has objects in a folder of private/ that isle has not put there" + many + ".",
                        "They are left alone and show nothing. Find out who writes to this bucket.");
            case PRIVATE_USED_TWICE ->
                new Texts(
                        "A host was set back to an older state of its own and went on; both versions in a folder of"
                                + " private/ are kept" + many + ".",
                        "Compare what is there in that folder; nothing else is to be done.");
            case PRIVATE_NOT_KEPT ->
                new Texts(
                        "This host's disk does not take what it has read of private/.",
                        "Free space under the state folder. The next start has to ask the store for it again.");
            default -> lost(code, many);
        };
    }

    /** The store does not have what was written. */
    private static Texts lost(HealthCode code, String many) {
        return switch (code) {
            case PRIVATE_INCOMPLETE ->
                new Texts(
                        "The store has less of a folder of private/ than another host has seen" + many + ".",
                        "Start the hosts that wrote there: what they know they show. If it is lost for good, or an older"
                                + " store was put back on purpose: isle vault accept");
            case PRIVATE_SET_BACK ->
                new Texts(
                        "The store was set back, or has lost what this host has read of a folder of private/" + many
                                + "; what this host knows stays shown.",
                        "Mend the store. To give it back what this host has: isle vault accept");
            case PRIVATE_FILE_DAMAGED ->
                new Texts(
                        "The store does not have what was written of a file of private/; it gives an error, never other"
                                + " bytes" + many + ".",
                        "Mend the store, or write the file anew; isle history tells its earlier versions, isle restore"
                                + " brings one back.");
            case PRIVATE_ADRIFT ->
                new Texts(
                        "A folder of private/ with something in it is shown nowhere, because what says where it is cannot"
                                + " be read" + many + ".",
                        "Mend the store, or give it back what another host has: isle vault check --repair there. If that"
                                + " does not help, it puts the folder into private/lost+found.");
            default ->
                new Texts(
                        "Something in a folder of private/ is damaged in the store or missing there; what it says is"
                                + " not shown, everything else is" + many + ".",
                        "Mend the store. isle vault check tells all of it; other hosts may have what is missing here.");
        };
    }
}
