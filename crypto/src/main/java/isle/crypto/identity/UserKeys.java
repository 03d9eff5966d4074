package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.security.SecureRandom;

/**
 * One generation of the keys of a user, private halves included. A new generation begins when a device is revoked, for
 * that device has these.
 */
public final class UserKeys implements SigningKeys {

    private static final String WHAT = "a user's key set";
    private static final String DOMAIN = "isle-usr";
    private static final int FORMAT = 1;

    private final Id user;
    private final int generation;
    private final KeyPairs pairs;

    private UserKeys(Id user, int generation, KeyPairs pairs) {
        this.user = user;
        this.generation = generation;
        this.pairs = pairs;
    }

    /** @param generation from 1 */
    public static UserKeys random(Id user, int generation, SecureRandom random) {
        if (generation < 1) {
            throw new IllegalArgumentException("generation " + generation);
        }
        return new UserKeys(user, generation, KeyPairs.random(random));
    }

    public Id user() {
        return user;
    }

    public int generation() {
        return generation;
    }

    public PublicKeys publicKeys() {
        return pairs.publicKeys();
    }

    @Override
    public Signer signer() {
        return Signer.user(user, generation);
    }

    @Override
    public Octets sign(byte[] message) {
        return pairs.sign(message);
    }

    /** As {@link KeyPairs#open}. */
    byte[] open(Octets sealed, byte[] context) throws FsException {
        return pairs.open(sealed, context);
    }

    /** Everything, in clear. */
    byte[] encode() {
        FieldWriter sink =
                new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putId(user).putInt(generation);
        pairs.write(sink);
        return sink.toBytes();
    }

    static UserKeys decode(byte[] bytes) throws FsException {
        FieldReader source = new FieldReader(bytes, WHAT);
        Formats.expect(source, DOMAIN, FORMAT, WHAT);
        UserKeys keys = new UserKeys(source.getId(), source.getInt(1, Integer.MAX_VALUE), KeyPairs.read(source));
        source.expectEnd();
        return keys;
    }

    @Override
    public String toString() {
        return "keys " + generation + " of user " + user;
    }
}
