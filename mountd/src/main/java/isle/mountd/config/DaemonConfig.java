package isle.mountd.config;

import isle.crypto.vault.Retention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code daemon.yml} says. What it leaves out is empty, or has its default where there is one that does not depend
 * on anything.
 *
 * @param store a folder or the address of an S3 store
 * @param region of the S3 store
 * @param buckets name of a volume to name of its bucket
 * @param credentialsFile file with the store's keys
 * @param mount where to mount
 * @param readOnly whether the mount takes no writes
 * @param allowOther whether other users may enter
 * @param ownership whose files are shown
 * @param history how long private/ keeps versions that were replaced
 */
public record DaemonConfig(
        Optional<String> store,
        Optional<String> region,
        Map<String, String> buckets,
        Optional<Path> credentialsFile,
        Optional<Path> mount,
        Optional<Boolean> readOnly,
        Optional<Boolean> allowOther,
        Optional<OwnershipChoice> ownership,
        Retention history,
        JournalConfig journal,
        CacheConfig cache,
        LogConfig log,
        LimitConfig limits) {

    /** A file that says nothing. */
    public static final DaemonConfig DEFAULT = new DaemonConfig(
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Retention.USUAL,
            JournalConfig.DEFAULT,
            CacheConfig.DEFAULT,
            LogConfig.DEFAULT,
            LimitConfig.DEFAULT);

    public DaemonConfig {
        buckets = Map.copyOf(buckets);
    }

    /** Whose files are shown on plain volumes. */
    public enum OwnershipChoice {
        /** Everything belongs to who mounted. */
        MOUNTER,
        /** Numeric owners as they are stored. */
        STORED
    }

    /**
     * @param folder where the journal lies; default: with the profile's state
     * @param capBytes what it may take; default: the smaller of 20 GiB and a tenth of the free disk
     */
    public record JournalConfig(Optional<Path> folder, Optional<Long> capBytes) {
        public static final JournalConfig DEFAULT = new JournalConfig(Optional.empty(), Optional.empty());
    }

    /**
     * @param folder where cached blocks lie; default: the profile's cache
     * @param memoryBytes hard cap in memory
     * @param diskBytes hard cap on disk
     */
    public record CacheConfig(Optional<Path> folder, long memoryBytes, long diskBytes) {
        public static final CacheConfig DEFAULT = new CacheConfig(Optional.empty(), 64L << 20, 10L << 30);
    }

    /**
     * @param level {@code error}, {@code warning}, {@code info} or {@code debug}
     * @param fileBytes size at which a new file is begun
     * @param files how many are kept
     */
    public record LogConfig(String level, int fileBytes, int files) {
        public static final LogConfig DEFAULT = new LogConfig("info", 8 << 20, 4);
    }

    /**
     * @param baseWait how long a program waits for the store at most
     * @param waitPerMebibyte and how much longer for each MiB that it asks for
     * @param drain how long {@code isle unmount} waits for the store
     * @param drainOnSignal how long the daemon does after SIGTERM
     * @param idle after how long a daemon that is not mounted ends, when it has nothing to do
     */
    public record LimitConfig(
            Duration baseWait, Duration waitPerMebibyte, Duration drain, Duration drainOnSignal, Duration idle) {
        public static final LimitConfig DEFAULT = new LimitConfig(
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(60),
                Duration.ofSeconds(20),
                Duration.ofMinutes(2));
    }
}
