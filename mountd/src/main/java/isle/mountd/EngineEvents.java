package isle.mountd;

import isle.fs.cache.CacheEvents;
import isle.fs.model.FsException;
import isle.fs.vfs.CommitEvents;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the parts report, as health. */
final class EngineEvents implements CommitEvents, CacheEvents {

    private static final Logger LOG = LoggerFactory.getLogger(EngineEvents.class);

    private static final int SAY_EVERY_SECONDS = 10;

    private final HealthRegistry health;

    /** Failures since the last line about them, and when that was; under the monitor. */
    private int unsaid;

    private long saidNanos = System.nanoTime() - TimeUnit.SECONDS.toNanos(SAY_EVERY_SECONDS);

    EngineEvents(HealthRegistry health) {
        this.health = health;
    }

    @Override
    public void conflict(String path) {
        health.raise(
                HealthCode.CONFLICT,
                path,
                "Two hosts changed the same name; one version is " + path + ".",
                "Compare the two, keep what you want, and remove or rename the other.");
    }

    @Override
    public void resolved(String path) {
        health.clear(HealthCode.CONFLICT, path);
    }

    /** One line for many: a store that is away fails a thousand changes at once. */
    @Override
    public synchronized void failed(FsException reason) {
        long now = System.nanoTime();
        unsaid++;
        if (now - saidNanos < TimeUnit.SECONDS.toNanos(SAY_EVERY_SECONDS)) {
            return;
        }
        LOG.info("The store did not take {} of our changes, the last because of: {}", unsaid, reason.getMessage());
        saidNanos = now;
        unsaid = 0;
    }

    @Override
    public void damaged(String what) {
        // It may name a file, which no log of private/ may do.
        LOG.error("The journal is damaged; isle status says where");
        health.raise(
                HealthCode.JOURNAL_DAMAGED,
                what,
                "Records of the journal could not be read: " + what + ".",
                "Check the disk; files written just before may be older than expected.");
    }

    @Override
    public void indexFailing(FsException reason) {
        if (reason instanceof FsException.Corrupt) {
            health.raise(
                    HealthCode.INDEX_DAMAGED,
                    "",
                    "The index of what the stores list is damaged (" + reason.getMessage() + ").",
                    "Run 'isle unmount' and 'isle mount': it is made anew. Nothing is lost; check the disk.");
        } else {
            health.raise(
                    HealthCode.INDEX_FAILING,
                    "",
                    "The index of what the stores list takes no changes: " + reason.getMessage() + ".",
                    "Free some space under the profile's state folder; the journal keeps everything meanwhile.");
        }
    }

    @Override
    public void indexWorks() {
        health.clear(HealthCode.INDEX_FAILING, "");
    }

    @Override
    public void diskFailed(String what) {
        health.raise(
                HealthCode.CACHE_FAILING,
                "",
                "The disk of the cache does not take blocks: " + what + ".",
                "Everything else goes on; free some space or move the cache (cache.folder in daemon.yml).");
    }

    @Override
    public void diskRecovered() {
        health.clear(HealthCode.CACHE_FAILING, "");
    }

    @Override
    public void damageFound(String what) {
        health.raise(
                HealthCode.CACHE_DAMAGED,
                "",
                "A cached block was damaged, was dropped, and is fetched again: " + what + ".",
                "If it happens often, check the disk.");
    }
}
