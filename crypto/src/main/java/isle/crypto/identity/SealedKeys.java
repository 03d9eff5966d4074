package isle.crypto.identity;

import com.google.crypto.tink.subtle.AesGcmJce;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * One generation of a user's keys behind one lock, fit to lie in the store. User, generation and the whole lock are
 * bound to the sealed bytes, so no copy passes as another one.
 *
 * @param user whose keys
 * @param generation which, from 1
 * @param lock what opens them
 * @param sealed the keys
 */
public record SealedKeys(Id user, int generation, Lock lock, Octets sealed) {

    private static final String DOMAIN = "isle-ukl";
    private static final int FORMAT = 1;

    public SealedKeys {
        if (generation < 1) {
            throw new IllegalArgumentException("generation " + generation);
        }
    }

    /** Seals to a device. */
    public static SealedKeys toDevice(UserKeys keys, Id device, PublicKeys deviceKeys) throws FsException {
        Lock lock = new Lock.ToDevice(device);
        byte[] plain = keys.encode();
        try {
            Octets sealed = deviceKeys.seal(plain, context(keys.user(), keys.generation(), lock));
            return new SealedKeys(keys.user(), keys.generation(), lock, sealed);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Seals to a recovery code or a link code. */
    public static SealedKeys byCode(UserKeys keys, Code code, SecureRandom random) throws FsException {
        Octets salt = salt(random);
        return switch (code.purpose()) {
            case RECOVERY -> toRecoveryCode(keys, new Lock.ToRecoveryCode(salt, code.publicKey(salt)));
            case LINK -> sealed(keys, new Lock.ByLinkCode(salt), code.key(salt));
        };
    }

    /** Seals to a recovery code that earlier keys were sealed to; the code itself is not needed. */
    public static SealedKeys toRecoveryCode(UserKeys keys, Lock.ToRecoveryCode lock) throws FsException {
        byte[] plain = keys.encode();
        try {
            Octets sealed = KeyPairs.seal(lock.publicKey(), plain, context(keys.user(), keys.generation(), lock));
            return new SealedKeys(keys.user(), keys.generation(), lock, sealed);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Seals to a passphrase, which stays as it is: it is the caller's to wipe. */
    public static SealedKeys byPassphrase(UserKeys keys, char[] passphrase, PassphraseCost cost, SecureRandom random) {
        Lock.ByPassphrase lock = new Lock.ByPassphrase(cost, salt(random));
        return sealed(keys, lock, Passphrase.key(passphrase, cost, lock.salt()));
    }

    /**
     * Opens with the device's keys.
     *
     * @throws FsException.AccessDenied if they are not the right ones, or the copy was changed
     * @throws FsException.Invalid if the lock is of another kind
     */
    public UserKeys open(DeviceKeys keys) throws FsException {
        if (!(lock instanceof Lock.ToDevice)) {
            throw wrongKind();
        }
        return opened(keys.open(sealed, context(user, generation, lock)));
    }

    /** Opens with a code; errors as in {@link #open(DeviceKeys)}. */
    public UserKeys open(Code code) throws FsException {
        if (lock instanceof Lock.ToRecoveryCode byCode && code.purpose() == Code.Purpose.RECOVERY) {
            return opened(code.open(byCode, sealed, context(user, generation, lock)));
        }
        if (lock instanceof Lock.ByLinkCode byCode && code.purpose() == Code.Purpose.LINK) {
            return opened(decrypt(code.key(byCode.salt())));
        }
        throw wrongKind();
    }

    /** Opens with a passphrase; errors as in {@link #open(DeviceKeys)}. */
    public UserKeys open(char[] passphrase) throws FsException {
        if (!(lock instanceof Lock.ByPassphrase byPassphrase)) {
            throw wrongKind();
        }
        return opened(decrypt(Passphrase.key(passphrase, byPassphrase.cost(), byPassphrase.salt())));
    }

    private static FsException.Invalid wrongKind() {
        return new FsException.Invalid("this copy of the user's keys has a lock of another kind");
    }

    private static Octets salt(SecureRandom random) {
        byte[] salt = new byte[Lock.SALT_BYTES];
        random.nextBytes(salt);
        return Octets.copyOf(salt);
    }

    /** The key is used once, because the salt is; so a random nonce of 96 bits is more than enough. */
    private static SealedKeys sealed(UserKeys keys, Lock lock, byte[] key) {
        byte[] plain = keys.encode();
        try {
            byte[] sealed = new AesGcmJce(key).encrypt(plain, context(keys.user(), keys.generation(), lock));
            return new SealedKeys(keys.user(), keys.generation(), lock, Octets.copyOf(sealed));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot seal", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    private byte[] decrypt(byte[] key) throws FsException {
        try {
            return new AesGcmJce(key).decrypt(sealed.toBytes(), context(user, generation, lock));
        } catch (GeneralSecurityException e) {
            throw new FsException.AccessDenied("that does not open the user's keys, or they were changed", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private UserKeys opened(byte[] plain) throws FsException {
        try {
            UserKeys keys = UserKeys.decode(plain);
            if (!keys.user().equals(user) || keys.generation() != generation) {
                throw new FsException.Corrupt("a sealed copy holds the keys of another user or generation");
            }
            return keys;
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** Context information of HPKE, associated data of AES-GCM. */
    private static byte[] context(Id user, int generation, Lock lock) {
        FieldWriter sink =
                new FieldWriter().putDomain(DOMAIN).putShort(FORMAT).putId(user).putInt(generation);
        lock.write(sink);
        return sink.toBytes();
    }

    void write(FieldWriter sink) {
        sink.putId(user).putInt(generation);
        lock.write(sink);
        sink.putBytes(sealed);
    }

    static SealedKeys read(FieldReader source) throws FsException {
        return new SealedKeys(
                source.getId(), source.getInt(1, Integer.MAX_VALUE), Lock.read(source), source.getOctets());
    }
}
