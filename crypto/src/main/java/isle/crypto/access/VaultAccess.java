package isle.crypto.access;

import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceFile;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.GenerationId;
import isle.crypto.identity.HeaderJoin;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.KeyCopy;
import isle.crypto.identity.Lock;
import isle.crypto.identity.Member;
import isle.crypto.identity.Policy;
import isle.crypto.identity.SealedKeys;
import isle.crypto.identity.SigningKeys;
import isle.crypto.identity.Statement;
import isle.crypto.identity.Statement.UserKeysSealed;
import isle.crypto.identity.UserKeys;
import isle.crypto.identity.VaultHeader;
import isle.crypto.identity.VaultKeys;
import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.crypto.seal.Role;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How this host comes to the vault of a store: it opens it with the keys that it has, founds it if there is none, or joins
 * it with a code. Each may be repeated after it ended in the middle.
 */
public final class VaultAccess {

    private static final Policy FIRST_POLICY = new Policy(30);

    private final HeaderStore headers;
    private final Path folder;
    private final DeviceFile deviceFile;
    private final String hostName;
    private final SecureRandom random;

    /** What {@link #enter} came to. */
    public sealed interface Entrance {
        /** This host's keys have opened it. */
        record Opened(OpenVault vault) implements Entrance {}

        /**
         * There was none; now there is.
         *
         * @param recovery to be written down: it alone brings everything back when all hosts are lost
         */
        record Founded(OpenVault vault, Code recovery) implements Entrance {}

        /** There is one, and this host has no keys of it: {@link #recover} or {@link #link} it. */
        record Unknown(Id vault) implements Entrance {}
    }

    /**
     * @param store the bucket of the vault
     * @param folder where this host keeps its keys; only its owner may enter it
     * @param hostName for people
     */
    public VaultAccess(ObjectStore store, Path folder, String hostName, SecureRandom random) {
        this.headers = new HeaderStore(store);
        this.folder = folder;
        this.deviceFile = new DeviceFile(folder);
        this.hostName = hostName;
        this.random = random;
    }

    /**
     * Opens the vault, or founds one in a store that has none.
     *
     * @throws FsException.Corrupt the store has lost the vault that this host knows, or has another one
     * @throws FsException.AccessDenied this host was revoked, or its keys are behind a passphrase
     */
    public Entrance enter() throws IOException {
        KnownVault known = KnownVault.read(folder);
        List<HeaderRecord> records = headers.read().records();
        if (known == null && records.isEmpty()) {
            return found();
        }
        VaultHeader header = join(records, known);
        if (!deviceFile.exists()) {
            return new Entrance.Unknown(header.vault());
        }
        DeviceKeys device = deviceFile.read(null);
        Optional<SealedKeys> mine = header.userKeys().stream()
                .filter(each -> each.lock() instanceof Lock.ToDevice lock
                        && lock.device().equals(device.device()))
                .max((a, b) -> Integer.compare(a.generation(), b.generation()));
        if (mine.isEmpty()) {
            if (known != null) {
                throw new FsException.AccessDenied(
                        "this host may no longer open private/: it was revoked. Recover or link it anew");
            }
            return new Entrance.Unknown(header.vault());
        }
        UserKeys user = mine.get().open(device);
        if (known == null && isFoundedBy(device, header, records)) {
            // It ended before the recovery code was shown, so nobody has it.
            Code recovery = sealedByNew(Code.Purpose.RECOVERY, header, user, device);
            return new Entrance.Founded(opened(header, user, device), recovery);
        }
        return new Entrance.Opened(opened(header, user, device));
    }

    private static boolean isFoundedBy(DeviceKeys device, VaultHeader header, List<HeaderRecord> records) {
        return records.stream()
                .anyMatch(record -> record.record().equals(header.founding())
                        && record.author().equals(device.device()));
    }

