package isle.crypto.atrest;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/**
 * A journal whose files have a key of their own each, drawn when the file is begun. Under it Tink's AES-256-GCM seals,
 * with a nonce of 12 bytes drawn for each part. A file of 64 MiB has at most 2^20 parts, so two of them share a nonce with
 * a chance below 2^-57.
 *
 * <p>Not Tink's StreamingAead, as for what goes into a store: to seal a record of 4 KiB it takes 92 us, and a piece of
 * 64 KiB 25 us; this takes 1.5 and 13 us (and bare JCE 1.0 and 10 us, which is not worth code of our own: to write those
 * bytes takes longer).
 */
final class SealedJournal implements JournalSeal {

    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private final LocalSeal seal;
    private final SecureRandom random;

    SealedJournal(byte[] key, SecureRandom random) {
        this.seal = new LocalSeal(key);
        this.random = random;
    }

    @Override
    public int overhead() {
        return NONCE_BYTES + TAG_BYTES;
    }

    @Override
    public FileSeal begin(byte[] bound) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new OneFile(key, seal.seal(bound, key), true);
    }

    @Override
    public FileSeal resume(byte[] bound, byte[] sealedKey) throws FsException {
        return new OneFile(seal.open(bound, sealedKey), sealedKey, false);
    }

    private static final class OneFile implements FileSeal {

        private final Aead aead;
        private final byte[] sealedKey;
        private final boolean begun;

        OneFile(byte[] key, byte[] sealedKey, boolean begun) {
            try {
                this.aead = new AesGcmJce(key);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java cannot seal", e);
            }
            this.sealedKey = sealedKey.clone();
            this.begun = begun;
        }

        @Override
        public byte[] sealedKey() {
            return sealedKey.clone();
        }

        @Override
        public void seal(byte[] bound, ByteBuffer plain, ByteBuffer into) {
            if (!begun) {
                throw new IllegalStateException("a file that was begun by an earlier run is only read");
            }
            try {
                into.put(aead.encrypt(LocalSeal.bytes(plain), bound));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java cannot seal", e);
            }
        }

        @Override
        public void open(byte[] bound, ByteBuffer sealed, ByteBuffer into) throws FsException.Corrupt {
            try {
                into.put(aead.decrypt(LocalSeal.bytes(sealed), bound));
            } catch (GeneralSecurityException e) {
                throw new FsException.Corrupt("a part of the journal is not what this host sealed there", e);
            }
        }
    }
}
