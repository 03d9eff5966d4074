package isle.mountd;

import isle.mountd.config.DaemonConfig.LimitConfig;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import isle.mountd.local.LocalServer;
import isle.mountd.local.Pending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the daemon every other second: turns what the parts report into health, and ends a daemon that nobody needs.
 */
final class Watch implements Runnable {

    /** How often it looks. */
    static final Duration PERIOD = Duration.ofSeconds(2);

    /** Below this the disk counts as full: journal and index need room for what frees them. */
    private static final long LEAST_FREE_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Daemon daemon;
    private final LocalServer server;
    private final HealthRegistry health;
    private final Path journalFolder;
    private final LimitConfig limits;
    private final boolean endsWhenIdle;

    /** @param endsWhenIdle whether the daemon was started by a command that needed it, and ends by itself */
    Watch(
            Daemon daemon,
            LocalServer server,
            HealthRegistry health,
            Path journalFolder,
            LimitConfig limits,
            boolean endsWhenIdle) {
        this.daemon = daemon;
        this.server = server;
        this.health = health;
        this.journalFolder = journalFolder;
        this.limits = limits;
        this.endsWhenIdle = endsWhenIdle;
    }

    @Override
    public void run() {
        try {
            Optional<Engine> engine = daemon.engine();
            if (engine.isPresent()) {
                EngineHealth.examine(engine.get(), health);
            }
            examineDisk();
            if (endsWhenIdle && isIdle(engine)) {
                LOG.info("Nothing to do for {}: ending", limits.idle());
                daemon.stop(Optional.empty(), Optional.of(Duration.ZERO), false, text -> {});
                daemon.exit();
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("Looking after the daemon failed", e);
        }
    }

    private boolean isIdle(Optional<Engine> engine) {
        return server.idleNanos() > limits.idle().toNanos()
                && (engine.isEmpty()
                        || (engine.get().mount().isEmpty() && new Pending(engine.get()).operations() == 0));
    }

    private void examineDisk() throws IOException {
        Path existing = journalFolder;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        long free = Files.getFileStore(existing).getUsableSpace();
        health.set(
                free < LEAST_FREE_BYTES,
                HealthCode.DISK_FULL,
                "",
                "The disk under " + journalFolder + " has only " + Pending.size(free) + " left.",
                "Free some space there, or move the journal (journal.folder in daemon.yml).");
    }
}
