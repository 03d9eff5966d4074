package isle.crypto.identity;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.signature.Ed25519PublicKey;
import com.google.crypto.tink.subtle.Ed25519Verify;
import com.google.crypto.tink.util.Bytes;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.security.GeneralSecurityException;

/**
 * The public halves of the keys of a user or a device.
 *
 * @param signing Ed25519 (RFC 8032), 32 bytes
 * @param encryption X25519 (RFC 7748), 32 bytes, for HPKE
 */
public record PublicKeys(Octets signing, Octets encryption) implements Comparable<PublicKeys> {

    /** How many bytes each key has. */
    static final int KEY_BYTES = 32;

    public PublicKeys {
        if (signing.size() != KEY_BYTES || encryption.size() != KEY_BYTES) {
            throw new IllegalArgumentException("a public key has " + KEY_BYTES + " bytes");
        }
    }

    void write(FieldWriter sink) {
        sink.putRaw(signing.toBytes()).putRaw(encryption.toBytes());
    }

    static PublicKeys read(FieldReader source) throws FsException {
        return new PublicKeys(Octets.copyOf(source.getRaw(KEY_BYTES)), Octets.copyOf(source.getRaw(KEY_BYTES)));
    }

    /** Whether the signature was made over the message with the private half. */
    @AccessesPartialKey
    public boolean verifies(Octets signature, byte[] message) {
        try {
            Ed25519Verify.create(Ed25519PublicKey.create(Bytes.copyFrom(signing.toBytes())))
                    .verify(signature.toBytes(), message);
            return true;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Does once what the first {@link #verifies} of a process would do for all later ones: tables, for a seventh of a second. */
    public static void prepare() {
        Octets none = Octets.copyOf(new byte[KEY_BYTES]);
        new PublicKeys(none, none).verifies(none, new byte[0]);
    }

    /**
     * Seals so that only the private half opens it: HPKE (RFC 9180), base mode, DHKEM X25519, HKDF-SHA256, AES-256-GCM.
     * It does not say who sealed: what carries it is signed.
     *
     * @param context bound to it; needed again to open
     * @throws FsException.Invalid if the public key is one that no private key has
     */
    Octets seal(byte[] plain, byte[] context) throws FsException {
        return KeyPairs.seal(encryption, plain, context);
    }

    @Override
    public int compareTo(PublicKeys other) {
        int order = signing.compareTo(other.signing);
        return order != 0 ? order : encryption.compareTo(other.encryption);
    }
}
