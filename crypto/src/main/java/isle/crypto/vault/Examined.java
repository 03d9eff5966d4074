package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The objects that an examination which was broken off had read and found right, so that the next one goes on with the
 * others. Its bytes: {@code FORMAT.md}, "On this host". A damaged file is none. May be used by several threads.
 */
final class Examined {

    static final String FILE = "examined";

    /** What was read longer ago is read again. */
    static final Duration VALID = Duration.ofDays(7);

    /** So often it is written while an examination goes on. */
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private static final byte[] MAGIC = "isle-exa".getBytes(StandardCharsets.US_ASCII);
    private static final short FORMAT = 1;
    private static final int HEAD = MAGIC.length + Short.BYTES + Id.BYTES + Long.BYTES;
    private static final int ENTRY = Id.BYTES + Long.BYTES;

    private final LocalDisk disk;
    private final Id vault;
    private final InstantSource clock;
    private final Map<Id, Long> good = new HashMap<>();
    private Instant began;
    private Instant written;

    Examined(LocalDisk disk, Id vault, InstantSource clock) throws FsException {
        this.disk = disk;
        this.vault = vault;
        this.clock = clock;
        this.began = clock.instant();
        this.written = began;
        disk.read(FILE).ifPresent(this::decode);
    }

    /** An examination begins. */
    synchronized void begin() {
        Instant now = clock.instant();
        if (good.isEmpty() || began.plus(VALID).isBefore(now) || began.isAfter(now)) {
            good.clear();
            began = now;
        }
        written = now;
    }

    /** Whether an object was read and right, and is the same since, as far as the store says. */
    synchronized boolean has(Id object, @Nullable String etag) {
        Long known = good.get(object);
        return known != null && etag != null && known == digest(etag);
    }

    /** An object was read and is right. Written to the disk now and then. */
    synchronized void add(Id object, @Nullable String etag) {
        if (etag == null) {
            return;
        }
        good.put(object, digest(etag));
        if (written.plus(PERIOD).isBefore(clock.instant())) {
            keep();
        }
    }

    /** It was broken off. A disk that does not take it costs a longer examination, and nothing else. */
    synchronized void keep() {
        written = clock.instant();
        try {
            disk.write(FILE, List.of(encode()));
        } catch (FsException e) {
            // it begins from where it was written last
        }
    }

    /** It has come to its end. */
    synchronized void end() throws FsException {
        good.clear();
        disk.delete(FILE);
    }

    private static long digest(String etag) {
        try {
            byte[] bytes = MessageDigest.getInstance("SHA-256").digest(etag.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(bytes).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(HEAD + good.size() * ENTRY + Integer.BYTES);
        bytes.put(MAGIC).putShort(FORMAT);
        vault.put(bytes);
        bytes.putLong(began.getEpochSecond());
        good.forEach((id, digest) -> {
            id.put(bytes);
            bytes.putLong(digest);
        });
        return bytes.putInt(check(bytes.slice(0, bytes.position()))).flip();
    }

    private void decode(byte[] file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(file);
            int end = file.length - Integer.BYTES;
            byte[] magic = new byte[MAGIC.length];
            bytes.get(magic);
            if (end < HEAD
                    || (end - HEAD) % ENTRY != 0
                    || bytes.getInt(end) != check(bytes.slice(0, end))
                    || !ByteBuffer.wrap(magic).equals(ByteBuffer.wrap(MAGIC))
                    || bytes.getShort() != FORMAT
                    || !Id.get(bytes).equals(vault)) {
                return;
            }
            began = Instant.ofEpochSecond(bytes.getLong());
            while (bytes.position() < end) {
                good.put(Id.get(bytes), bytes.getLong());
            }
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            good.clear();
        }
    }

    private static int check(ByteBuffer bytes) {
        CRC32C check = new CRC32C();
        check.update(bytes.duplicate());
        return (int) check.getValue();
    }
}
