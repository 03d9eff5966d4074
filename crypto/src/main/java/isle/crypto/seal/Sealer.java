package isle.crypto.seal;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingKey;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters;
import com.google.crypto.tink.streamingaead.AesGcmHkdfStreamingParameters.HashType;
import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import com.google.crypto.tink.util.SecretBytes;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;

/**
 * Seals objects under one vault key, and opens them, whole or in part. It is Tink's StreamingAead
 * <em>AES256-GCM-HKDF</em> with segments of 64 KiB: each object has a key of its own, derived from the vault key, 32
 * random bytes and the {@link Binding}; the number of a segment and whether it is the last are in its nonce (STREAM:
 * Hoang, Reyhanitabar, Rogaway, Vizár, <em>Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance</em>,
 * 2015). So a changed bit, a segment out of place, a cut and an addition are all noticed.
 *
 * <p>What is not noticed here: that the store gives an older object of the same binding. There is none, because the
 * object's id is in the binding and is used once.
 *
 * <p>May be used by several threads at once.
 */
public final class Sealer {

    /** How many bytes a vault key has. */
    public static final int KEY_BYTES = 32;

    /** Length of a sealed segment; only the last may be shorter. A multiple of it is fetched best. */
    public static final int SEGMENT_BYTES = 64 * 1024;

    /** Length of what precedes the first segment within its 64 KiB. Needed whichever part is opened. */
    public static final int HEADER_BYTES = 40;

    private static final int TAG_BYTES = 16;
    private static final int PLAIN_SEGMENT_BYTES = SEGMENT_BYTES - TAG_BYTES;

    private final StreamingAead aead;

    /** Where the bytes of one sealed object come from. */
    @FunctionalInterface
    public interface Source {
        /**
         * Exactly these bytes of the sealed object.
         *
         * @param offset of the first, in the sealed object
         * @param length more than 0
         * @throws FsException if they cannot be had; it goes to the caller as it is
         */
        ByteBuffer read(long offset, int length) throws FsException;
    }

