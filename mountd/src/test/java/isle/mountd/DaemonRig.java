package isle.mountd;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.ProfileFolders;
import isle.mountd.config.Profile;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.LocalServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/** A daemon with its socket inside the test's own process, on the embedded store; nothing is mounted. */
final class DaemonRig implements AutoCloseable {

    final ProfileFolders folders;
    final Profile profile;
    final HealthRegistry health = new HealthRegistry(InstantSource.system());
    final Daemon daemon;
    final LocalServer server;

    DaemonRig(Path home) throws IOException {
        this(ProfileFolders.under(home), home, Map.of());
    }

    DaemonRig(ProfileFolders folders, Path home, Map<String, String> environment) throws IOException {
        this(folders, home, new Wiring(environment));
    }

    DaemonRig(ProfileFolders folders, Path home, EngineFactory factory) throws IOException {
        this.folders = folders;
        profile = Profile.open(folders, home);
        daemon = new Daemon(profile, factory, health, false);
        server = LocalServer.start(profile, daemon);
        profile.announce(folders.socket());
    }

    DaemonClient connect() throws DaemonException {
        return DaemonClient.require(folders);
    }

    /** As the process does it after SIGTERM. */
    @Override
    public void close() throws IOException {
        daemon.stopOnSignal();
        server.stopListening();
        profile.close();
        server.close();
    }
}
