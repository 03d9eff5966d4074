package isle.crypto.access;

import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.GenerationId;
import isle.crypto.identity.KeyCopy;
import isle.crypto.identity.Lock;
import isle.crypto.identity.Member;
import isle.crypto.identity.SealedKeys;
import isle.crypto.identity.UserKeys;
import isle.crypto.identity.VaultHeader;
import isle.crypto.identity.VaultKeys;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From locks to keys: which keys of the user a device or a code opens, and which keys of the vault these open. There may be
 * several of one generation, begun by two hosts at once; all of them are of use to open with.
 */
final class UserAccess {

    private UserAccess() {}

    /** The keys that the header has for a device, the oldest first. Of another user than the known one they do not count. */
    static List<UserKeys> of(VaultHeader header, DeviceKeys device, @Nullable Id known) throws FsException {
        List<UserKeys> opened = new ArrayList<>();
        for (SealedKeys sealed : header.userKeys()) {
            if (sealed.lock() instanceof Lock.ToDevice lock
                    && lock.device().equals(device.device())
                    && (known == null || known.equals(sealed.user()))) {
                try {
                    opened.add(sealed.open(device));
                } catch (FsException.AccessDenied other) {
                    // Sealed to keys that somebody else gave out as this device's.
                }
            }
        }
        return sorted(opened);
    }

    /**
     * The keys that a code opens, the oldest first.
     *
     * @throws FsException.AccessDenied it opens none, or only such as have been given up
     */
    static List<UserKeys> of(VaultHeader header, Code code) throws FsException {
        List<UserKeys> opened = new ArrayList<>();
        boolean givenUp = false;
        for (SealedKeys sealed : header.userKeys()) {
            if (!fits(sealed.lock(), code)) {
                continue;
            }
            try {
                UserKeys user = sealed.open(code);
                boolean retired = user.generation() <= header.retired().getOrDefault(user.user(), 0);
                givenUp |= retired;
                if (!retired) {
                    opened.add(user);
                }
            } catch (FsException.AccessDenied other) {
                // Sealed to another code; if none fits, that is said below.
            }
        }
        if (opened.isEmpty()) {
            throw new FsException.AccessDenied(
                    givenUp
                            ? "this code opens only what there was before a host was revoked"
                            : "this code opens nothing in this store");
        }
        return sorted(opened);
    }

    private static boolean fits(Lock lock, Code code) {
        return switch (code.purpose()) {
            case RECOVERY -> lock instanceof Lock.ToRecoveryCode;
            case LINK -> lock instanceof Lock.ByLinkCode;
        };
    }

    private static List<UserKeys> sorted(List<UserKeys> keys) {
        keys.sort(Comparator.comparingInt(UserKeys::generation));
        return keys;
    }

    /** Those that others seal to: of the highest generation the ones that the header names, else the last. */
    static UserKeys current(VaultHeader header, List<UserKeys> keys) {
        for (UserKeys each : keys) {
            Member member = header.members().get(each.user());
            if (member != null && member.keys().equals(each.publicKeys())) {
                return each;
            }
        }
        return keys.get(keys.size() - 1);
    }

    /**
     * All keys of the vault that the header has for these keys of the user.
     *
     * @throws FsException.AccessDenied there are none
     */
    static VaultKeys vaultKeys(VaultHeader header, List<UserKeys> users) throws FsException {
        VaultKeys keys = null;
        for (Map.Entry<GenerationId, Set<KeyCopy>> each : header.generations().entrySet()) {
            for (KeyCopy copy : each.getValue()) {
                VaultKeys more = opened(header, each.getKey(), copy, users);
                if (more != null) {
                    keys = keys == null ? more : keys.and(more);
                }
            }
        }
        if (keys == null) {
            throw new FsException.AccessDenied("nobody has given this user the keys of private/");
        }
        return keys;
    }

    private static @Nullable VaultKeys opened(
            VaultHeader header, GenerationId generation, KeyCopy copy, List<UserKeys> users) throws FsException {
        for (UserKeys user : users) {
            if (copy.user().equals(user.user()) && copy.generation() == user.generation()) {
                try {
                    return VaultKeys.open(header.vault(), generation, copy, user);
                } catch (FsException.AccessDenied other) {
                    // Sealed to keys of the same number that another host began.
                }
            }
        }
        return null;
    }
}
