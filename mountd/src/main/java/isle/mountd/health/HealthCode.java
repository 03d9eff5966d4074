package isle.mountd.health;

import isle.mountd.api.Severity;
import java.util.Locale;

/** Everything that can be wrong. The words are fixed from the first release on, because scripts rely on them. */
public enum HealthCode {
    /** The store of a volume does not answer. */
    STORE_UNREACHABLE(Severity.WARNING),
    /** The store refuses the keys, the bucket or the region. */
    STORE_REFUSES(Severity.ERROR),
    /** This machine's clock and the store's are apart. */
    CLOCK_SKEW(Severity.ERROR),
    /** The disk under the journal is full or nearly so. */
    DISK_FULL(Severity.ERROR),
    /** The journal nears its cap: writers are slowed down. */
    JOURNAL_NEARLY_FULL(Severity.WARNING),
    /** The journal takes no more data. */
    JOURNAL_FULL(Severity.ERROR),
    /** As many names wait for the store as memory can hold: no new ones are taken. */
    TOO_MANY_WAITING(Severity.ERROR),
    /** A journal had damaged records. */
    JOURNAL_DAMAGED(Severity.ERROR),
    /** The disk under the cache fails; everything else goes on. */
    CACHE_FAILING(Severity.WARNING),
    /** Cached blocks were damaged and are fetched again. */
    CACHE_DAMAGED(Severity.INFO),
    /** The disk of the index takes no changes. */
    INDEX_FAILING(Severity.WARNING),
    /** The index is damaged; a next start makes it anew. */
    INDEX_DAMAGED(Severity.ERROR),
    /** The index was lost or damaged, and is made anew from the store and the journal. */
    INDEX_REBUILT(Severity.INFO),
    /** Changes that the store refused. */
    CHANGES_FAILED(Severity.ERROR),
    /** Two hosts changed the same file; both versions are kept. */
    CONFLICT(Severity.WARNING),
    /** A mount that a killed daemon left cannot be removed. */
    STALE_MOUNT(Severity.WARNING),
    /** A recovery code was shown, and nobody has proved yet that it was written down. */
    RECOVERY_CODE_UNCONFIRMED(Severity.WARNING),
    /** The person has a private/ that this host cannot open yet. */
    PRIVATE_NEEDS_CODE(Severity.WARNING),
    /** This host's keys are behind a passphrase. */
    PRIVATE_LOCKED(Severity.WARNING),
    /** This host may open private/ no more. */
    PRIVATE_REVOKED(Severity.ERROR),
    /** The bucket of private/ cannot be used, and this host has never opened it. */
    PRIVATE_UNREACHABLE(Severity.WARNING),
    /** private/ is damaged, or another one than this host knows, or a newer isle has written it. */
    PRIVATE_REFUSED(Severity.ERROR),
    /** private/ is open, but parts of its header are damaged or missing in the store. */
    PRIVATE_HEADER_DAMAGED(Severity.ERROR),
    /** Packs of private/ are damaged in the store, or are listed and not there. */
    PRIVATE_DAMAGED(Severity.ERROR),
    /** Bytes of a file of private/ are damaged or missing in the store. */
    PRIVATE_FILE_DAMAGED(Severity.ERROR),
    /** The store has lost what this host has read of private/, or was set back. */
    PRIVATE_SET_BACK(Severity.ERROR),
    /** Another host had seen more of private/ than the store has. */
    PRIVATE_INCOMPLETE(Severity.ERROR),
    /** Something in private/ is sealed under keys that this host does not have. */
    PRIVATE_KEY_UNKNOWN(Severity.WARNING),
    /** Something in private/ was written by a later isle. */
    PRIVATE_NEWER_FORMAT(Severity.WARNING),
    /** A folder of private/ with something in it is shown nowhere. */
    PRIVATE_ADRIFT(Severity.ERROR),
    /** The bucket of private/ has objects that isle has not put there. */
    PRIVATE_STRANGERS(Severity.INFO),
    /** A host was set back and went on; both versions are kept. */
    PRIVATE_USED_TWICE(Severity.WARNING),
    /** This host's disk does not take what it has read of private/. */
    PRIVATE_NOT_KEPT(Severity.WARNING);

    private final Severity severity;

    HealthCode(Severity severity) {
        this.severity = severity;
    }

    public Severity severity() {
        return severity;
    }

    /** The word for it in JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
