package isle.crypto.access;

import isle.crypto.identity.GenerationId;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.KeyCopy;
import isle.crypto.identity.Lock;
import isle.crypto.identity.Member;
import isle.crypto.identity.SealedKeys;
import isle.crypto.identity.Signer;
import isle.crypto.identity.Statement;
import isle.crypto.identity.Statement.UserKeysSealed;
import isle.crypto.identity.UserKeys;
import isle.crypto.identity.VaultHeader;
import isle.crypto.identity.VaultHeader.Refusal;
import isle.crypto.identity.VaultKeys;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is written when a device is lost (R19): it is revoked, the user's keys that it knew sign no more, new ones are
 * sealed to what remains, and the vault begins a new key generation. One record says all of it, so that it is never half
 * done.
 */
final class Revocation {

    private final VaultHeader header;
    private final List<HeaderRecord> records;
    private final Id user;
    private final Id device;

    Revocation(VaultHeader header, List<HeaderRecord> records, Id user, Id device) {
        this.header = header;
        this.records = records;
        this.user = user;
        this.device = device;
    }

    /**
     * A revoked device that has keys of the user which are not retired: two hosts revoked one each, at once, and sealed new
     * keys to the one that the other revoked. It has to be revoked once more.
     */
    static Optional<Id> due(VaultHeader header, List<HeaderRecord> records, Id user) {
        int retired = header.retired().getOrDefault(user, 0);
        for (HeaderRecord record : records) {
            for (Statement statement : record.statements()) {
                if (statement instanceof UserKeysSealed sealed
                        && sealed.keys().user().equals(user)
                        && sealed.keys().generation() > retired
                        && sealed.keys().lock() instanceof Lock.ToDevice lock
                        && header.revoked().contains(lock.device())
                        && header.refused().get(record.record()) == null) {
                    return Optional.of(lock.device());
                }
            }
        }
        return Optional.empty();
    }

    /** The keys that the user has from now on. */
    UserKeys nextKeys(SecureRandom random) {
        return UserKeys.random(user, retired() + 1, random);
    }

    private int retired() {
        int retired = header.retired().getOrDefault(user, 0);
        for (SealedKeys sealed : header.userKeys()) {
            retired = sealed.user().equals(user) ? Math.max(retired, sealed.generation()) : retired;
        }
        Member member = header.members().get(user);
        return member == null ? retired : Math.max(retired, member.generation());
    }

    /**
     * Recovery codes that go on to open the vault. What only the lost device has said does not count: whoever has it may
     * have sealed the keys to a code of their own.
     */
    Set<Lock.ToRecoveryCode> codes() {
        Set<Lock.ToRecoveryCode> codes = new LinkedHashSet<>();
        for (HeaderRecord record : records) {
            boolean founding = record.record().equals(header.founding());
            boolean trusted = record.signer().kind() == Signer.Kind.DEVICE
                    && !record.author().equals(device)
                    && !header.revoked().contains(record.author());
            if (!founding && !(trusted && counts(record))) {
                continue;
            }
            for (Statement statement : record.statements()) {
                if (statement instanceof UserKeysSealed sealed
                        && sealed.keys().user().equals(user)
                        && sealed.keys().lock() instanceof Lock.ToRecoveryCode lock) {
                    codes.add(lock);
                }
            }
        }
        return codes;
    }

    private boolean counts(HeaderRecord record) {
        Refusal refusal = header.refused().get(record.record());
        return refusal == null || refusal == Refusal.OVERREACHES;
    }

    /** Records that go on to count although the device, or keys that it knew, have signed them. */
    private List<Id> seen() {
        List<Id> seen = new ArrayList<>();
        for (HeaderRecord record : records) {
            Signer signer = record.signer();
            boolean byDevice =
                    signer.kind() == Signer.Kind.DEVICE && signer.id().equals(device);
            boolean byUser = signer.kind() == Signer.Kind.USER && signer.id().equals(user);
            if ((byDevice || byUser) && counts(record)) {
                seen.add(record.record());
            }
        }
        return seen;
    }

    /**
     * What the record says.
     *
     * @param next the user's new keys
     * @param keys all that the user has of the vault, the new key among them
     * @param generation of the new key
     */
    List<Statement> statements(UserKeys next, VaultKeys keys, GenerationId generation) throws FsException {
        List<Statement> statements = new ArrayList<>();
        statements.add(new Statement.DeviceRevoked(user, device, next.generation() - 1, seen()));
        Member renewed = new Member(user, next.generation(), next.publicKeys());
        statements.add(renewed);
        for (Statement.Device each : header.devices()) {
            if (each.user().equals(user) && !each.device().equals(device)) {
                statements.add(new UserKeysSealed(SealedKeys.toDevice(next, each.device(), each.keys())));
            }
        }
        for (Lock.ToRecoveryCode lock : codes()) {
            statements.add(new UserKeysSealed(SealedKeys.toRecoveryCode(next, lock)));
        }
        List<KeyCopy> copies = new ArrayList<>();
        copies.add(keys.sealTo(header.vault(), generation, renewed));
        for (Member member : header.members().values()) {
            if (!member.user().equals(user) && header.canSealTo(member)) {
                copies.add(keys.sealTo(header.vault(), generation, member));
            }
        }
        statements.add(new Statement.KeyGeneration(generation, copies));
        return statements;
    }
}
