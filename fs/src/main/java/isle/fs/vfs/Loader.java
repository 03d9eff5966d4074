package isle.fs.vfs;

import isle.fs.index.DirectoryState;
import isle.fs.index.Index;
import isle.fs.index.IndexEntry;
import isle.fs.journal.JournalRecord;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings directories into memory: from the index where it knows them, by one list of the store where it does not, and
 * again in the background when what is known has become old.
 */
final class Loader {
    private static final Logger LOG = LoggerFactory.getLogger(Loader.class);

    /** A view older than this is refreshed in the background when somebody looks. */
    static final long FRESH_MILLIS = 5000;

    private static final Duration INDEX_WAIT = Duration.ofSeconds(5);

    private final VolumeTree tree;
    private final IndexQueue queue;
    private final Reconciler reconciler;
    private final Describer describer;
    private final Executor refreshes;

    Loader(VolumeTree tree, IndexQueue queue, ChangeListener listener, Workers workers) {
        this.tree = tree;
        this.queue = queue;
        this.refreshes = workers.refreshes();
        this.reconciler = new Reconciler(tree, queue, listener);
        this.describer = new Describer(tree, queue, workers.background());
    }

    /** Returns when all names of a directory are in memory. */
    void load(Inode inode) throws FsException {
        Inode.Directory directory = inode.asDirectory();
        boolean loaded;
        boolean old;
        try (TreeLock.Held held = tree.lock.read()) {
            loaded = directory.loaded;
            old = isOld(inode, directory);
        }
        if (!loaded) {
            directory.load.lock();
            try {
                loadNow(inode, directory);
            } finally {
                directory.load.unlock();
            }
        } else if (old) {
            refreshLater(inode, directory);
        }
    }

    private boolean isOld(Inode inode, Inode.Directory directory) {
        return inode.stored != null
                && !directory.removed
                && !directory.refreshing
                && directory.listed.isOlderThan(FRESH_MILLIS, tree.clock);
    }

    private void loadNow(Inode inode, Inode.Directory directory) throws FsException {
        boolean empty;
        try (TreeLock.Held held = tree.lock.read()) {
            if (directory.loaded) {
                return;
            }
            empty = inode.stored == null;
        }
        if (empty) {
            try (TreeLock.Held held = tree.lock.write()) {
                directory.loaded = true;
            }
            return;
        }
        // Before anything is read: a name whose removal is committed meanwhile does not come back by it.
        long stamp = beginListing(directory);
        try {
            takeIn(inode, directory, stamp);
        } finally {
            endListing(directory);
        }
    }

    private void takeIn(Inode inode, Inode.Directory directory, long stamp) throws FsException {
        Index index = tree.index;
        if (index == null) {
            takeKnown(inode, stamp);
            return;
        }
        boolean current = queue.barrier(INDEX_WAIT);
        Optional<DirectoryState> state = index.directory(inode.id);
        if (current && state.isPresent() && state.get().complete()) {
            install(
                    inode,
                    directory,
                    index.children(inode.id),
                    stamp,
                    state.get().listedMillis());
        } else {
            noteNumbers(index.children(inode.id));
            list(inode);
        }
    }

    /** From what the volume remembers; what that is worth is for the next look to ask. */
    private void takeKnown(Inode inode, long stamp) throws FsException {
        String ref = refOf(inode);
        Optional<List<Volume.Entry>> known = ref == null ? Optional.empty() : tree.volume.known(ref);
        if (ref == null || known.isEmpty()) {
            list(inode);
        } else {
            reconciler.apply(inode, ref, known.get(), stamp, Listing.NEVER);
        }
    }

    private @Nullable String refOf(Inode inode) {
        try (TreeLock.Held held = tree.lock.read()) {
            Volume.Source stored = inode.stored;
            return stored == null ? null : stored.ref();
        }
    }

