package isle.fs.journal;

import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** A real seal (AES-256-GCM) that keeps an eye on itself: a key that is used twice with one nonce is an error. */
public final class TestSeal implements JournalSeal {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int KEY_BYTES = 32;

    /** A key, of which half tells which one it is, and a nonce. */
    private record Use(long keyHigh, long keyLow, long nonceHigh, int nonceLow) {}

    private final SecretKeySpec local;
    private final SplittableRandom random;
    private final Set<Use> used = ConcurrentHashMap.newKeySet();
    private final AtomicLong openedBytes = new AtomicLong();

    /** Equal seeds seal under the same local key, and draw the same keys for files. */
    public TestSeal(long seed) {
        this.random = new SplittableRandom(seed);
        this.local = new SecretKeySpec(bytes(KEY_BYTES), "AES");
    }

    private synchronized byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Bytes opened so far. */
    long openedBytes() {
        return openedBytes.get();
    }

    /** Parts sealed so far. */
    int sealedParts() {
        return used.size();
    }

    @Override
    public int overhead() {
        return NONCE_BYTES + TAG_BYTES;
    }

    @Override
    public FileSeal begin(byte[] bound) {
        byte[] key = bytes(KEY_BYTES);
        ByteBuffer sealed = ByteBuffer.allocate(KEY_BYTES + overhead());
        seal(local, bytes(NONCE_BYTES), bound, ByteBuffer.wrap(key), sealed);
        return new OneFile(key, sealed.array(), true);
    }

    @Override
    public FileSeal resume(byte[] bound, byte[] sealedKey) throws FsException {
        ByteBuffer key = ByteBuffer.allocate(KEY_BYTES);
        if (sealedKey.length != KEY_BYTES + overhead()) {
            throw new FsException.Corrupt("a key of " + sealedKey.length + " bytes");
        }
        open(local, bound, ByteBuffer.wrap(sealedKey), key);
        return new OneFile(key.array(), sealedKey, false);
    }

    private void seal(SecretKeySpec key, byte[] nonce, byte[] bound, ByteBuffer plain, ByteBuffer into) {
        ByteBuffer whose = ByteBuffer.wrap(key.getEncoded());
        ByteBuffer number = ByteBuffer.wrap(nonce);
        if (!used.add(new Use(whose.getLong(), whose.getLong(), number.getLong(), number.getInt()))) {
            throw new AssertionError("a nonce was used twice");
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(bound);
            into.put(nonce);
            cipher.doFinal(plain, into);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void open(SecretKeySpec key, byte[] bound, ByteBuffer sealed, ByteBuffer into) throws FsException.Corrupt {
        try {
            byte[] nonce = new byte[NONCE_BYTES];
            sealed.get(nonce);
            openedBytes.addAndGet(sealed.remaining() - TAG_BYTES);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(bound);
            cipher.doFinal(sealed, into);
        } catch (GeneralSecurityException e) {
            throw new FsException.Corrupt("does not open", e);
        }
    }

    private final class OneFile implements FileSeal {
        private final SecretKeySpec key;
        private final byte[] sealedKey;
        private final @Nullable AtomicLong parts;

        OneFile(byte[] key, byte[] sealedKey, boolean begun) {
            this.key = new SecretKeySpec(key, "AES");
            this.sealedKey = sealedKey;
            this.parts = begun ? new AtomicLong() : null;
        }

        @Override
        public byte[] sealedKey() {
            return sealedKey.clone();
        }

        @Override
        public void seal(byte[] bound, ByteBuffer plain, ByteBuffer into) {
            if (parts == null) {
                throw new IllegalStateException("resumed");
            }
            byte[] nonce = ByteBuffer.allocate(NONCE_BYTES)
                    .putLong(parts.getAndIncrement())
                    .array();
            TestSeal.this.seal(key, nonce, bound, plain, into);
        }

        @Override
        public void open(byte[] bound, ByteBuffer sealed, ByteBuffer into) throws FsException.Corrupt {
            TestSeal.this.open(key, bound, sealed, into);
        }
    }
}