    /** @param key 32 bytes, of which a copy is kept */
    @AccessesPartialKey
    public Sealer(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a vault key has " + KEY_BYTES + " bytes, not " + key.length);
        }
        try {
            AesGcmHkdfStreamingParameters parameters = AesGcmHkdfStreamingParameters.builder()
                    .setKeySizeBytes(KEY_BYTES)
                    .setDerivedAesGcmKeySizeBytes(32)
                    .setHkdfHashType(HashType.SHA256)
                    .setCiphertextSegmentSizeBytes(SEGMENT_BYTES)
                    .build();
            SecretBytes material = SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get());
            aead = AesGcmHkdfStreaming.create(AesGcmHkdfStreamingKey.create(parameters, material));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot seal", e);
        }
    }

    /** Bytes that so many bytes take once sealed. */
    public static long sealedSize(long plainSize) {
        if (plainSize < 0) {
            throw new IllegalArgumentException("a size of " + plainSize);
        }
        long withHeader = Math.addExact(plainSize, HEADER_BYTES);
        return withHeader + TAG_BYTES * segments(withHeader, PLAIN_SEGMENT_BYTES);
    }

    /**
     * Bytes that are in a sealed object of this size.
     *
     * @throws FsException.Corrupt if no sealed object has this size
     */
    public static long plainSize(long sealedSize) throws FsException {
        long plain = sealedSize - HEADER_BYTES - TAG_BYTES * segments(Math.max(sealedSize, 0), SEGMENT_BYTES);
        if (plain < 0 || sealedSize(plain) != sealedSize) {
            throw new FsException.Corrupt("no sealed object has " + sealedSize + " bytes");
        }
        return plain;
    }

    /**
     * The size to fill up to before sealing, so that what the store sees has a size of {@link Padding}. It is the sealed
     * size that is padded: so a full block is 4 MiB in the store, not a little more.
     */
    public static long paddedPlainSize(long plainSize) {
        long sealed = Padding.padded(sealedSize(plainSize));
        // every padded size is one that sealing gives: beyond one segment they are multiples of 2 KiB
        return sealed - HEADER_BYTES - TAG_BYTES * segments(sealed, SEGMENT_BYTES);
    }

    private static long segments(long size, int segment) {
        return (size + segment - 1) / segment;
    }

    /** Seals the remaining bytes; the position of {@code plain} stays. Twice the same gives different bytes. */
    public ByteBuffer seal(Binding binding, ByteBuffer plain) {
        ByteBuffer sealed = ByteBuffer.allocate(Math.toIntExact(sealedSize(plain.remaining())));
        seal(binding, plain, sealed);
        return sealed.flip();
    }

    /**
     * Seals the remaining bytes; the position of {@code plain} stays.
     *
     * @param sealed is filled; as many bytes remain in it as {@link #sealedSize} says
     */
    public void seal(Binding binding, ByteBuffer plain, ByteBuffer sealed) {
        ByteBuffer rest = plain.duplicate();
        try (WritableByteChannel channel = aead.newEncryptingChannel(new Filling(sealed), binding.encode())) {
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot seal", e);
        }
        if (sealed.hasRemaining()) {
            throw new IllegalStateException("a sealed object has another size than was computed");
        }
    }

    /**
     * Opens the remaining bytes, all of them; the position of {@code sealed} stays.
     *
     * @throws FsException.Corrupt if they are not, byte for byte, what was sealed under this key and binding
     */
    public ByteBuffer open(Binding binding, ByteBuffer sealed) throws FsException {
        ByteBuffer plain = ByteBuffer.allocate(Math.toIntExact(plainSize(sealed.remaining())));
        decrypt(binding, new Window(sealed.remaining(), sealed, 0, sealed), 0, plain);
        return plain.flip();
    }

    /**
     * Opens a part. Asks the source for the header (the first {@link #HEADER_BYTES}, which a source may remember) and
     * for the segments that hold the part, in one piece; for one piece only if the part begins in the first segment.
     *
     * @param plainSize of the whole object, from where it can be trusted: a manifest, not the store. The number of the
     *     last segment follows from it, so an object of another size is noticed when its end is read
     * @param offset of the part, in the opened object
     * @param into is filled with the part, which ends within the object; if this fails it is as empty as before, but what
     *     was in it may be overwritten
     * @throws FsException.Corrupt if any of those segments is not what was sealed under this key and binding
     * @throws FsException what the source throws
     */
    public void open(Binding binding, long plainSize, Source source, long offset, ByteBuffer into) throws FsException {
        int length = into.remaining();
        if (offset < 0 || length < 0 || offset > plainSize - length) {
            throw new IllegalArgumentException(length + " bytes at " + offset + " of " + plainSize);
        }
        if (length == 0) {
            return;
        }
        long size = sealedSize(plainSize);
        long from = (offset + HEADER_BYTES) / PLAIN_SEGMENT_BYTES * SEGMENT_BYTES;
        long last = (offset + length - 1 + HEADER_BYTES) / PLAIN_SEGMENT_BYTES;
        long to = Math.min(size, (last + 1) * SEGMENT_BYTES);
        ByteBuffer run = read(source, from, Math.toIntExact(to - from));
        ByteBuffer head = from == 0 ? run : read(source, 0, HEADER_BYTES);
        decrypt(binding, new Window(size, head, from, run), offset, into);
    }

    /** Opens a part into a buffer of its own. */
    public ByteBuffer open(Binding binding, long plainSize, Source source, long offset, int length) throws FsException {
        if (length < 0 || length > plainSize) {
            throw new IllegalArgumentException(length + " bytes of " + plainSize);
        }
        ByteBuffer plain = ByteBuffer.allocate(length);
        open(binding, plainSize, source, offset, plain);
        return plain.flip();
    }

    private static ByteBuffer read(Source source, long offset, int length) throws FsException {
        ByteBuffer bytes = source.read(offset, length);
        if (bytes.remaining() != length) {
            throw new FsException.Corrupt(
                    bytes.remaining() + " bytes of a sealed object where " + length + " should be");
        }
        return bytes;
    }

    private void decrypt(Binding binding, Window window, long offset, ByteBuffer into) throws FsException {
        ByteBuffer plain = into.duplicate();
        try (SeekableByteChannel channel = aead.newSeekableDecryptingChannel(window, binding.encode())) {
            channel.position(offset);
            // even nothing is read: at the end of the object this checks the last segment
            do {
                if (channel.read(plain) < 0) {
                    break;
                }
            } while (plain.hasRemaining());
        } catch (GeneralSecurityException | IOException e) {
            throw new FsException.Corrupt("a sealed object does not open as a " + binding.role() + " of its place", e);
        }
        if (plain.hasRemaining()) {
            throw new FsException.Corrupt("a sealed object ends early");
        }
        into.position(into.limit());
    }

    /** Puts what is written into a buffer, which is large enough. */
    private record Filling(ByteBuffer sink) implements WritableByteChannel {
        @Override
        public int write(ByteBuffer source) {
            int count = source.remaining();
            sink.put(source);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // holds nothing but memory
        }
    }
}
