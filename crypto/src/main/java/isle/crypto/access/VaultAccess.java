package isle.crypto.access;

import isle.crypto.identity.Code;
import isle.crypto.identity.DeviceFile;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.GenerationId;
import isle.crypto.identity.HeaderJoin;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.Member;
import isle.crypto.identity.PassphraseCost;
import isle.crypto.identity.Policy;
import isle.crypto.identity.PrivateFile;
import isle.crypto.identity.SealedKeys;
import isle.crypto.identity.Statement;
import isle.crypto.identity.Statement.UserKeysSealed;
import isle.crypto.identity.UserKeys;
import isle.crypto.identity.VaultHeader;
import isle.crypto.identity.VaultKeys;
import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How this host comes to the vault of a store: it opens it with the keys that it has, founds it if there is none, or joins
 * it with a code. Each may be repeated after it ended in the middle.
 */
public final class VaultAccess {

    private static final String UNCONFIRMED = "unconfirmed";
    private static final Policy FIRST_POLICY = new Policy(30);

    private final HeaderSource headers;
    private final Path folder;
    private final DeviceFile deviceFile;
    private final Path unconfirmed;
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

        /** This host was let in once, and somebody has revoked it. Only a code lets it in again. */
        record Revoked(Id vault) implements Entrance {}

        /** The keys of this host are behind a passphrase: {@link #unlock} them. */
        record Locked() implements Entrance {}

