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

    /**
     * The recovery code: HPKE to a key pair that HKDF-SHA256 makes of code and salt. The public half is here, so that later
     * generations of keys can be sealed to a code that nobody types again.
     */
    record ToRecoveryCode(Octets salt, Octets publicKey) implements Lock {
        public ToRecoveryCode {
            checkSalt(salt);
            if (publicKey.size() != PublicKeys.KEY_BYTES) {
                throw new IllegalArgumentException("a public key has " + PublicKeys.KEY_BYTES + " bytes");
            }
        }
    }

    /** A code that one host shows and another one is told: HKDF-SHA256 over code and salt, then AES-256-GCM. */
    record ByLinkCode(Octets salt) implements Lock {
        public ByLinkCode {
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
        } else if (this instanceof ToRecoveryCode lock) {
            sink.putByte(2)
                    .putRaw(lock.salt().toBytes())
                    .putRaw(lock.publicKey().toBytes());
        } else if (this instanceof ByLinkCode lock) {
            sink.putByte(3).putRaw(lock.salt().toBytes());
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
            case 2 -> new ToRecoveryCode(salt(source), Octets.copyOf(source.getRaw(PublicKeys.KEY_BYTES)));
            case 3 -> new ByLinkCode(salt(source));
            case 4 -> new ByPassphrase(PassphraseCost.read(source), salt(source));
            default -> throw source.damaged("it has a lock of unknown kind " + kind);
        };
    }

    private static Octets salt(FieldReader source) throws FsException {
        return Octets.copyOf(source.getRaw(SALT_BYTES));
    }
}
