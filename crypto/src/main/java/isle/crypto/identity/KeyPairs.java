package isle.crypto.identity;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Configuration;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.SecretKeyAccess;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.hybrid.HpkeParameters;
import com.google.crypto.tink.hybrid.HpkePrivateKey;
import com.google.crypto.tink.hybrid.HpkePublicKey;
import com.google.crypto.tink.hybrid.HybridConfig2026;
import com.google.crypto.tink.signature.Ed25519Parameters;
import com.google.crypto.tink.signature.Ed25519PrivateKey;
import com.google.crypto.tink.signature.Ed25519PublicKey;
import com.google.crypto.tink.signature.SignatureConfig2026;
import com.google.crypto.tink.subtle.Ed25519Sign;
import com.google.crypto.tink.subtle.X25519;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/** A key pair to sign with and one to receive with: what users and devices have alike. */
final class KeyPairs {

    static final HpkeParameters HPKE;

    /** Of the one key in each keyset; keys without a prefix do not show it. */
    private static final int KEY_ID = 1;

    static {
        try {
            HPKE = HpkeParameters.builder()
                    .setKemId(HpkeParameters.KemId.DHKEM_X25519_HKDF_SHA256)
                    .setKdfId(HpkeParameters.KdfId.HKDF_SHA256)
                    .setAeadId(HpkeParameters.AeadId.AES_256_GCM)
                    .setVariant(HpkeParameters.Variant.NO_PREFIX)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java lacks a cipher", e);
        }
    }

    private final Ed25519PrivateKey signing;
    private final HpkePrivateKey encryption;

    private KeyPairs(Ed25519PrivateKey signing, HpkePrivateKey encryption) {
        this.signing = signing;
        this.encryption = encryption;
    }

    @AccessesPartialKey
    static KeyPairs random(SecureRandom random) {
        byte[] seed = new byte[PublicKeys.KEY_BYTES];
        byte[] scalar = new byte[PublicKeys.KEY_BYTES];
        random.nextBytes(seed);
        random.nextBytes(scalar);
        try {
            Bytes verifying =
                    Bytes.copyFrom(Ed25519Sign.KeyPair.newKeyPairFromSeed(seed).getPublicKey());
            return new KeyPairs(
                    Ed25519PrivateKey.create(Ed25519PublicKey.create(verifying), secret(seed)), hpke(scalar));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java makes no keys", e);
        }
    }

    private static SecretBytes secret(byte[] bytes) {
        return SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get());
    }

    /** What Tink does with one HPKE key. */
    static <P> P primitive(Key key, Class<P> kind) throws GeneralSecurityException {
        return keyset(key).getPrimitive(HybridConfig2026.get(), kind);
    }

    private static KeysetHandle keyset(Key key) throws GeneralSecurityException {
        return KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(key).withFixedId(KEY_ID).makePrimary())
                .build();
    }

    @AccessesPartialKey
    PublicKeys publicKeys() {
        return new PublicKeys(
                Octets.copyOf(signing.getPublicKey().getPublicKeyBytes().toByteArray()),
                Octets.copyOf(encryption.getPublicKey().getPublicKeyBytes().toByteArray()));
    }

    /** 64 bytes of Ed25519 over the message. */
    Octets sign(byte[] message) {
        try {
            return Octets.copyOf(Ed25519Sign.create(signing).sign(message));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not sign", e);
        }
    }

    /**
     * Opens what {@link PublicKeys#seal} sealed to these.
     *
     * @throws FsException.AccessDenied if it was sealed to another key or under another context, or was changed
     */
    byte[] open(Octets sealed, byte[] context) throws FsException {
        return open(encryption, sealed, context);
    }

    /** As {@link PublicKeys#seal}, to this X25519 key. */
    @AccessesPartialKey
    static Octets seal(Octets encryption, byte[] plain, byte[] context) throws FsException {
        try {
            HpkePublicKey key = HpkePublicKey.create(HPKE, Bytes.copyFrom(encryption.toBytes()), null);
            return Octets.copyOf(primitive(key, HybridEncrypt.class).encrypt(plain, context));
        } catch (GeneralSecurityException e) {
            throw new FsException.Invalid("nothing can be sealed to a public key", e);
        }
    }

    /** The HPKE key with this X25519 scalar. */
    @AccessesPartialKey
    static HpkePrivateKey hpke(byte[] scalar) throws GeneralSecurityException {
        Bytes receiving = Bytes.copyFrom(X25519.publicFromPrivate(scalar));
        return HpkePrivateKey.create(HpkePublicKey.create(HPKE, receiving, null), secret(scalar));
    }

    /** As {@link #open(Octets, byte[])}, with this key. */
    static byte[] open(HpkePrivateKey encryption, Octets sealed, byte[] context) throws FsException {
        try {
            return primitive(encryption, HybridDecrypt.class).decrypt(sealed.toBytes(), context);
        } catch (GeneralSecurityException e) {
            throw new FsException.AccessDenied("these keys do not open it, or it was changed", e);
        }
    }

    /** Two Tink keysets of one key each, private halves included. */
    void write(FieldWriter sink) {
        SecretKeyAccess access = InsecureSecretKeyAccess.get();
        try {
            byte[] first = TinkProtoKeysetFormat.serializeKeyset(keyset(signing), access, SignatureConfig2026.get());
            byte[] second = TinkProtoKeysetFormat.serializeKeyset(keyset(encryption), access, HybridConfig2026.get());
            sink.putBytes(first).putBytes(second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Tink does not write a keyset", e);
        }
    }

    static KeyPairs read(FieldReader source) throws FsException {
        if (key(source, SignatureConfig2026.get()) instanceof Ed25519PrivateKey signing
                && signing.getParameters().getVariant() == Ed25519Parameters.Variant.NO_PREFIX
                && key(source, HybridConfig2026.get()) instanceof HpkePrivateKey encryption
                && encryption.getParameters().equals(HPKE)) {
            return new KeyPairs(signing, encryption);
        }
        throw source.damaged("it has keys of another kind");
    }

    private static Key key(FieldReader source, Configuration kinds) throws FsException {
        byte[] bytes = source.getBytes();
        try {
            KeysetHandle keyset = TinkProtoKeysetFormat.parseKeyset(bytes, InsecureSecretKeyAccess.get(), kinds);
            if (keyset.size() != 1) {
                throw source.damaged("a keyset has more than its key");
            }
            return keyset.getPrimary().getKey();
        } catch (GeneralSecurityException e) {
            throw source.damaged("a keyset does not read");
        }
    }
}