        /** There is none, and none was to be founded. */
        record None() implements Entrance {}
    }

    /**
     * What came of a revocation.
     *
     * @param vault with its new keys
     * @param recovery a new code, if no earlier one goes on to open the vault
     */
    public record Revoked(OpenVault vault, Optional<Code> recovery) {}

    /**
     * @param store the bucket of the vault
     * @param folder where this host keeps its keys; only its owner may enter it
     * @param hostName for people
     */
    public VaultAccess(ObjectStore store, Path folder, String hostName, SecureRandom random) {
        this.headers = new HeaderSource(store, folder, random);
        this.folder = folder;
        this.deviceFile = new DeviceFile(folder);
        this.unconfirmed = folder.resolve(UNCONFIRMED);
        this.hostName = hostName;
        this.random = random;
    }

    /** As {@link #enter(DeviceKeys, boolean)}, with what lies in the folder; founds a vault where there is none. */
    public Entrance enter() throws IOException {
        return enter(null, true);
    }

    /**
     * Opens the vault, or founds one in a store that has none. While the store is away, a host that knows the vault opens
     * it with what it has read of its header before.
     *
     * @param unlocked this host's keys, if they are behind a passphrase and that was given; else null
     * @param mayFound whether to found one where there is none: somebody is there to be shown the code
     * @throws FsException.Corrupt the store has lost the vault that this host knows, or has another one, or its header is
     *     damaged
     * @throws FsException.Unsupported a newer isle has written to it
     * @throws FsException.Unavailable the store is away, and this host has never opened the vault
     */
    public Entrance enter(@Nullable DeviceKeys unlocked, boolean mayFound) throws IOException {
        if (unlocked == null && isLocked()) {
            return new Entrance.Locked();
        }
        KnownVault known = KnownVault.read(folder);
        HeaderReading reading = headers.read(known);
        if (known == null && reading.records().isEmpty()) {
            headers.refuseHalfAVault(reading);
            return mayFound ? found(unlocked) : new Entrance.None();
        }
        VaultHeader header = HeaderSource.join(reading, known);
        if (unlocked == null && !deviceFile.exists()) {
            return new Entrance.Unknown(header.vault());
        }
        DeviceKeys device = device(unlocked);
        List<UserKeys> mine = UserAccess.of(header, device, known == null ? null : known.user());
        if (header.revoked().contains(device.device())) {
            headers.keep(reading);
            return new Entrance.Revoked(header.vault());
        }
        if (mine.isEmpty()) {
            return new Entrance.Unknown(header.vault());
        }
        if (known == null && mayFound && isFoundedBy(device, header, reading.records())) {
            // It ended before the recovery code was shown, so nobody has it.
            remindOfCode();
            Code recovery = sealedByNew(Code.Purpose.RECOVERY, header, UserAccess.current(header, mine), device);
            HeaderReading again = headers.read(null);
            return new Entrance.Founded(opened(again, HeaderSource.join(again, null), mine, device), recovery);
        }
        OpenVault vault = opened(reading, header, mine, device);
        Optional<Id> due = reading.away() != null
                ? Optional.empty()
                : Revocation.due(header, reading.records(), vault.user().user());
        return new Entrance.Opened(due.isEmpty() ? vault : revokedAgain(vault, reading, header, due.get()));
    }

    /** That it cannot be done now is no reason not to open the vault. */
    private OpenVault revokedAgain(OpenVault vault, HeaderReading reading, VaultHeader header, Id device)
            throws IOException {
        try {
            return revoke(vault, reading, header, device).vault();
        } catch (FsException e) {
            return vault;
        }
    }

    /** Whether this host has opened a vault before. */
    public boolean isKnown() {
        return KnownVault.file(folder).exists();
    }

    /** Whether the keys of this host are behind a passphrase. */
    public boolean isLocked() throws IOException {
        return deviceFile.exists() && deviceFile.isLocked();
    }

    /**
     * The keys of this host.
     *
     * @param passphrase the caller's to wipe
     * @throws FsException.AccessDenied it is the wrong one
     * @throws FsException.NotFound this host has none yet
     */
    public DeviceKeys unlock(char[] passphrase) throws IOException {
        return deviceFile.read(passphrase);
    }

    private DeviceKeys device(@Nullable DeviceKeys unlocked) throws IOException {
        return unlocked != null ? unlocked : deviceFile.read(null);
    }

    private static boolean isFoundedBy(DeviceKeys device, VaultHeader header, List<HeaderRecord> records) {
        return records.stream()
                .anyMatch(record -> record.record().equals(header.founding())
                        && record.author().equals(device.device()));
    }

    private Code sealedByNew(Code.Purpose purpose, VaultHeader header, UserKeys user, DeviceKeys device)
            throws FsException {
        Code code = Code.random(purpose, random);
        headers.write(header, device, device, List.of(new UserKeysSealed(SealedKeys.byCode(user, code, random))));
        return code;
    }

    private Entrance found(@Nullable DeviceKeys unlocked) throws IOException {
        DeviceKeys device = unlocked != null ? unlocked : deviceKeys();
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
        remindOfCode();
        headers.put(record);
        HeaderReading reading = headers.read(null);
        VaultHeader header = HeaderSource.join(reading, null);
        if (!header.founding().equals(record.record())) {
            // Another host was faster; nobody has taken ours for the vault.
            headers.delete(record.record());
            Files.deleteIfExists(unconfirmed);
            return new Entrance.Unknown(header.vault());
        }
        return new Entrance.Founded(opened(reading, header, List.of(user), device), recovery);
    }

    /** Those that there are, else new ones, which are on the disk before anybody hears of them. */
    private DeviceKeys deviceKeys() throws IOException {
        return deviceFile.exists() ? deviceFile.read(null) : newDeviceKeys();
    }

    private DeviceKeys newDeviceKeys() throws IOException {
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

    /** All keys that the header has for the user; notes the vault as the one of this host, and what was read of it. */
    private OpenVault opened(HeaderReading reading, VaultHeader header, List<UserKeys> users, DeviceKeys device)
            throws IOException {
        VaultKeys keys = UserAccess.vaultKeys(header, users);
        UserKeys user = UserAccess.current(header, users);
        headers.keep(reading);
        KnownVault known = new KnownVault(header.vault(), header.founding(), user.user());
        if (!known.equals(KnownVault.read(folder))) {
            known.write(folder);
        }
        return new OpenVault(header, reading.ids(), keys, user, device);
    }

    /**
     * Makes this host one of the user's, with the recovery code that was shown when the vault was founded, or with a code
     * that another host shows ({@link #link}). A code of a link is used up by it. A host that was revoked, or whose keys
     * are behind a passphrase that was not given, gets new keys; the file of the old ones is kept beside.
     *
     * @param unlocked as for {@link #enter(DeviceKeys, boolean)}
     * @throws FsException.NotFound there is no vault in this store
     * @throws FsException.AccessDenied the code opens nothing here
     */
    public OpenVault recover(Code code, @Nullable DeviceKeys unlocked) throws IOException {
        KnownVault known = KnownVault.read(folder);
        HeaderReading reading = headers.fromStore(known);
        if (reading.records().isEmpty()) {
            headers.refuseHalfAVault(reading);
            throw new FsException.NotFound("there is no private/ in this store");
        }
        VaultHeader header = HeaderSource.join(reading, known);
        List<UserKeys> users =
                UserAccess.of(HeaderJoin.join(header.vault(), reading.inStore(), header.founding()), code);
        UserKeys user = UserAccess.current(header, users);
        VaultKeys keys = UserAccess.vaultKeys(header, users);
        DeviceKeys device = freshKeys(header, unlocked);
        List<Statement> statements = new ArrayList<>();
        statements.add(introduction(header.vault(), user, keys, header.newest(), device));
        for (UserKeys each : users) {
            statements.add(new UserKeysSealed(SealedKeys.toDevice(each, device.device(), device.publicKeys())));
        }
        headers.write(header, device, user, statements);
        if (code.purpose() == Code.Purpose.LINK) {
            useUp(reading.inStore(), user);
        } else {
            Files.deleteIfExists(unconfirmed);
        }
        HeaderReading again = headers.read(known);
        return opened(again, HeaderSource.join(again, known), users, device);
    }

    /** As {@link #recover(Code, DeviceKeys)}, with what lies in the folder. */
    public OpenVault recover(Code code) throws IOException {
        return recover(code, null);
    }

    /** This host's keys, or new ones if nobody would believe them. */
    private DeviceKeys freshKeys(VaultHeader header, @Nullable DeviceKeys unlocked) throws IOException {
        if (unlocked == null && !isLocked()) {
            DeviceKeys device = deviceKeys();
            if (!header.revoked().contains(device.device())) {
                return device;
            }
        } else if (unlocked != null && !header.revoked().contains(unlocked.device())) {
            return unlocked;
        }
        deviceFile.putAside();
        return newDeviceKeys();
    }

    /** Shows a code with which another host of the same user can {@link #recover}. */
    public Code link(OpenVault vault) throws IOException {
        return sealedByNew(Code.Purpose.LINK, vault.header(), vault.user(), vault.device());
    }

    /** Makes another recovery code; those that there are go on to open the vault. Not confirmed yet. */
    public Code newRecoveryCode(OpenVault vault) throws IOException {
        remindOfCode();
        Code code = sealedByNew(Code.Purpose.RECOVERY, vault.header(), vault.user(), vault.device());
        headers.keep(headers.read(KnownVault.read(folder)));
        return code;
    }

    /**
     * The user's recovery code was typed again, so it was written down.
     *
     * @throws FsException.AccessDenied it is not one that opens the vault
     */
    public void confirm(OpenVault vault, Code code) throws IOException {
        KnownVault known = KnownVault.read(folder);
        UserAccess.of(HeaderSource.join(headers.read(known), known), code);
        Files.deleteIfExists(unconfirmed);
    }

    private void remindOfCode() throws IOException {
        new PrivateFile(folder, UNCONFIRMED).write(new byte[0]);
    }

    /** Whether a recovery code was made here, and never confirmed. */
    public boolean isUnconfirmed() {
        return Files.exists(unconfirmed);
    }

    /** The user's hosts. */
    public List<VaultDevice> devices(OpenVault vault) {
        List<VaultDevice> devices = new ArrayList<>();
        for (Statement.Device device : vault.header().devices()) {
            if (device.user().equals(vault.user().user())) {
                boolean own = device.device().equals(vault.device().device());
                devices.add(new VaultDevice(device.device(), hostName(vault, device), own));
            }
        }
        devices.sort(Comparator.comparing(VaultDevice::hostName).thenComparing(VaultDevice::device));
        return devices;
    }

    private static String hostName(OpenVault vault, Statement.Device device) {
        Binding binding =
                new Binding(vault.vault(), device.keyGeneration(), device.user(), device.device(), Role.HEADER);
        for (Sealer sealer : vault.keys().sealers(device.keyGeneration())) {
            try {
                ByteBuffer name =
                        sealer.open(binding, ByteBuffer.wrap(device.hostName().toBytes()));
                return StandardCharsets.UTF_8.decode(name).toString();
            } catch (FsException otherKey) {
                // Two hosts began this generation, or the name was sealed wrong.
            }
        }
        return "";
    }

    /**
     * Lets a host in no more (R19): what is written from now on it cannot read. What it could read before, it can read
     * still, if it kept it.
     *
     * @throws FsException.NotFound there is no such host of the user
     * @throws FsException.Invalid it is this host
     */
    public Revoked revoke(OpenVault vault, Id device) throws IOException {
        KnownVault known = KnownVault.read(folder);
        HeaderReading reading = headers.fromStore(known);
        VaultHeader header = HeaderSource.join(reading, known);
        if (device.equals(vault.device().device())) {
            throw new FsException.Invalid("a host does not revoke itself");
        }
        if (header.devices().stream()
                .noneMatch(each -> each.device().equals(device)
                        && each.user().equals(vault.user().user()))) {
            throw new FsException.NotFound("there is no such host");
        }
        return revoke(vault, reading, header, device);
    }

    private Revoked revoke(OpenVault vault, HeaderReading reading, VaultHeader header, Id device) throws IOException {
        List<UserKeys> users =
                UserAccess.of(header, vault.device(), vault.user().user());
        VaultKeys keys =
                UserAccess.vaultKeys(header, users).withNext(header.newest().number() + 1, random);
        Revocation revocation =
                new Revocation(header, reading.records(), vault.user().user(), device);
        UserKeys next = revocation.nextKeys(random);
        List<Statement> statements = new ArrayList<>(
                revocation.statements(next, keys, keys.generations().last()));
        Optional<Code> recovery = Optional.empty();
        if (revocation.codes().isEmpty()) {
            recovery = Optional.of(Code.random(Code.Purpose.RECOVERY, random));
            statements.add(new UserKeysSealed(SealedKeys.byCode(next, recovery.get(), random)));
            remindOfCode();
        }
        headers.write(header, vault.device(), vault.device(), statements);
        KnownVault known = KnownVault.read(folder);
        HeaderReading again = headers.read(known);
        VaultHeader now = HeaderSource.join(again, known);
        users.add(next);
        return new Revoked(opened(again, now, users, vault.device()), recovery);
    }

    /**
     * Puts this host's keys behind a passphrase, or, if there is no new one, takes that away. Both are the caller's to
     * wipe.
     *
     * @throws FsException.AccessDenied the old one is wrong or missing
     */
    public void setPassphrase(char @Nullable [] old, char @Nullable [] passphrase) throws IOException {
        DeviceKeys device = deviceFile.read(old);
        if (passphrase == null) {
            deviceFile.write(device);
        } else {
            deviceFile.write(device, passphrase, PassphraseCost.USUAL, random);
        }
    }

    /** Takes away the records that hold nothing but codes of links to this user. */
    private void useUp(List<HeaderRecord> records, UserKeys user) throws FsException {
        for (HeaderRecord record : records) {
            boolean ofUser = record.statements().stream()
                    .allMatch(each -> each instanceof UserKeysSealed sealed
                            && sealed.keys().user().equals(user.user()));
            if (ofUser && HeaderReading.isLink(record)) {
                headers.delete(record.record());
            }
        }
    }

    /** What was wrong with the header when it was read last, a sentence each. */
    public List<String> problems() {
        return headers.problems();
    }

    /** Whether the store was away when the header was wanted last, so that what had been kept of it was used. */
    public boolean isFromCopy() {
        return headers.isFromCopy();
    }

    /** Objects below {@code h/} that are no header records, for a report. */
    public List<String> unreadable() throws FsException {
        return headers.unreadable();
    }
}
