package isle.mountd;

import isle.crypto.identity.PublicKeys;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.Program;
import isle.mountd.config.DaemonConfig;
import isle.mountd.config.Profile;
import isle.mountd.config.Settings;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.LocalServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The daemon as a process: lock, log, socket, watch, signals; starts them in order and ends them in reverse. */
final class DaemonProcess {

    private static final Logger LOG = LoggerFactory.getLogger(DaemonProcess.class);

    private final Profile profile;
    private final Daemon daemon;
    private final LocalServer server;
    private final Watch watch;
    private final Thread hook = new Thread(this::endOnSignal, "end");
    private final CountDownLatch closed = new CountDownLatch(1);

    private DaemonProcess(Profile profile, Daemon daemon, LocalServer server, Watch watch) {
        this.profile = profile;
        this.daemon = daemon;
        this.server = server;
        this.watch = watch;
    }

    /**
     * Takes the profile and listens. When this returns, commands find the daemon.
     *
     * @param foreground whether a person or a service manager started it: then it ends only when told
     */
    static DaemonProcess start(
            ProfileFolders folders, Map<String, String> environment, EngineFactory factory, boolean foreground)
            throws DaemonException {
        // Beside everything else that comes before the first mount.
        Thread preparing = new Thread(PublicKeys::prepare, "prepare");
        preparing.setDaemon(true);
        preparing.start();
        String homeName = environment.getOrDefault("HOME", System.getProperty("user.home", "/"));
        Profile profile = Profile.open(folders, Path.of(homeName));
        boolean done = false;
        try {
            DaemonConfig config = profile.config();
            DaemonLog.start(folders.log(), config.log(), foreground);
            DaemonProcess process = start(profile, config, factory, foreground);
            done = true;
            return process;
        } catch (IOException e) {
            throw e instanceof DaemonException known
                    ? known
                    : new DaemonException(
                            FailureKind.REFUSED,
                            "The daemon cannot use its profile: " + e.getMessage() + ".",
                            "Check rights and free space of " + folders.log() + ".");
        } finally {
            if (!done) {
                closeQuietly(profile);
            }
        }
    }

    private static DaemonProcess start(Profile profile, DaemonConfig config, EngineFactory factory, boolean foreground)
            throws IOException {
        ProfileFolders folders = profile.folders();
        boolean root = Account.current(folders.lockFile()).isRoot();
        HealthRegistry health = new HealthRegistry(InstantSource.system());
        Daemon daemon = new Daemon(profile, factory, health, root);
        LocalServer server = LocalServer.start(profile, daemon);
        profile.announce(folders.socket());
        Settings settings =
                Settings.of(MountRequest.DEFAULT, config, profile.kept().told(), profile.defaults(root));
        Watch watch =
                new Watch(daemon, server, health, LocalState.journal(folders, settings), config.limits(), !foreground);
        DaemonProcess process = new DaemonProcess(profile, daemon, server, watch);
        Thread watcher = new Thread(process::watch, "watch");
        watcher.setDaemon(true);
        watcher.start();
        Runtime.getRuntime().addShutdownHook(process.hook);
        LOG.info(
                "isle {} on Java {}, process {}, profile {}",
                Program.version(),
                Runtime.version(),
                ProcessHandle.current().pid(),
                folders.state());
        return process;
    }

    Daemon daemon() {
        return daemon;
    }

    /** Runs until the daemon is told to end through its socket; a signal ends the process inside of this call. */
    void awaitEnd() {
        try {
            daemon.awaitEnd();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            daemon.stopOnSignal();
        }
        close();
    }

    private void endOnSignal() {
        if (closed.getCount() > 0) {
            daemon.stopOnSignal();
            close();
        }
    }

    private void watch() {
        try {
            while (!closed.await(Watch.PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                watch.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void close() {
        if (closed.getCount() > 0) {
            closed.countDown();
            LOG.info("Ended");
            // Whoever sees its connection end may start the next daemon at once.
            closeQuietly(server::stopListening);
            closeQuietly(profile);
            closeQuietly(server);
        }
    }

    private static void closeQuietly(java.io.Closeable part) {
        try {
            part.close();
        } catch (IOException e) {
            LOG.warn("Ending: {}", e.toString());
        }
    }
}
