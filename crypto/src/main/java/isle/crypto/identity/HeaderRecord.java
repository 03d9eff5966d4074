package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import java.util.List;

/**
 * One object {@code h/<random>}: what somebody said of the vault, signed. Never changed; what is said later joins it
 * ({@link HeaderJoin}).
 *
 * @param vault which vault it is about
 * @param record its own id, drawn once
 * @param lamport its Lamport time: more than that of every record its author knew
 * @param author the device that wrote it
 * @param signer whose key signed it
 * @param statements what it says
 * @param signature 64 bytes of Ed25519 over everything else
 */
public record HeaderRecord(
        Id vault, Id record, long lamport, Id author, Signer signer, List<Statement> statements, Octets signature) {

    static final int SIGNATURE_BYTES = 64;

    public HeaderRecord {
        statements = List.copyOf(statements);
        if (lamport < 0 || signature.size() != SIGNATURE_BYTES) {
            throw new IllegalArgumentException("a header record of time " + lamport);
        }
        if (signer.kind() == Signer.Kind.DEVICE && !signer.id().equals(author)) {
            throw new IllegalArgumentException("a device signs what it wrote");
        }
    }

    /**
     * Writes and signs one.
     *
     * @param author the device that writes it, the same as the keys' if they are a device's
     */
    public static HeaderRecord signed(
            Id vault, Id record, long lamport, Id author, SigningKeys keys, List<Statement> statements) {
        Octets none = Octets.copyOf(new byte[SIGNATURE_BYTES]);
        HeaderRecord unsigned = new HeaderRecord(vault, record, lamport, author, keys.signer(), statements, none);
        Octets signature = keys.sign(HeaderCodec.signedBytes(unsigned));
        return new HeaderRecord(vault, record, lamport, author, keys.signer(), statements, signature);
    }

    /** Whether the holder of these keys signed it. */
    boolean isSignedBy(PublicKeys keys) {
        return keys.verifies(signature, HeaderCodec.signedBytes(this));
    }
}