    private Code sealedByNew(Code.Purpose purpose, VaultHeader header, UserKeys user, DeviceKeys device)
            throws FsException {
        Code code = Code.random(purpose, random);
        write(header, device, device, List.of(new UserKeysSealed(SealedKeys.byCode(user, code, random))));
        return code;
    }

    private static VaultHeader join(List<HeaderRecord> records, @Nullable KnownVault known) throws FsException {
        if (known != null) {
            if (records.stream().noneMatch(record -> record.record().equals(known.founding()))) {
                throw new FsException.Corrupt(
                        "the store does not have the private/ that this host knows. Is it another store, or was it emptied?");
            }
            return HeaderJoin.join(known.vault(), records, known.founding());
        }
        HeaderRecord first = founding(records);
        return HeaderJoin.join(first.vault(), records, first.record());
    }

    /**
     * The record that counts if two hosts founded a vault each: the one that the store took first. Who saw only the own
     * record after having put it was first, so the other one will see both.
     */
    private static HeaderRecord founding(List<HeaderRecord> records) throws FsException {
        return records.stream()
                .filter(record -> record.statements().stream().anyMatch(Statement.VaultMade.class::isInstance))
                .findFirst()
                .orElseThrow(() -> new FsException.Corrupt("the record that begins private/ is missing in the store"));
    }

    private Entrance found() throws IOException {
        DeviceKeys device = deviceKeys();
        UserKeys user = UserKeys.random(Id.random(random), 1, random);
        VaultKeys keys = VaultKeys.random(random);
        Id vault = Id.random(random);
        GenerationId generation = keys.generations().last();
        Member member = new Member(user.user(), 1, user.publicKeys());
        Code recovery = Code.random(Code.Purpose.RECOVERY, random);
        HeaderRecord record = HeaderRecord.signed(
                vault,
                Id.random(random),
                1,
                device.device(),
                device,
                List.of(
                        new Statement.VaultMade(user.user(), FIRST_POLICY),
                        member,
                        introduction(vault, user, keys, generation, device),
                        new Statement.KeyGeneration(generation, List.of(keys.sealTo(vault, generation, member))),
                        new UserKeysSealed(SealedKeys.toDevice(user, device.device(), device.publicKeys())),
                        new UserKeysSealed(SealedKeys.byCode(user, recovery, random))));
        headers.put(record);
        VaultHeader header = join(headers.read().records(), null);
        if (!header.founding().equals(record.record())) {
            // Another host was faster; nobody has taken ours for the vault.
            headers.delete(record.record());
            return new Entrance.Unknown(header.vault());
        }
        return new Entrance.Founded(opened(header, user, device), recovery);
    }

    /** Those that there are, else new ones, which are on the disk before anybody hears of them. */
    private DeviceKeys deviceKeys() throws IOException {
        if (deviceFile.exists()) {
            return deviceFile.read(null);
        }
        DeviceKeys device = DeviceKeys.random(hostName, random);
        deviceFile.write(device);
        return device;
    }

    private Statement.Device introduction(
            Id vault, UserKeys user, VaultKeys keys, GenerationId generation, DeviceKeys device) throws FsException {
        Binding binding = new Binding(vault, generation.number(), user.user(), device.device(), Role.HEADER);
        ByteBuffer name = ByteBuffer.wrap(device.hostName().getBytes(StandardCharsets.UTF_8));
        ByteBuffer sealed = keys.sealer(generation).seal(binding, name);
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(bytes);
        return new Statement.Device(
                user.user(), device.device(), device.publicKeys(), generation.number(), Octets.copyOf(bytes));
    }

    /** All keys that the header has for the user; notes the vault as the one of this host. */
    private OpenVault opened(VaultHeader header, UserKeys user, DeviceKeys device) throws IOException {
        VaultKeys keys = vaultKeys(header, user);
        new KnownVault(header.vault(), header.founding(), user.user()).write(folder);
        return new OpenVault(header, keys, user, device);
    }

