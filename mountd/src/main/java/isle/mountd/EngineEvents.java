package isle.mountd;

import isle.fs.cache.CacheEvents;
import isle.fs.model.FsException;
import isle.fs.vfs.CommitEvents;
import isle.mountd.health.HealthCode;
import isle.mountd.health.HealthRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the parts report, as health. */
final class EngineEvents implements CommitEvents, CacheEvents {

    private static final Logger LOG = LoggerFactory.getLogger(EngineEvents.class);

    private final HealthRegistry health;

    EngineEvents(HealthRegistry health) {
        this.health = health;
    }

    @Override
    public void conflict(String path) {
        health.raise(
                HealthCode.CONFLICT,
                path,
                "Two hosts changed the same file; this host's version is " + path + ".",
                "Compare the two, keep what you want, and remove the other.");
    }

    @Override
    public void failed(FsException reason) {
        LOG.debug("The store did not take a change: {}", reason.getMessage());
    }

    @Override
    public void damaged(String what) {
        LOG.error("Damage: {}", what);
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
