package isle.mountd;

import isle.mountd.api.DaemonException;
import isle.mountd.api.StatusReport;
import isle.mountd.config.Profile;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthRegistry;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Opens what a profile's settings name. */
interface EngineFactory {

    /** @throws DaemonException something cannot be opened; then nothing stays open */
    Engine open(Plan plan, Consumer<String> progress) throws DaemonException;

    /**
     * What to open.
     *
     * @param newStore whether this profile has never used this store: then a store that does not answer is a mistake,
     *     else a state that passes
     * @param status what {@code .isle/status.json} in the mount shows
     */
    record Plan(
            Profile profile,
            Settings settings,
            boolean newStore,
            HealthRegistry health,
            Supplier<StatusReport> status) {}
}