    private static VaultKeys vaultKeys(VaultHeader header, UserKeys user) throws FsException {
        VaultKeys keys = null;
        for (Map.Entry<GenerationId, Set<KeyCopy>> each : header.generations().entrySet()) {
            for (KeyCopy copy : each.getValue()) {
                if (copy.user().equals(user.user()) && copy.generation() == user.generation()) {
                    VaultKeys more = VaultKeys.open(header.vault(), each.getKey(), copy, user);
                    keys = keys == null ? more : keys.and(more);
                }
            }
        }
        if (keys == null) {
            throw new FsException.AccessDenied("nobody has given this user the keys of private/");
        }
        return keys;
    }

    /**
     * Makes this host one of the user's, with the recovery code that was shown when the vault was founded, or with a code
     * that another host shows ({@link #link}). A code of a link is used up by it.
     *
     * @throws FsException.NotFound there is no vault in this store
     * @throws FsException.AccessDenied the code opens nothing here
     */
    public OpenVault recover(Code code) throws IOException {
        List<HeaderRecord> records = headers.read().records();
        if (records.isEmpty()) {
            throw new FsException.NotFound("there is no private/ in this store");
        }
        VaultHeader header = join(records, KnownVault.read(folder));
        UserKeys user = unlocked(header, code);
        DeviceKeys device = deviceKeys();
        VaultKeys keys = vaultKeys(header, user);
        write(
                header,
                device,
                user,
                List.of(
                        introduction(header.vault(), user, keys, header.newest(), device),
                        new UserKeysSealed(SealedKeys.toDevice(user, device.device(), device.publicKeys()))));
        if (code.purpose() == Code.Purpose.LINK) {
            useUp(records, user);
        }
        return opened(join(headers.read().records(), KnownVault.read(folder)), user, device);
    }

    private static UserKeys unlocked(VaultHeader header, Code code) throws FsException {
        UserKeys newest = null;
        for (SealedKeys sealed : header.userKeys()) {
            if (!(sealed.lock() instanceof Lock.ByCode lock) || lock.purpose() != code.purpose()) {
                continue;
            }
            try {
                UserKeys user = sealed.open(code);
                newest = newest == null || user.generation() > newest.generation() ? user : newest;
            } catch (FsException.AccessDenied other) {
                // Sealed by another code; if none fits, that is said below.
            }
        }
        if (newest == null) {
            throw new FsException.AccessDenied("this code opens nothing in this store");
        }
        return newest;
    }

    /** Shows a code with which another host of the same user can {@link #recover}. */
    public Code link(OpenVault vault) throws IOException {
        return sealedByNew(Code.Purpose.LINK, vault.header(), vault.user(), vault.device());
    }

    private void write(VaultHeader header, DeviceKeys author, SigningKeys keys, List<Statement> statements)
            throws FsException {
        Id record = Id.random(random);
        headers.put(
                HeaderRecord.signed(header.vault(), record, header.lamport() + 1, author.device(), keys, statements));
    }

    /** Takes away the records that hold nothing but codes of links to this user. */
    private void useUp(List<HeaderRecord> records, UserKeys user) throws FsException {
        List<Id> used = new ArrayList<>();
        for (HeaderRecord record : records) {
            boolean isLink = record.statements().stream()
                    .allMatch(each -> each instanceof UserKeysSealed sealed
                            && sealed.keys().user().equals(user.user())
                            && sealed.keys().lock() instanceof Lock.ByCode lock
                            && lock.purpose() == Code.Purpose.LINK);
            if (isLink) {
                used.add(record.record());
            }
        }
        for (Id each : used) {
            headers.delete(each);
        }
    }

    /** Objects below {@code h/} that are no header records, for a report. */
    public List<String> unreadable() throws FsException {
        return headers.read().unreadable().keySet().stream()
                .map(key -> key.value())
                .toList();
    }
}
