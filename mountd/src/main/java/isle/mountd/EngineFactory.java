package isle.mountd;

import isle.crypto.identity.DeviceKeys;
import isle.mountd.api.DaemonException;
import isle.mountd.api.StatusReport;
import isle.mountd.config.Profile;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthRegistry;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens what a profile's settings name. */
interface EngineFactory {

    /** @throws DaemonException something cannot be opened; then nothing stays open */
    Engine open(Plan plan, Consumer<String> progress) throws DaemonException;

    /**
     * What to open.
     *
     * @param newStore whether this profile has never used this store: then a store that does not answer is a mistake,
     *     else a state that passes
     * @param keys this host's keys, if they were behind a passphrase that somebody has typed; else null
     * @param mayFound whether to begin private/ in a store that has none
     * @param status what {@code .isle/status.json} in the mount shows
     */
    record Plan(
            Profile profile,
            Settings settings,
            boolean newStore,
            HealthRegistry health,
            @Nullable DeviceKeys keys,
            boolean mayFound,
            Supplier<StatusReport> status) {}
}
