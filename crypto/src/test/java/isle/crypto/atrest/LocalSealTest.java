package isle.crypto.atrest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.XAesGcmKey;
import com.google.crypto.tink.aead.XAesGcmParameters;
import com.google.crypto.tink.aead.subtle.XAesGcmAead;
import com.google.crypto.tink.util.SecretBytes;
import isle.crypto.seal.Draws;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What lies on this host's disk is XAES-256-GCM as everybody has it. */
class LocalSealTest {

    private static final byte[] BOUND = {1, 2, 3};
    private static final int SALT_BYTES = 12;
    private static final int NONCE_END = 24;

    private final SecureRandom random = Draws.of(83);
    private final byte[] key = Draws.bytes(random, 32);

    private Aead tinks() throws GeneralSecurityException {
        XAesGcmParameters parameters = XAesGcmParameters.create(XAesGcmParameters.Variant.NO_PREFIX, SALT_BYTES);
        SecretBytes material = SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get());
        return XAesGcmAead.create(XAesGcmKey.create(parameters, material, null));
    }

    @Test
    void tinkOpensIt() throws Exception {
        LocalSeal seal = new LocalSeal(key);
        for (int length : new int[] {0, 1, 16384}) {
            byte[] plain = Draws.bytes(random, length);
            byte[] sealed = seal.seal(BOUND, plain);
            assertEquals(length + LocalSeal.OVERHEAD, sealed.length);
            assertArrayEquals(plain, tinks().decrypt(sealed, BOUND));
        }
    }

    @Test
    void whatTinkSealedOpensHowManySaltsEverThereAre() throws Exception {
        LocalSeal seal = new LocalSeal(key);
        byte[] plain = Draws.bytes(random, 100);
        Aead tinks = tinks();
        byte[] first = tinks.encrypt(plain, BOUND);
        for (int i = 0; i < 100; i++) {
            assertArrayEquals(plain, seal.open(BOUND, tinks.encrypt(plain, BOUND)));
        }
        assertArrayEquals(plain, seal.open(BOUND, first));
        assertArrayEquals(plain, new LocalSeal(key).open(BOUND, seal.seal(BOUND, plain)));
    }

    @Test
    void eachMessageHasASaltAndANonceOfItsOwn() throws Exception {
        LocalSeal seal = new LocalSeal(key);
        byte[] plain = Draws.bytes(random, 5);
        Set<ByteBuffer> salts = new HashSet<>();
        Set<ByteBuffer> nonces = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            byte[] sealed = seal.seal(BOUND, plain);
            salts.add(ByteBuffer.wrap(Arrays.copyOf(sealed, SALT_BYTES)));
            nonces.add(ByteBuffer.wrap(Arrays.copyOfRange(sealed, SALT_BYTES, NONCE_END)));
            assertArrayEquals(plain, seal.open(BOUND, sealed));
        }
        assertEquals(1_000, salts.size());
        assertEquals(1_000, nonces.size());
    }

    @Test
    void everyChangeIsNoticed() {
        LocalSeal seal = new LocalSeal(key);
        byte[] sealed = seal.seal(BOUND, new byte[20]);
        assertThrows(FsException.Corrupt.class, () -> seal.open(new byte[] {1, 2, 4}, sealed));
        for (int at = 0; at < sealed.length; at++) {
            byte[] changed = sealed.clone();
            changed[at] ^= 4;
            assertThrows(FsException.Corrupt.class, () -> seal.open(BOUND, changed));
            byte[] cut = Arrays.copyOf(sealed, at);
            assertThrows(FsException.Corrupt.class, () -> seal.open(BOUND, cut));
        }
    }
}
