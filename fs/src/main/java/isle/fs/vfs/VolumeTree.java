package isle.fs.vfs;

import isle.fs.cache.BlockCache;
import isle.fs.index.Index;
import isle.fs.index.InodeNumbers;
import isle.fs.journal.Appended;
import isle.fs.journal.Journal;
import isle.fs.journal.JournalRecord;
import isle.fs.journal.JournalRecordCodec;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of one volume that all its parts work on: names, inodes, what of them the store does not have yet, and the
 * journal that can tell it again. Whoever holds {@link #lock} for writing has everything to itself; under the read lock
 * an inode's own lock guards its attributes and content.
 */
final class VolumeTree {
    /** Names that isle keeps for itself at the root of a volume: content of files that were unlinked while open. */
    static final String KEEP_PREFIX = ".isle-keep.";

    final int number;
    final Volume volume;

    /** What the store was last known to have; null for a volume that knows it by itself. */
    final @Nullable Index index;

    final BlockCache cache;
    final VfsClock clock;
    final Ownership ownership;
    final boolean readOnly;
    final TreeLock lock = new TreeLock();
    final Inode root;
    final Map<Long, Inode> inodes = new ConcurrentHashMap<>();
    final DirtyNames dirty = new DirtyNames();

    /** Places in the store whose content belongs to an inode that is elsewhere by now. Tree lock. */
    final Map<String, Displaced> displaced = new HashMap<>();

    /** Old places of directories that were renamed, until everything in them has moved. Tree lock. */
    private final Set<String> vacating = new HashSet<>();

    /** Places of isle's own whose content nobody needs any more. */
    final Set<String> abandonedKeeps = ConcurrentHashMap.newKeySet();

    /** Places that keep such content for files that are still open. Tree lock. */
    final Set<String> liveKeeps = new HashSet<>();

    /** Objects that have parts of files ahead of their commit, with the bytes of them that are needed. */
    final Map<String, Long> staged = new ConcurrentHashMap<>();

    /** Learns what the last attempt at an inode has done, if that is open and the store answers. Takes locks. */
    volatile Consumer<Inode> resolver = inode -> {};

    final Refusal refusal;

    /** Places of directories that a lost index gave numbers to. Tree lock. */
    final Map<String, Long> placedNumbers = new HashMap<>();

    /** Directories whose place the journal knows since its last checkpoint. Tree lock. */
    private final Set<Long> placed = ConcurrentHashMap.newKeySet();

    /** Inodes whose state and name the journal has since its last checkpoint. */
    private final Set<Long> introduced = ConcurrentHashMap.newKeySet();

    /** Counts commits; a list begun before a commit must not undo it. Tree lock. */
    long commitCounter;

    private final Landings landings = new Landings();

    final Conflicts conflicts;

    final Numbers numbers;

    private @Nullable Journal journal;

    VolumeTree(VolumeSetup setup, Index index, BlockCache cache, VfsClock clock, CommitEvents events) {
        this.conflicts = new Conflicts(setup.volume().traits(), events);
        this.number = setup.number();
        this.volume = setup.volume();
        this.ownership = setup.ownership();
        this.readOnly = setup.readOnly();
        this.index = setup.volume().traits().byReference() ? null : index;
        this.numbers = new Numbers(number, volume, this.index, inodes::containsKey);
        this.cache = cache;
        this.clock = clock;
        this.refusal = new Refusal(clock);
        Timestamp now = clock.now();
        this.root = new Inode(
                InodeNumbers.rootOf(number),
                Attributes.of(FileKind.DIRECTORY, setup.rootPermissions(), ownership.uid(), ownership.gid(), 0, now));
        this.root.stored = new Volume.Source("", null);
        inodes.put(root.id, root);
    }

    /** An inode whose content lies under a name that is not its own any more, and that name. */
    record Displaced(Inode inode, Dentry slot) {}

    void attach(Journal opened) {
        this.journal = opened;
    }

    Journal journal() {
        return Objects.requireNonNull(journal, "journal of a volume that is not open");
    }

    /**
     * Gives up data of an inode that is no longer needed; while a commit of the inode reads it, not before that has
     * ended. For who holds the inode's lock under the tree lock, or the tree lock for writing.
     */
    ExtentMap.Freed freed(Inode inode) {
        return (origin, bytes) -> {
            if (origin instanceof Origin.Journaled journaled) {
                long segment = journaled.location().segment();
                if (inode.inFlight || inode.staging) {
                    inode.freedLater().segments().merge(segment, bytes, Long::sum);
                } else {
                    journal().release(segment, bytes);
                }
            } else if (origin instanceof Origin.Staged object) {
                String ref = object.object().ref();
                if (inode.inFlight) {
                    inode.freedLater().objects().merge(ref, bytes, Long::sum);
                } else {
                    unstage(ref, bytes);
                }
            }
        };
    }

    /** An object with a part of a file is needed for fewer bytes; with none it goes. */
    void unstage(String ref, long bytes) {
        Long left = staged.computeIfPresent(ref, (r, needed) -> needed > bytes ? needed - bytes : null);
        if (left == null) {
            abandonedKeeps.add(ref);
        }
    }

    /** A commit of the inode has ended. Caller holds the write lock. */
    void landed(Inode inode) {
        inode.inFlight = false;
        inode.staging = false;
        Inode.Freed freed = inode.takeFreed();
        if (freed != null) {
            freed.segments().forEach(journal()::release);
            freed.objects().forEach(this::unstage);
        }
        landings.add();
    }

    /** Waits a moment for a commit to end. Caller holds no lock. */
    void awaitLanding() {
        landings.await(clock);
    }

    String name() {
        return volume.traits().name();
    }

    void requireWritable() throws FsException {
        if (readOnly) {
            throw new FsException.ReadOnly(name() + " is mounted read-only");
        }
    }

    /** The inode of a number that was handed out; NotFound for one that is gone. */
    Inode inode(long id) throws FsException {
        Inode found = inodes.get(id);
        if (found == null) {
            throw new FsException.NotFound("inode " + id + " of " + name() + " is gone");
        }
        return found;
    }

    /** Whether names refer to what they mean, wherever that lies ({@link Volume.Traits#byReference}). */
    boolean isByReference() {
        return index == null;
    }

    long newNumber() throws FsException {
        return numbers.next();
    }

    /** The number of the inode that a ref means; 0 if refs do not tell. */
    long numberOf(String ref) {
        return numbers.of(ref);
    }

    /** What the index was told so far is safe on disk. */
    void forceIndex() throws FsException {
        if (index != null) {
            index.force();
        }
    }

    /** The dentry of a name, made if there is none. Caller holds the write lock. */
    Dentry slot(Inode parent, FileName name) throws FsException {
        return parent.asDirectory().children.computeIfAbsent(name, n -> new Dentry(parent, n));
    }

    /** What a name means; null for nothing. Caller holds the tree lock. */
    static @Nullable Inode child(Inode parent, FileName name) throws FsException {
        Dentry dentry = parent.asDirectory().children.get(name);
        return dentry == null ? null : dentry.inode;
    }

    /** Gives a name a meaning, keeping counts. Caller holds the write lock. */
    void setMeaning(Dentry dentry, @Nullable Inode inode) {
        Inode.Directory directory = Objects.requireNonNull(dentry.parent.directory);
        if (dentry.inode != null && dentry.inode.isDirectory()) {
            directory.directories--;
        }
        if (inode != null && inode.isDirectory()) {
            directory.directories++;
        }
        dentry.inode = inode;
        if (inode != null) {
            inode.dentry = dentry;
        }
        conflicts.meant(dentry);
    }

    /** Forgets a dentry that neither means anything nor has anything in the store. Caller holds the write lock. */
    void dropIfVoid(Dentry dentry) {
        if (dentry.inode == null && dentry.storedHere == null && !dentry.inFlight && dentry.tokens.isEmpty()) {
            setMisplaced(dentry, false);
            dirty.remove(dentry);
            Inode.Directory directory = Objects.requireNonNull(dentry.parent.directory);
            directory.children.remove(dentry.name, dentry);
        }
    }

    /** The store has what a name means. Caller holds the write lock. */
    void clean(Dentry dentry) {
        dirty.remove(dentry);
        dropIfVoid(dentry);
    }

    void setMisplaced(Dentry dentry, boolean misplaced) {
        if (dentry.misplaced != misplaced) {
            dentry.misplaced = misplaced;
            Inode.Directory directory = Objects.requireNonNull(dentry.parent.directory);
            directory.misplaced += misplaced ? 1 : -1;
        }
    }

    /** The store still has a name at the place that it had before an ancestor was renamed. Caller writes. */
    void noteMisplaced(Dentry dentry) {
        setMisplaced(dentry, true);
        markDirty(dentry);
        Volume.Source here = dentry.storedHere;
        Inode inode = dentry.inode;
        if (here != null) {
            vacating.add(Leftovers.above(here.ref()));
        }
        if (here != null
                && inode != null
                && inode.stored != null
                && inode.stored.ref().equals(here.ref())) {
            displaced.put(here.ref(), new Displaced(inode, dentry));
        }
    }

    /**
     * Some of what the store still has of a renamed directory at this, its old place, which another is to take; null if
     * nothing. What is in that other one is in nobody's way. Caller writes.
     */
    @Nullable Displaced leftAt(String directoryRef, Inode taker) {
        if (!vacating.contains(directoryRef)) {
            return null;
        }
        boolean empty = true;
        for (Map.Entry<String, Displaced> entry : displaced.entrySet()) {
            if (entry.getKey().startsWith(directoryRef)) {
                empty = false;
                Inode lying = entry.getValue().inode();
                if (lying != taker && !lying.isInside(taker)) {
                    return entry.getValue();
                }
            }
        }
        if (empty) {
            vacating.remove(directoryRef);
        }
        return null;
    }

    /** Whether the store differs from what is meant here. Caller holds the tree lock, and the inode's or for writing. */
    static boolean isDirty(Dentry dentry) {
        Inode inode = dentry.inode;
        Volume.Source here = dentry.storedHere;
        if (inode == null) {
            return here != null || !dentry.tokens.isEmpty();
        }
        Volume.Source stored = inode.stored;
        return here == null
                || dentry.isUncertain()
                || stored == null
                || !stored.ref().equals(here.ref())
                || dentry.misplaced
                || inode.changedAt > inode.storedUpTo;
    }

    /** Where a directory lies in the store, or will once its ancestors are committed. Caller holds the tree lock. */
    String prospectiveRef(Inode directory) throws FsException {
        Dentry dentry = directory.dentry;
        if (dentry == null) {
            Volume.Source stored = directory.stored;
            if (stored == null) {
                throw new FsException.NotFound("the directory was removed");
            }
            return stored.ref();
        }
        return volume.place(prospectiveRef(dentry.parent), dentry.name, FileKind.DIRECTORY);
    }

    /** Writes a record; returns its sequence. Caller holds the tree lock. */
    long append(JournalRecord record) throws FsException {
        return journal().append(JournalRecordCodec.typeOf(record), JournalRecordCodec.encode(record));
    }

    /** Writes a record with data. Caller holds the tree lock. */
    Appended append(JournalRecord record, ByteBuffer data) throws FsException {
        return journal().append(JournalRecordCodec.typeOf(record), JournalRecordCodec.encode(record), data);
    }

    /**
     * Journals the states that these inodes and names have now and marks them dirty. Caller holds the write lock, and
     * has changed nothing that it could not take back if this fails.
     */
    void journalChange(List<Inode> changed, List<Dentry> names) throws FsException {
        for (Dentry name : names) {
            writePlace(name.parent);
        }
        long sequence = append(new JournalRecord.Operation(
                changed.stream().map(inode -> stateOf(inode, 0)).toList(),
                names.stream().map(name -> stateOf(name, 0)).toList()));
        for (Inode inode : changed) {
            introduced.add(inode.id);
            inode.changedAt = sequence;
            inode.dirtyNanos = clock.nanos();
        }
        for (Dentry name : names) {
            name.sequence = sequence;
            markDirty(name);
        }
        for (Inode inode : changed) {
            Dentry dentry = inode.dentry;
            if (dentry != null) {
                markDirty(dentry);
            }
        }
    }

    /**
     * Makes sure that the journal, read from its last checkpoint on, knows this inode and its name, before a record
     * about its content. Caller holds the tree lock and the inode's.
     */
    void introduce(Inode inode) throws FsException {
        Dentry dentry = inode.dentry;
        if (dentry == null || !introduced.add(inode.id)) {
            return;
        }
        try {
            writePlace(dentry.parent);
            append(new JournalRecord.Operation(
                    List.of(stateOf(inode, inode.changedAt)), List.of(stateOf(dentry, dentry.sequence))));
        } catch (FsException e) {
            introduced.remove(inode.id);
            throw e;
        }
    }

    /**
     * The store has something else under a name, or a name for something, than the journal knows: what it says of the
     * inode next has to begin with where that lies now. Caller holds the write lock.
     */
    void forgetIntroduced(Inode inode) {
        introduced.remove(inode.id);
        placed.remove(inode.id);
    }

    /** Puts a name among those that the committer looks at. */
    void markDirty(Dentry dentry) {
        dentry.dirtyNanos = clock.nanos();
        dirty.add(dentry);
    }

    /** Journals where a directory lies, unless the journal has it since its last checkpoint. */
    void writePlace(Inode directory) throws FsException {
        Volume.Source stored = directory.stored;
        if (stored != null && directory != root && placed.add(directory.id)) {
            append(new JournalRecord.Place(directory.id, stored.ref()));
            if (directory.asDirectory().removed) {
                append(new JournalRecord.Removed(directory.id));
                append(new JournalRecord.Operation(List.of(stateOf(directory, directory.changedAt)), List.of()));
            }
        }
    }

    /** A checkpoint begins: what the journal knew by earlier records is to be said again. Caller writes alone. */
    void forgetIntroduced() {
        placed.clear();
        introduced.clear();
    }

    /** In a checkpoint: the inode was written. */
    void markIntroduced(Inode inode) {
        introduced.add(inode.id);
    }

    static JournalRecord.InodeState stateOf(Inode inode, long changedAt) {
        List<String> left = inode.directory == null ? List.of() : List.copyOf(inode.directory.left);
        return new JournalRecord.InodeState(inode.id, inode.attributes, inode.stored, left, changedAt);
    }

    static JournalRecord.LinkState stateOf(Dentry dentry, long changedAt) {
        Inode inode = dentry.inode;
        return new JournalRecord.LinkState(
                dentry.parent.id, dentry.name, inode == null ? 0 : inode.id, dentry.storedHere, changedAt);
    }

    /** The kernel's view of a directory changes with its names. Caller holds the write lock. */
    void touch(Inode directory, PosixRule rule) {
        if (!rule.holds()) {
            return;
        }
        Timestamp now = clock.now();
        directory.attributes = directory.attributes.withMtime(now).withCtime(now);
        if (directory.directory != null) {
            directory.directory.touched = true;
        }
    }

    /** An inode without names and handles: its journal data is no longer needed. Caller holds the write lock. */
    void forgetIfDead(Inode inode) {
        boolean unused = inode.handles == 0 || !PosixRule.REMOVED_FILES_LIVE_ON.holds();
        if (inode.dentry == null && unused && inode != root && !inode.isDirectory()) {
            inodes.remove(inode.id, inode);
            FileContent content = inode.content;
            if (content != null) {
                content.discard(freed(inode));
            }
            needNothingOf(inode);
        }
    }

    /** A directory has lost its name, which is journaled. Caller holds the write lock. */
    void noteRemoved(Inode inode, Inode.Directory directory) {
        directory.removed = true;
        needNothingOf(inode);
        try {
            if (!directory.children.isEmpty()) {
                append(new JournalRecord.Removed(inode.id));
            }
        } catch (FsException e) {
            // The next checkpoint says it; until then a restart may keep an empty folder.
        }
    }

    /** An inode that ends needs nothing in the store any more, wherever it lies. Caller holds the write lock. */
    void needNothingOf(Inode inode) {
        undisplace(inode);
        Volume.Source stored = inode.stored;
        if (stored != null && liveKeeps.remove(stored.ref())) {
            abandonedKeeps.add(stored.ref());
        }
    }

    /** An inode lies nowhere else than where it belongs. Caller holds the write lock. */
    void undisplace(Inode inode) {
        Volume.Source stored = inode.stored;
        Displaced was = stored == null ? null : displaced.get(stored.ref());
        if (stored != null && was != null && was.inode() == inode) {
            displaced.remove(stored.ref());
        }
    }

    /** Nobody refers to a directory any more: if it was removed, it ends. Caller holds the write lock. */
    void forgetRemoved(Inode inode) {
        if (inode.directory != null && inode.directory.removed) {
            inodes.remove(inode.id, inode);
        }
    }
}
