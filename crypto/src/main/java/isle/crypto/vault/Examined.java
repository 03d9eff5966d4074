package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
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

    private static final int ENTRY = Id.BYTES + Long.BYTES;

    private final CheckedFile file;
    private final InstantSource clock;
    private final Map<Id, Long> good = new HashMap<>();
    private Instant began;
    private Instant written;

    Examined(LocalDisk disk, Id vault, InstantSource clock) throws FsException {
        this.file = new CheckedFile(disk, FILE, "isle-exa", vault);
        this.clock = clock;
        this.began = clock.instant();
        this.written = began;
        file.read().ifPresent(this::decode);
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
            file.write(encode());
        } catch (FsException e) {
            // it begins from where it was written last
        }
    }

    /** It has come to its end. */
    synchronized void end() throws FsException {
        good.clear();
        file.delete();
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
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + good.size() * ENTRY);
        bytes.putLong(began.getEpochSecond());
        good.forEach((id, digest) -> {
            id.put(bytes);
            bytes.putLong(digest);
        });
        return bytes.flip();
    }

    private void decode(ByteBuffer bytes) {
        if (bytes.remaining() % ENTRY != Long.BYTES) {
            return;
        }
        began = Instant.ofEpochSecond(bytes.getLong());
        while (bytes.hasRemaining()) {
            good.put(Id.get(bytes), bytes.getLong());
        }
    }
}
