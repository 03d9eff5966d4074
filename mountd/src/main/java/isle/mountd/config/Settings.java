package isle.mountd.config;

import isle.crypto.vault.Retention;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.config.DaemonConfig.CacheConfig;
import isle.mountd.config.DaemonConfig.JournalConfig;
import isle.mountd.config.DaemonConfig.LimitConfig;
import isle.mountd.config.DaemonConfig.OwnershipChoice;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What holds: of the command line, {@code daemon.yml} and what was told earlier, the first that says something, else
 * the default.
 *
 * @param store absolute folder, or address of an S3 endpoint
 * @param region of an S3 store
 * @param buckets name of each volume to name of its bucket
 * @param credentialsFile file with the store's keys, if {@code daemon.yml} names one
 * @param mount where to mount
 * @param ownership whose files are shown
 * @param history how long private/ keeps versions that were replaced
 */
public record Settings(
        String store,
        String region,
        Map<String, String> buckets,
        Optional<Path> credentialsFile,
        Path mount,
        boolean readOnly,
        boolean allowOther,
        OwnershipChoice ownership,
        Retention history,
        JournalConfig journal,
        CacheConfig cache,
        LimitConfig limits) {

    /** The folders of one object a file, which every member may edit. */
    public static final List<String> PLAIN = List.of("public", "protected");

    /** The folder that is sealed on this host. */
    public static final String PRIVATE = "private";

    /** The top-level folders. */
    public static final List<String> VOLUMES = List.of("public", "protected", PRIVATE);

    /** Garage's own default region. */
    public static final String DEFAULT_REGION = "garage";

    public Settings {
        buckets = Map.copyOf(buckets);
    }

    /**
     * Where defaults come from.
     *
     * @param store the profile's own folder for the embedded store
     * @param mount where to mount
     * @param root whether the daemon runs as root
     */
    public record Defaults(Path store, Path mount, boolean root) {

        /** The defaults of a profile. */
        public static Defaults of(ProfileFolders folders, Path home, boolean root) {
            return new Defaults(folders.state().resolve("store"), home.resolve("Isle"), root);
        }
    }

    /** Joins what was told, now, in the file and earlier. */
    public static Settings of(MountRequest now, DaemonConfig file, MountRequest earlier, Defaults defaults) {
        boolean allowOther =
                first(now.allowOther(), file.allowOther(), earlier.allowOther()).orElse(false);
        Map<String, String> buckets = new TreeMap<>();
        for (String volume : PLAIN) {
            buckets.put(volume, "isle-" + volume);
        }
        buckets.put(PRIVATE, "isle-private-" + user());
        buckets.putAll(earlier.buckets());
        buckets.putAll(file.buckets());
        buckets.putAll(now.buckets());
        OwnershipChoice standard = allowOther || defaults.root() ? OwnershipChoice.STORED : OwnershipChoice.MOUNTER;
        return new Settings(
                first(now.store(), file.store(), earlier.store())
                        .orElse(defaults.store().toString()),
                first(now.region(), file.region(), earlier.region()).orElse(DEFAULT_REGION),
                buckets,
                file.credentialsFile(),
                Path.of(first(now.dir(), file.mount().map(Path::toString), earlier.dir())
                        .orElse(defaults.mount().toString())),
                first(now.readOnly(), file.readOnly(), earlier.readOnly()).orElse(false),
                allowOther,
                file.ownership().orElse(standard),
                file.history(),
                file.journal(),
                file.cache(),
                file.limits());
    }

    /** The person's name as a part of a bucket's name. */
    private static String user() {
        String name = System.getProperty("user.name", "user").toLowerCase(Locale.ROOT);
        return name.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
    }

    private static <T> Optional<T> first(Optional<T> now, Optional<T> file, Optional<T> earlier) {
        return now.or(() -> file).or(() -> earlier);
    }

    /** Whether the store is an S3 endpoint, and not a folder. */
    public boolean isRemote() {
        return StoreAddress.isEndpoint(store);
    }

    /**
     * What a profile is bound to: the store and the buckets in it, as one text. That of private/ is none of them: the vault
     * in it knows by itself which one it is.
     */
    public String identity() {
        TreeMap<String, String> plain = new TreeMap<>(buckets);
        plain.remove(PRIVATE);
        return isRemote() ? store + " region " + region + " buckets " + plain : store;
    }
}
