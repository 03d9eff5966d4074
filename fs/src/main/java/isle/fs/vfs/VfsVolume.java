package isle.fs.vfs;

import isle.fs.cache.BlockCache;
import isle.fs.index.Index;
import isle.fs.index.IndexChange;
import isle.fs.journal.Journal;
import isle.fs.model.FsException;
import isle.fs.spi.AtRest;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One volume with everything that works on it. */
final class VfsVolume implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VfsVolume.class);

    final VolumeTree tree;
    final Loader loader;
    final Names names;
    final VolumeFiles files;
    final VolumeAttributes attributes;
    final Committer committer;
    final SpaceFigures space;
    final IndexQueue queue;

    /** What all volumes share. */
    record Shared(
            Index index,
            BlockCache cache,
            VfsClock clock,
            Workers workers,
            ChangeListener listener,
            CommitEvents events,
            String device) {}

    private VfsVolume(VolumeTree tree, IndexQueue queue, Shared shared, List<Committer> others) {
        this.tree = tree;
        this.queue = queue;
        this.loader = new Loader(tree, queue, shared.listener(), shared.workers());
        Signal signal = new Signal();
        Room room = new Room(tree, signal);
        ContentReader reader = new ContentReader(tree);
        this.names = new Names(tree, loader, room, signal);
        this.files = new VolumeFiles(tree, loader, reader, room, signal);
        this.attributes = new VolumeAttributes(tree, files, signal);
        this.space = new SpaceFigures(tree, shared.workers().refreshes());
        CommitPlan plan = tree.isByReference()
                ? new ReferencePlan(tree, reader, room, () -> oldestWaiting(others))
                : new PlacePlan(tree, reader, room, () -> oldestWaiting(others), shared.device());
        CommitLedger ledger = new CommitLedger(tree, queue, loader, shared.listener(), shared.events());
        this.committer = new Committer(
                tree,
                new Committer.Parts(
                        plan,
                        ledger,
                        new AttemptLedger(tree, queue, loader),
                        new Checkpoint(tree, queue),
                        loader,
                        room,
                        new Staging(tree, reader, room, shared.device()),
                        shared.workers().transfers()));
        signal.target = committer;
    }

    private OptionalLong oldestWaiting(List<Committer> others) {
        return others.stream()
                .filter(other -> other != committer)
                .map(Committer::oldestWaitingNanos)
                .flatMapToLong(OptionalLong::stream)
                .min();
    }

    /** Wakes the committer once there is one. */
    private static final class Signal implements Runnable {
        private volatile @Nullable Committer target;

        @Override
        public void run() {
            Committer committer = target;
            if (committer != null) {
                committer.signal();
            }
        }
    }

    /**
     * Opens a volume: replays its journal and starts its committer.
     *
     * @param others committers of all volumes, also of those opened later
     */
    static VfsVolume open(VolumeSetup setup, Shared shared, List<Committer> others) throws FsException {
        AtRest atRest = setup.atRest();
        BlockCache cache = shared.cache().forVolume(setup.volume().traits().name(), atRest.blocks());
        VolumeTree tree = new VolumeTree(setup, shared.index(), cache, shared.clock(), shared.events());
        Replay replay = new Replay(tree);
        Journal journal = Journal.open(setup.journalDisk(), setup.journalSettings(), atRest.journal(), replay);
        tree.attach(journal);
        replay.finish(tree.index);
        tree.volume.pin(() -> {
            try (TreeLock.Held held = tree.lock.read()) {
                return tree.dirty.versions();
            }
        });
        if (!tree.dirty.inOrder(1).isEmpty()) {
            tree.volume.inherit();
        }
        for (String damage : replay.damages()) {
            shared.events().damaged("journal of " + tree.name() + ": " + damage);
        }
        IndexQueue queue = new IndexQueue(tree.name(), tree.index, shared.events());
        VfsVolume volume = new VfsVolume(tree, queue, shared, others);
        if (!shared.workers().stepped()) {
            queue.start();
            volume.committer.start();
        }
        volume.resumeMoves(shared.workers().background());
        return volume;
    }

    /** Goes on with directories whose content was on the move when the last run ended. */
    private void resumeMoves(ExecutorService background) {
        for (Inode inode : tree.inodes.values()) {
            Inode.Directory directory = inode.directory;
            if (directory != null && !directory.left.isEmpty()) {
                background.execute(() -> {
                    try {
                        loader.load(inode);
                        try (TreeLock.Held held = tree.lock.write()) {
                            loader.markMisplaced(inode, directory);
                        }
                        committer.signal();
                    } catch (FsException e) {
                        LOG.debug("a moved folder cannot be loaded yet: {}", e.getMessage());
                    }
                });
            }
        }
    }

    Volume volume() {
        return tree.volume;
    }

    /** The times of directories in which names came and went that the store never had. */
    private List<IndexChange> touched() {
        List<IndexChange> changes = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.write()) {
            tree.inodes.values().forEach(inode -> Reconciler.putTouched(changes, inode));
        }
        return changes;
    }

    @Override
    public void close() {
        committer.close();
        queue.add(touched());
        queue.close();
        try {
            tree.journal().close();
        } catch (FsException e) {
            LOG.error("the journal of {} was not closed cleanly: {}", tree.name(), e.getMessage());
        }
        tree.volume.close();
    }
}
