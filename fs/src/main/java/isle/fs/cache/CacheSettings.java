package isle.fs.cache;

import isle.fs.spi.BlockCodec;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What bounds a {@link BlockCache}.
 *
 * @param memoryBytes hard cap of what lies in memory: cached blocks and what was fetched ahead
 * @param diskBytes hard cap of the files on disk, those of pinned contents not counted
 * @param directory where the files lie, made if absent and used by this cache alone; null keeps nothing on disk
 * @param codec how blocks lie on disk
 * @param fetchers requests in flight at once for what nobody waits for yet, at least 1
 * @param baseWait how long a reader waits for any answer
 * @param waitPerMebibyte how much longer for each MiB it asks for
 */
public record CacheSettings(
        long memoryBytes,
        long diskBytes,
        @Nullable Path directory,
        BlockCodec codec,
        int fetchers,
        Duration baseWait,
        Duration waitPerMebibyte) {

    public static final long DEFAULT_MEMORY_BYTES = 64L << 20;
    public static final long DEFAULT_DISK_BYTES = 10L << 30;
    public static final int DEFAULT_FETCHERS = 8;
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(5);
    public static final Duration DEFAULT_WAIT_PER_MEBIBYTE = Duration.ofSeconds(1);

    /** Below this a cache could not hold what a single request brings. */
    public static final long LEAST_MEMORY_BYTES = 1L << 20;

    public CacheSettings {
        if (memoryBytes < LEAST_MEMORY_BYTES || diskBytes < 0 || fetchers < 1) {
            throw new IllegalArgumentException(
                    "memory " + memoryBytes + " B, disk " + diskBytes + " B, " + fetchers + " fetchers");
        }
        if (baseWait.isNegative() || baseWait.isZero() || waitPerMebibyte.isNegative()) {
            throw new IllegalArgumentException("wait " + baseWait + " + " + waitPerMebibyte + " per MiB");
        }
    }

    /** The defaults, in memory only. */
    public static CacheSettings inMemory() {
        return new CacheSettings(
                DEFAULT_MEMORY_BYTES,
                DEFAULT_DISK_BYTES,
                null,
                BlockCodec.PLAIN,
                DEFAULT_FETCHERS,
                DEFAULT_WAIT,
                DEFAULT_WAIT_PER_MEBIBYTE);
    }

    /** The defaults, in memory and on disk. */
    public static CacheSettings onDisk(Path directory, BlockCodec codec) {
        return new CacheSettings(
                DEFAULT_MEMORY_BYTES,
                DEFAULT_DISK_BYTES,
                directory,
                codec,
                DEFAULT_FETCHERS,
                DEFAULT_WAIT,
                DEFAULT_WAIT_PER_MEBIBYTE);
    }

    public CacheSettings withMemoryBytes(long bytes) {
        return new CacheSettings(bytes, diskBytes, directory, codec, fetchers, baseWait, waitPerMebibyte);
    }

    public CacheSettings withDiskBytes(long bytes) {
        return new CacheSettings(memoryBytes, bytes, directory, codec, fetchers, baseWait, waitPerMebibyte);
    }

    public CacheSettings withFetchers(int count) {
        return new CacheSettings(memoryBytes, diskBytes, directory, codec, count, baseWait, waitPerMebibyte);
    }

    public CacheSettings withWait(Duration base, Duration perMebibyte) {
        return new CacheSettings(memoryBytes, diskBytes, directory, codec, fetchers, base, perMebibyte);
    }
}
