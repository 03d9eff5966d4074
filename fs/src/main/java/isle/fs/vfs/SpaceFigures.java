package isle.fs.vfs;

import isle.fs.index.Totals;
import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.vfs.FileSystem.VolumeSpace;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code df} says of a volume: the store's own figures where it gives them, else what the index knows as used and
 * what the journal can take as free. Answers from memory; the store is asked in the background.
 */
final class SpaceFigures {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceFigures.class);
    /** An object store has no table of inodes that could fill up. */
    private static final long FREE_NAMES = 1L << 31;

    private static final Totals NOTHING = new Totals(0, 0);

    private static final long FRESH_NANOS = 10_000_000_000L;

    private final VolumeTree tree;
    private final Executor refreshes;
    private ObjectStore.Statistics last =
            new ObjectStore.Statistics(Optional.empty(), Optional.empty(), Optional.empty());
    private long askedNanos;
    private boolean asking;
    private boolean asked;

    SpaceFigures(VolumeTree tree, Executor refreshes) {
        this.tree = tree;
        this.refreshes = refreshes;
    }

    VolumeSpace now() {
        refreshIfOld();
        Totals totals = tree.index == null ? NOTHING : tree.index.totals(tree.root.id);
        ObjectStore.Statistics store;
        synchronized (this) {
            store = last;
        }
        long used = Math.max(totals.bytes(), store.usedBytes().orElse(0L));
        long journalFree =
                Math.max(0, tree.journal().capBytes() - tree.journal().usedBytes());
        long free = store.freeBytes().orElse(journalFree);
        long total = Math.max(store.totalBytes().orElse(0L), used + free);
        long names = totals.entries() + 1;
        return new VolumeSpace(total, free, names + FREE_NAMES, FREE_NAMES);
    }

    private synchronized void refreshIfOld() {
        long now = tree.clock.nanos();
        if (asking || (asked && now - askedNanos < FRESH_NANOS)) {
            return;
        }
        asking = true;
        asked = true;
        askedNanos = now;
        refreshes.execute(this::ask);
    }

    private void ask() {
        ObjectStore.Statistics answer = null;
        try {
            answer = tree.volume.statistics();
        } catch (FsException e) {
            LOG.debug("no figures from the store: {}", e.getMessage());
        }
        synchronized (this) {
            asking = false;
            last = answer == null ? last : answer;
        }
    }
}
