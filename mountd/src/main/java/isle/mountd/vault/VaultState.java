package isle.mountd.vault;

import isle.mountd.health.HealthCode;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How {@code private/} is. */
enum VaultState {
    OPEN(null),
    /** The store has none, and none was to be founded. */
    NONE(null),
    /** The store has one of this person's, and this host has no keys of it. */
    NEEDS_CODE(HealthCode.PRIVATE_NEEDS_CODE),
    REVOKED(HealthCode.PRIVATE_REVOKED),
    /** This host's keys are behind a passphrase. */
    LOCKED(HealthCode.PRIVATE_LOCKED),
    /** Its bucket cannot be used, and this host has not opened it before. */
    UNREACHABLE(HealthCode.PRIVATE_UNREACHABLE),
    /** Damaged, of another vault, of a newer format. */
    REFUSED(HealthCode.PRIVATE_REFUSED);

    private final @Nullable HealthCode code;

    VaultState(@Nullable HealthCode code) {
        this.code = code;
    }

    /** What health says of it; nothing if all is well. */
    Optional<HealthCode> code() {
        return Optional.ofNullable(code);
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
