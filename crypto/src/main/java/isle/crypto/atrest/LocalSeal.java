package isle.crypto.atrest;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.PrfAesCmac;
import com.google.crypto.tink.subtle.Random;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Seals any number of messages under one key by XAES-256-GCM (C2SP): out of the key a salt of 12 bytes makes another one,
 * under which AES-256-GCM seals with a nonce of 12 bytes that is drawn for each message. As others use it, the salt is
 * drawn for each message too; here it serves 2^20 of one run, of which two share a nonce with a chance below 2^-57, so that
 * no key has to be derived and expanded for 16 KiB.
 */
final class LocalSeal {

    private static final int SALT_BYTES = 12;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int MESSAGES_OF_A_SALT = 1 << 20;

    /** Bytes by which sealed ones are longer. */
    static final int OVERHEAD = SALT_BYTES + NONCE_BYTES + TAG_BYTES;

    private static final int BLOCK_BYTES = 16;

    /** More than what lies on a disk was sealed under, unless there is very much of it. */
    private static final int KEYS_REMEMBERED = 32;

    private final Prf prf;
    private final int messagesOfASalt;

    /** By salt, the one that was used last in the end. Guarded by this. */
    private final Map<ByteBuffer, Aead> opening = new LinkedHashMap<>(KEYS_REMEMBERED, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Aead> eldest) {
            return size() > KEYS_REMEMBERED;
        }
    };

    private volatile Salted sealing;

    /** What is sealed with one salt. */
    private static final class Salted {
        final byte[] salt;
        final Aead aead;
        final AtomicInteger left;

        Salted(byte[] salt, Aead aead, int messages) {
            this.salt = salt;
            this.aead = aead;
            this.left = new AtomicInteger(messages);
        }
    }

    LocalSeal(byte[] key) {
        this(key, MESSAGES_OF_A_SALT);
    }

    LocalSeal(byte[] key, int messagesOfASalt) {
        try {
            this.prf = new PrfAesCmac(key);
        } catch (GeneralSecurityException e) {
            throw unable(e);
        }
        this.messagesOfASalt = messagesOfASalt;
        this.sealing = salted();
    }

    private Salted salted() {
        byte[] salt = Random.randBytes(SALT_BYTES);
        try {
            return new Salted(salt, derived(salt), messagesOfASalt);
        } catch (GeneralSecurityException e) {
            throw unable(e);
        }
    }

    /** CMAC(key, 00 01 58 00 salt), CMAC(key, 00 02 58 00 salt). */
    private Aead derived(byte[] salt) throws GeneralSecurityException {
        ByteBuffer made = ByteBuffer.allocate(2 * BLOCK_BYTES);
        for (byte counter = 1; counter <= 2; counter++) {
            byte[] block = ByteBuffer.allocate(BLOCK_BYTES)
                    .put((byte) 0)
                    .put(counter)
                    .put((byte) 'X')
                    .put((byte) 0)
                    .put(salt)
                    .array();
            made.put(prf.compute(block, BLOCK_BYTES));
        }
        return new AesGcmJce(made.array());
    }

    private static IllegalStateException unable(GeneralSecurityException e) {
        return new IllegalStateException("this Java cannot seal", e);
    }

    /** Salt, nonce, ciphertext, tag. */
    byte[] seal(byte[] bound, byte[] plain) {
        Salted with = next();
        byte[] sealed;
        try {
            sealed = with.aead.encrypt(plain, bound);
        } catch (GeneralSecurityException e) {
            throw unable(e);
        }
        return ByteBuffer.allocate(SALT_BYTES + sealed.length)
                .put(with.salt)
                .put(sealed)
                .array();
    }

    private Salted next() {
        Salted now = sealing;
        while (now.left.getAndDecrement() <= 0) {
            synchronized (this) {
                if (now == sealing) {
                    sealing = salted();
                }
                now = sealing;
            }
        }
        return now;
    }

    /** @throws FsException.Corrupt if it is not what was sealed under this key with the same bytes bound to it */
    byte[] open(byte[] bound, byte[] sealed) throws FsException.Corrupt {
        if (sealed.length < OVERHEAD) {
            throw new FsException.Corrupt("it is shorter than anything that this host seals");
        }
        try {
            Aead aead = opening(Arrays.copyOf(sealed, SALT_BYTES));
            return aead.decrypt(Arrays.copyOfRange(sealed, SALT_BYTES, sealed.length), bound);
        } catch (GeneralSecurityException e) {
            throw new FsException.Corrupt("it is not what this host sealed here", e);
        }
    }

    private synchronized Aead opening(byte[] salt) throws GeneralSecurityException {
        ByteBuffer name = ByteBuffer.wrap(salt);
        Aead known = opening.get(name);
        if (known == null) {
            known = derived(salt);
            opening.put(name, known);
        }
        return known;
    }

    /** The remaining bytes; the position stays. */
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}