    /**
     * An index that does not know every name of a directory still knows some: the directories among them keep their
     * numbers, by which the journal may tell what is in them.
     */
    private void noteNumbers(List<IndexEntry> rows) {
        try (TreeLock.Held held = tree.lock.write()) {
            for (IndexEntry row : rows) {
                Inode known = tree.inodes.get(row.inode());
                boolean free = known == null || (known.directory != null && known.dentry == null);
                if (free && row.attributes().kind() == FileKind.DIRECTORY) {
                    tree.placedNumbers.putIfAbsent(row.ref(), row.inode());
                }
            }
        }
    }

    private long beginListing(Inode.Directory directory) {
        try (TreeLock.Held held = tree.lock.write()) {
            directory.listing++;
            return tree.commitCounter;
        }
    }

    private void endListing(Inode.Directory directory) {
        try (TreeLock.Held held = tree.lock.write()) {
            directory.listing--;
            if (directory.listing == 0) {
                directory.settled.clear();
            }
        }
    }

    /** Takes a directory from the index, which was asked after {@code stamp}. */
    private void install(Inode inode, Inode.Directory directory, List<IndexEntry> rows, long stamp, long listedMillis)
            throws FsException {
        try (TreeLock.Held held = tree.lock.write()) {
            for (IndexEntry row : rows) {
                Dentry known = directory.children.get(row.name());
                boolean taken = known != null && (known.inode != null || known.storedHere != null);
                if (!taken && directory.settled.getOrDefault(row.name(), 0L) <= stamp) {
                    adopt(inode, row);
                }
            }
            directory.loaded = true;
            if (!directory.left.isEmpty()) {
                markMisplaced(inode, directory);
            }
            directory.listed = Listing.told(listedMillis, tree.clock);
        }
    }

    /** Makes the dentry and the inode of a row of the index. Caller holds the write lock. */
    private void adopt(Inode parent, IndexEntry row) throws FsException {
        Volume.Source stored = new Volume.Source(row.ref(), row.version());
        Dentry slot = tree.slot(parent, row.name());
        slot.storedHere = stored;
        slot.storedInode = row.inode();
        Inode known = tree.inodes.get(row.inode());
        if (known != null && known.dentry != null) {
            // Renamed here and not yet in the store: the row tells where it was, the journal where it is.
            Volume.Source lies = known.stored;
            if (lies != null && lies.ref().equals(row.ref())) {
                tree.displaced.put(row.ref(), new VolumeTree.Displaced(known, slot));
                tree.markDirty(slot);
            } else {
                slot.storedHere = null;
                tree.dropIfVoid(slot);
            }
            return;
        }
        Inode child = known != null ? known : new Inode(row.inode(), row.attributes());
        if (known != null && known.directory == null) {
            tree.dropIfVoid(slot);
            return;
        }
        child.attributes = row.attributes();
        child.stored = stored;
        child.described = row.described();
        tree.inodes.put(child.id, child);
        tree.setMeaning(slot, child);
    }

    /**
     * Finds the children that an earlier rename has not moved yet, and journals where they lie: a lost index could not
     * tell it. Caller holds the write lock.
     */
    void markMisplaced(Inode inode, Inode.Directory directory) throws FsException {
        String place = Objects.requireNonNull(inode.stored).ref();
        List<JournalRecord.InodeState> states = new ArrayList<>();
        List<JournalRecord.LinkState> links = new ArrayList<>();
        for (Dentry child : directory.children.values()) {
            Volume.Source here = child.storedHere;
            Inode below = child.inode;
            boolean astray = here != null && !Leftovers.isIn(place, here.ref());
            if (!astray && child.misplaced) {
                // The directory has come back to where it was. What has got the name since lies where it lay.
                tree.setMisplaced(child, false);
                if (below != null && below.stored != null && child.liesAt(below.stored.ref())) {
                    tree.undisplace(below);
                }
            }
            if (here == null || !astray || child.misplaced) {
                continue;
            }
            tree.noteMisplaced(child);
            directory.hasLeft(directory.topOf(Leftovers.above(here.ref())));
            if (below != null) {
                states.add(VolumeTree.stateOf(below, below.changedAt));
            }
            links.add(VolumeTree.stateOf(child, child.sequence));
        }
        if (directory.misplaced == 0) {
            directory.left.clear();
        }
        if (!links.isEmpty()) {
            tree.writePlace(inode);
            tree.append(new JournalRecord.Operation(states, links));
        }
    }

