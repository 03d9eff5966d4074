package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;

/** What opens a sealed copy of a user's keys. */
public sealed interface Lock {

    /** Bytes of every salt. */
    int SALT_BYTES = 32;

    /** The keys of a device: HPKE. */
    record ToDevice(Id device) implements Lock {}

    /** A code that a person types: HKDF-SHA256 over code and salt, then AES-256-GCM. */
    record ByCode(Code.Purpose purpose, Octets salt) implements Lock {
        public ByCode {
            checkSalt(salt);
        }
    }

    /** A passphrase: Argon2id, then AES-256-GCM. */
    record ByPassphrase(PassphraseCost cost, Octets salt) implements Lock {
        public ByPassphrase {
            checkSalt(salt);
        }
    }

    private static void checkSalt(Octets salt) {
        if (salt.size() != SALT_BYTES) {
            throw new IllegalArgumentException("a salt of " + salt.size() + " bytes");
        }
    }

    /** Writes the kind and what belongs to it. */
    default void write(FieldWriter sink) {
        if (this instanceof ToDevice lock) {
            sink.putByte(1).putId(lock.device());
        } else if (this instanceof ByCode lock) {
            sink.putByte(
                            switch (lock.purpose()) {
                                case RECOVERY -> 2;
                                case LINK -> 3;
                            })
                    .putRaw(lock.salt().toBytes());
        } else if (this instanceof ByPassphrase lock) {
            sink.putByte(4);
            lock.cost().write(sink);
            sink.putRaw(lock.salt().toBytes());
        }
    }

    /** Reads what {@link #write} wrote. */
    static Lock read(FieldReader source) throws FsException {
        int kind = source.getByte();
        return switch (kind) {
            case 1 -> new ToDevice(source.getId());
            case 2 -> new ByCode(Code.Purpose.RECOVERY, salt(source));
            case 3 -> new ByCode(Code.Purpose.LINK, salt(source));
            case 4 -> new ByPassphrase(PassphraseCost.read(source), salt(source));
            default -> throw source.damaged("it has a lock of unknown kind " + kind);
        };
    }

    private static Octets salt(FieldReader source) throws FsException {
        return Octets.copyOf(source.getRaw(SALT_BYTES));
    }
}
