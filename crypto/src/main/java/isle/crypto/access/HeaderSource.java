package isle.crypto.access;

import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.HeaderJoin;
import isle.crypto.identity.HeaderRecord;
import isle.crypto.identity.SigningKeys;
import isle.crypto.identity.Statement;
import isle.crypto.identity.VaultHeader;
import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where this host has the header of a vault from: the store, and what it has kept of it. */
final class HeaderSource {

    private final ObjectStore store;
    private final HeaderStore headers;
    private final HeaderCopy copy;
    private final SecureRandom random;
    private volatile List<String> problems = List.of();
    private volatile boolean isFromCopy;

    HeaderSource(ObjectStore store, Path folder, SecureRandom random) {
        this.store = store;
        this.headers = new HeaderStore(store);
        this.copy = new HeaderCopy(folder);
        this.random = random;
    }

    /** What the store has and had; what it had alone, while it is away and the vault is known. */
    HeaderReading read(@Nullable KnownVault known) throws IOException {
        List<HeaderRecord> before = known == null ? List.of() : copy.read();
        HeaderReading reading;
        try {
            reading = HeaderReading.of(headers.read(), before);
        } catch (FsException.Unsupported | FsException.Corrupt e) {
            throw e;
        } catch (FsException away) {
            if (before.isEmpty()) {
                throw away;
            }
            reading = HeaderReading.ofCopy(before, away);
        }
        problems = reading.problems();
        isFromCopy = reading.away() != null;
        return reading;
    }

    /** Without its header a vault is lost; a new one beside its packs would only hide that. */
    void refuseHalfAVault(HeaderReading reading) throws FsException {
        if (!reading.problems().isEmpty()) {
            throw new FsException.Corrupt(
                    "the header of private/ is damaged: " + reading.problems().get(0));
        }
        if (!store.list("d/", false, "", 1).objects().isEmpty()) {
            throw new FsException.Corrupt("the store has content of a private/, but not the header that opens it");
        }
    }

    /** As {@link #read}; that the store is away is an error. */
    HeaderReading fromStore(@Nullable KnownVault known) throws IOException {
        HeaderReading reading = read(known);
        FsException away = reading.away();
        if (away != null) {
            throw away;
        }
        return reading;
    }

    /** What the records say together. */
    static VaultHeader join(HeaderReading reading, @Nullable KnownVault known) throws FsException {
        if (known == null) {
            HeaderRecord first = founding(reading);
            return HeaderJoin.join(first.vault(), reading.records(), first.record());
        }
        // A damaged one is still there, and this host knows what it said.
        boolean there = reading.away() != null
                || reading.stored().contains(known.founding())
                || reading.problems().stream()
                        .anyMatch(each -> each.contains(known.founding().toString()));
        if (!there || !reading.has(known.founding())) {
            throw new FsException.Corrupt(
                    "the store does not have the private/ that this host knows. Is it another store, or was it emptied?");
        }
        return HeaderJoin.join(known.vault(), reading.records(), known.founding());
    }

    /**
     * The record that counts if two hosts founded a vault each: the one that the store took first. Who saw only the own
     * record after having put it was first, so the other one will see both.
     */
    private static HeaderRecord founding(HeaderReading reading) throws FsException {
        return reading.records().stream()
                .filter(record -> record.statements().stream().anyMatch(Statement.VaultMade.class::isInstance))
                .findFirst()
                .orElseThrow(() -> new FsException.Corrupt(
                        reading.problems().isEmpty()
                                ? "the record that begins private/ is missing in the store"
                                : "the header of private/ is damaged: "
                                        + reading.problems().get(0)));
    }

    /** Keeps what was read, but for link codes, for the time when the store is away. */
    void keep(HeaderReading reading) throws IOException {
        copy.write(reading.records().stream()
                .filter(record -> !HeaderReading.isLink(record))
                .toList());
    }

    void put(HeaderRecord record) throws FsException {
        headers.put(record);
    }

    void delete(Id record) throws FsException {
        headers.delete(record);
    }

    /** Signs and puts a record with the next Lamport time. */
    void write(VaultHeader header, DeviceKeys author, SigningKeys keys, List<Statement> statements) throws FsException {
        Id record = Id.random(random);
        headers.put(
                HeaderRecord.signed(header.vault(), record, header.nextLamport(), author.device(), keys, statements));
    }

    List<String> problems() {
        return problems;
    }

    boolean isFromCopy() {
        return isFromCopy;
    }

    List<String> unreadable() throws FsException {
        return headers.read().unreadable().keySet().stream()
                .map(key -> key.value())
                .toList();
    }
}