    /** A directory lies at another place than before: what is in it has to follow. Caller holds the write lock. */
    void follow(Inode inode, String top) throws FsException {
        if (inode.directory != null) {
            inode.directory.hasLeft(top);
            markMisplaced(inode, inode.directory);
        }
    }

    /** Lists the store and takes over what it says. Holds the directory's load lock, no other. */
    void list(Inode inode) throws FsException {
        String ref = refOf(inode);
        Inode.Directory directory = inode.asDirectory();
        if (ref == null) {
            return;
        }
        long stamp = beginListing(directory);
        try {
            Listing now = Listing.now(tree.clock);
            reconciler.apply(inode, ref, tree.volume.list(ref), stamp, now);
        } finally {
            endListing(directory);
        }
    }

    private void refreshLater(Inode inode, Inode.Directory directory) {
        try (TreeLock.Held held = tree.lock.write()) {
            if (directory.refreshing) {
                return;
            }
            directory.refreshing = true;
        }
        refreshes.execute(() -> refresh(inode, directory));
    }

    private void refresh(Inode inode, Inode.Directory directory) {
        directory.load.lock();
        try {
            list(inode);
        } catch (FsException e) {
            LOG.debug("a folder could not be refreshed: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a folder could not be refreshed", e);
        } finally {
            directory.load.unlock();
            try (TreeLock.Held held = tree.lock.write()) {
                directory.refreshing = false;
            }
        }
    }

    /** Lists a directory now, whatever is known; for who has met a version that is gone. */
    void refreshNow(Inode inode) throws FsException {
        Inode.Directory directory = inode.asDirectory();
        directory.load.lock();
        try {
            list(inode);
        } finally {
            directory.load.unlock();
        }
    }

    /** Completes attributes that a list could not tell, as far as the store answers. */
    void describe(Inode inode) {
        describer.describe(inode);
    }

    /**
     * Checks the keys of everything known below a directory that is to lie at another place. Caller holds the write
     * lock.
     */
    void requirePlacesBelow(Inode inode, String ref) throws FsException {
        Inode.Directory directory = inode.asDirectory();
        if (directory.loaded) {
            for (Dentry child : directory.children.values()) {
                Inode below = child.inode;
                if (below != null) {
                    String place = tree.volume.place(ref, child.name, below.attributes.kind());
                    if (below.isDirectory()) {
                        requirePlacesBelow(below, place);
                    }
                }
            }
        } else {
            requireKnownPlaces(inode.id, ref);
        }
    }

    private void requireKnownPlaces(long directory, String ref) throws FsException {
        Index index = tree.index;
        for (IndexEntry row : index == null ? List.<IndexEntry>of() : index.children(directory)) {
            FileKind kind = row.attributes().kind();
            String place = tree.volume.place(ref, row.name(), kind);
            if (kind == FileKind.DIRECTORY) {
                requireKnownPlaces(row.inode(), place);
            }
        }
    }

    /** All directories from here down, each loaded; for a move that has to touch everything. */
    List<Inode> loadTree(Inode top) throws FsException {
        List<Inode> found = new ArrayList<>(List.of(top));
        for (int i = 0; i < found.size(); i++) {
            Inode directory = found.get(i);
            load(directory);
            try (TreeLock.Held held = tree.lock.read()) {
                for (Dentry child : directory.asDirectory().children.values()) {
                    Inode below = child.inode;
                    if (below != null && below.isDirectory()) {
                        found.add(below);
                    }
                }
            }
        }
        return found;
    }

    static boolean isKept(FileName name) {
        return name.raw().startsWith(VolumeTree.KEEP_PREFIX);
    }
}
