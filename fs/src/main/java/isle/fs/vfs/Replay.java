package isle.fs.vfs;

import isle.fs.index.Index;
import isle.fs.index.IndexChange;
import isle.fs.index.IndexEntry;
import isle.fs.journal.Damage;
import isle.fs.journal.DataLocation;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the state of a volume out of its journal: everything that the store may not have yet. Runs alone, before the
 * volume is used.
 */
final class Replay implements Journal.Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final ExtentMap.Freed UNCOUNTED = (origin, bytes) -> {};

    private final VolumeTree tree;
    private final Map<String, Dentry> slotsByRef = new HashMap<>();

    /** What the store was last known to have under a name, for the index. */
    private final Map<NameKey, JournalRecord.Committed> committed = new LinkedHashMap<>();

    /** Places where content of files unlinked while open was kept. */
    private final Set<String> keeps = new HashSet<>();

    private final List<Damage> damages = new ArrayList<>();

    /** Files of which the journal has bytes that it cannot read back, and what is wrong. */
    private final Map<Long, Damage> damagedFiles = new LinkedHashMap<>();

    private final List<String> unreadable = new ArrayList<>();
    private long highest;

    private record NameKey(long parent, FileName name) {}

    Replay(VolumeTree tree) {
        this.tree = tree;
    }

    /** What of the journal could not be used, in sentences. After {@link #finish}. */
    List<String> damages() {
        List<String> sentences = new ArrayList<>();
        for (Damage damage : damages) {
            sentences.add(damage.sentence());
        }
        sentences.addAll(unreadable);
        damagedFiles.forEach((number, damage) -> {
            Inode inode = tree.inodes.get(number);
            sentences.add((inode == null ? "a file that is gone" : inode.path()) + " has bytes that cannot be read: "
                    + damage.sentence());
        });
        return sentences;
    }

    /** Bytes that cannot be read back are part of their file all the same: who reads them is told so. */
    @Override
    public void damaged(Damage damage) {
        Damage.LostData lost = damage.lostData();
        if (lost == null) {
            damages.add(damage);
            return;
        }
        record(lost.sequence(), lost.type(), lost.body().duplicate(), lost.data());
        try {
            JournalRecord record = JournalRecordCodec.decode(lost.type(), lost.body());
            if (record instanceof JournalRecord.Write write) {
                damagedFiles.put(write.inode(), damage);
            } else if (record instanceof JournalRecord.Extent extent) {
                damagedFiles.put(extent.inode(), damage);
            }
        } catch (FsException e) {
            damages.add(damage);
        }
    }

    @Override
    public void record(long sequence, int type, ByteBuffer body, @Nullable DataLocation data) {
        try {
            apply(sequence, JournalRecordCodec.decode(type, body), data);
        } catch (FsException e) {
            LOG.error("a journal record cannot be used: {}", e.getMessage());
            unreadable.add("a record cannot be used: " + e.getMessage());
        }
    }

    private void apply(long sequence, JournalRecord record, @Nullable DataLocation data) throws FsException {
        if (record instanceof JournalRecord.Operation op) {
            for (JournalRecord.InodeState state : op.inodes()) {
                applyInode(sequence, state);
            }
            for (JournalRecord.LinkState link : op.links()) {
                applyLink(sequence, link);
            }
        } else if (record instanceof JournalRecord.Write w && data != null) {
            Inode inode = file(w.inode());
            inode.content().write(sequence, w.offset(), data, UNCOUNTED);
            changed(inode, sequence, w.time());
        } else if (record instanceof JournalRecord.Resize r) {
            Inode inode = file(r.inode());
            inode.content().resize(sequence, r.size(), UNCOUNTED);
            changed(inode, sequence, r.time());
        } else if (record instanceof JournalRecord.Zero z) {
            Inode inode = file(z.inode());
            inode.content().zero(sequence, z.offset(), z.length(), UNCOUNTED);
            changed(inode, sequence, z.time());
        } else if (record instanceof JournalRecord.Extent e) {
            file(e.inode()).content().restore(e.sequence(), e.offset(), e.length(), originOf(e, data), e.skip());
        } else if (record instanceof JournalRecord.Staged s) {
            Volume.Part part = new Volume.Part(s.offset(), s.offset() + s.length());
            file(s.inode()).content().stage(part, s.upTo(), s.object(), UNCOUNTED);
        } else if (record instanceof JournalRecord.Base b) {
            file(b.inode()).content().restoreBase(b.limit(), b.shrinks());
        } else {
            applyCommit(record);
        }
    }

    private static @Nullable Origin originOf(JournalRecord.Extent extent, @Nullable DataLocation data) {
        Volume.Source staged = extent.staged();
        if (staged != null) {
            return new Origin.Staged(staged);
        }
        DataLocation location = extent.location() != null ? extent.location() : data;
        return location == null ? null : new Origin.Journaled(location);
    }

    private void applyCommit(JournalRecord record) throws FsException {
        if (record instanceof JournalRecord.Place p && isAside(p.ref())) {
            highest = Math.max(highest, p.inode());
            keeps.add(p.ref());
        } else if (record instanceof JournalRecord.Place p) {
            Inode directory = directory(p.inode());
            if (directory.stored == null) {
                directory.stored = new Volume.Source(p.ref(), null);
            }
        } else if (record instanceof JournalRecord.Removed r) {
            directory(r.inode()).asDirectory().removed = true;
        } else if (record instanceof JournalRecord.Attempt a) {
            applyAttempt(a);
        } else if (record instanceof JournalRecord.Committed c) {
            applyCommitted(c);
        }
    }

    /** Whether a place is that of what lies aside itself, not one in a directory that does. */
    private static boolean isAside(String ref) {
        return ref.startsWith(VolumeTree.KEEP_PREFIX) && Leftovers.above(ref).isEmpty();
    }

    private void applyAttempt(JournalRecord.Attempt a) throws FsException {
        Dentry slot = tree.slot(directory(a.parent()), a.name());
        if (a.isSettled() || slot.attemptInode != a.inode() || !slot.attemptRef.equals(a.ref())) {
            // What an earlier one of something else had done was known before this one was sent.
            Inode before = tree.inodes.get(slot.attemptInode);
            if (before != null && before.attempted == slot) {
                before.attempted = null;
            }
            slot.settled();
        }
        if (a.isSettled()) {
            return;
        }
        slot.tokens.add(a.token());
        slot.attemptRef = a.ref();
        slot.attemptInode = a.inode();
        Inode inode = tree.inodes.get(a.inode());
        if (inode != null) {
            inode.attempted = slot;
        }
    }

    private void changed(Inode inode, long sequence, Timestamp time) {
        inode.attributes = inode.attributes.withContentChange(inode.content().size(), time);
        inode.changedAt = sequence;
    }

    private Inode file(long id) {
        highest = Math.max(highest, id);
        return tree.inodes.computeIfAbsent(
                id, n -> new Inode(n, Attributes.of(FileKind.FILE, 0600, 0, 0, 0, Timestamp.EPOCH)));
    }

    private Inode directory(long id) {
        highest = Math.max(highest, id);
        return tree.inodes.computeIfAbsent(
                id, n -> new Inode(n, Attributes.of(FileKind.DIRECTORY, 0755, 0, 0, 0, Timestamp.EPOCH)));
    }

    private void applyInode(long sequence, JournalRecord.InodeState state) {
        highest = Math.max(highest, state.inode());
        Inode inode = tree.inodes.get(state.inode());
        if (inode == null) {
            inode = new Inode(state.inode(), state.attributes());
            tree.inodes.put(inode.id, inode);
        }
        inode.attributes = state.attributes();
        inode.stored = state.stored();
        if (inode.content != null && inode.stored != null) {
            inode.content.moveBase(inode.stored);
        }
        inode.changedAt = state.changedAt() == 0 ? sequence : state.changedAt();
        if (inode.directory != null) {
            inode.directory.left.clear();
            inode.directory.left.addAll(state.left());
        }
    }

    private void applyLink(long sequence, JournalRecord.LinkState link) throws FsException {
        Dentry slot = tree.slot(directory(link.parent()), link.name());
        Inode before = slot.inode;
        if (before != null && before.dentry == slot) {
            before.dentry = null;
        }
        tree.setMeaning(slot, null);
        if (link.inode() != 0) {
            Inode inode = tree.inodes.get(link.inode());
            if (inode == null) {
                throw new FsException.Corrupt("a name without its inode");
            }
            Dentry elsewhere = inode.dentry;
            if (elsewhere != null && elsewhere.inode == inode) {
                tree.setMeaning(elsewhere, null);
            }
            tree.setMeaning(slot, inode);
        }
        setStored(slot, link.storedHere());
        slot.sequence = link.changedAt() == 0 ? sequence : link.changedAt();
    }

    private void setStored(Dentry slot, Volume.@Nullable Source stored) {
        Volume.Source before = slot.storedHere;
        if (before != null) {
            slotsByRef.remove(before.ref(), slot);
        }
        slot.storedHere = stored;
        if (stored != null) {
            slotsByRef.put(stored.ref(), slot);
        }
    }

    /**
     * The record that gave a name its meaning is damaged, and the store got a file by that name: it is not taken for one
     * that was removed here since, and that the store is to lose.
     */
    private void nameIfUntold(Dentry slot, JournalRecord.Committed c) {
        Attributes attributes = c.attributes();
        if (slot.sequence != 0 || slot.inode != null || attributes == null) {
            return;
        }
        Inode inode = tree.inodes.computeIfAbsent(c.inode(), id -> new Inode(id, attributes));
        if (inode.dentry == null && inode.isDirectory() == (attributes.kind() == FileKind.DIRECTORY)) {
            inode.attributes = attributes;
            tree.setMeaning(slot, inode);
        }
    }

    private void applyCommitted(JournalRecord.Committed c) throws FsException {
        Dentry slot = tree.slot(directory(c.parent()), c.name());
        if (c.inode() != 0) {
            slot.settled();
            nameIfUntold(slot, c);
        }
        Inode inode = c.inode() == 0 ? null : tree.inodes.get(c.inode());
        Volume.Source old = inode == null ? null : inode.stored;
        Dentry from = old == null ? slot : slotsByRef.getOrDefault(old.ref(), slot);
        String cleared = c.cleared();
        Dentry source = cleared == null ? null : slotsByRef.get(cleared);
        if (source != null && source != slot) {
            setStored(source, null);
            committed.put(
                    new NameKey(source.parent.id, source.name),
                    new JournalRecord.Committed(source.parent.id, source.name, 0, 0, 0, null, null, null));
        }
        setStored(slot, c.stored());
        committed.remove(new NameKey(c.parent(), c.name()));
        committed.put(new NameKey(c.parent(), c.name()), c);
        Volume.Source stored = c.stored();
        Attributes attributes = c.attributes();
        if (inode == null || stored == null || attributes == null) {
            return;
        }
        if (inode.attempted == slot) {
            inode.attempted = null;
        }
        inode.stored = stored;
        inode.storedUpTo = Math.max(inode.storedUpTo, c.upTo());
        if (inode.directory != null) {
            inode.attributes = Reconciler.withLaterTimes(inode.attributes, attributes);
        } else if (inode.changedAt <= c.upTo()) {
            // The same, unless a record of what was sent is damaged.
            inode.attributes = attributes;
        }
        FileContent content = inode.content;
        if (content != null) {
            content.committed(c.upTo(), stored, attributes.size(), UNCOUNTED);
            if (content.isClean()) {
                // As when it happened: the version that comes next may be somebody else's, of another length.
                inode.content = null;
            }
        }
        if (inode.directory != null && old != null && !old.ref().equals(stored.ref())) {
            inode.directory.hasLeft(from.parent.asDirectory().topOf(old.ref()));
        }
    }

    /** After the last record: drops what ended, tells the index what it may have missed, finds what is dirty. */
    void finish(@Nullable Index index) throws FsException {
        if (index != null) {
            if (highest > 0) {
                index.raiseFloor(tree.number, highest);
            }
            repairIndex(index);
        }
        Map<Long, Long> live = new HashMap<>();
        for (Inode inode : new ArrayList<>(tree.inodes.values())) {
            settle(inode, index, live);
        }
        for (Inode inode : new ArrayList<>(tree.inodes.values())) {
            Inode.Directory directory = inode.directory;
            if (directory != null) {
                for (Dentry slot : new ArrayList<>(directory.children.values())) {
                    settle(slot, index);
                }
            }
        }
        for (Inode inode : tree.inodes.values()) {
            if (inode.stored != null && keeps.remove(inode.stored.ref())) {
                tree.liveKeeps.add(inode.stored.ref());
            }
        }
        keeps.removeAll(tree.staged.keySet());
        tree.abandonedKeeps.addAll(keeps);
        tree.journal().startAccounting(live);
    }

    private void settle(Inode inode, @Nullable Index index, Map<Long, Long> live) throws FsException {
        if (inode.directory == null) {
            if (inode.dentry == null) {
                tree.inodes.remove(inode.id);
            } else if (inode.content != null) {
                inode.content.extents().countLive(live);
                inode.content.extents().countStaged(tree.staged);
            }
            return;
        }
        Optional<IndexEntry> row = inode == tree.root || index == null ? Optional.empty() : index.find(inode.id);
        row.ifPresent(known -> inode.attributes = Reconciler.withLaterTimes(inode.attributes, known.attributes()));
        boolean unknown = inode != tree.root && inode.dentry == null && !inode.directory.removed && row.isEmpty();
        if (unknown && inode.stored != null) {
            tree.placedNumbers.put(inode.stored.ref(), inode.id);
        }
        inode.directory.loaded = inode.stored == null;
    }

    private void settle(Dentry slot, @Nullable Index index) throws FsException {
        Volume.Source here = slot.storedHere;
        Inode inode = slot.inode;
        if (inode == null && here == null && slot.tokens.isEmpty()) {
            tree.dropIfVoid(slot);
            return;
        }
        Optional<IndexEntry> row =
                here == null || index == null ? Optional.empty() : index.find(slot.parent.id, slot.name);
        slot.storedInode = row.map(IndexEntry::inode).orElse(here == null ? 0L : tree.numberOf(here.ref()));
        Volume.Source above = slot.parent.stored;
        boolean byPlace = !tree.isByReference();
        if (byPlace && here != null && above != null && !Leftovers.isIn(above.ref(), here.ref())) {
            tree.noteMisplaced(slot);
        }
        Inode sent = slot.tokens.isEmpty() ? null : tree.inodes.get(slot.attemptInode);
        if (sent != null) {
            sent.attempted = slot;
            // What it has done is learned before anything else is built on it.
            slot.attemptElsewhere = true;
        }
        if (VolumeTree.isDirty(slot)) {
            tree.markDirty(slot);
        } else if (index != null
                && here != null
                && row.isPresent()
                && !row.get().ref().equals(here.ref())) {
            // What a lost attempt was found to have done is in the journal only; no commit will tell the index.
            Inode told = Objects.requireNonNull(inode);
            told.attributes = newer(index, told.id, told.attributes);
            index.apply(List.of(Reconciler.put(slot, told)));
        }
        if (byPlace && inode != null && inode.stored != null) {
            Dentry lies = slotsByRef.get(inode.stored.ref());
            if (lies != null && lies != slot) {
                tree.displaced.put(inode.stored.ref(), new VolumeTree.Displaced(inode, lies));
            }
        }
    }

    /**
     * The index may be older than the journal (it is forced less often): says again what was committed since, all at
     * once, because what has moved takes along what the index has below it.
     */
    private void repairIndex(Index index) throws FsException {
        Map<Long, JournalRecord.Committed> put = new HashMap<>();
        for (JournalRecord.Committed c : committed.values()) {
            if (c.stored() != null && c.attributes() != null) {
                put.put(c.inode(), c);
            }
        }
        List<IndexChange> changes = new ArrayList<>();
        for (var entry : committed.entrySet()) {
            if (entry.getValue().stored() == null) {
                index.find(entry.getKey().parent(), entry.getKey().name())
                        .filter(row -> !put.containsKey(row.inode()))
                        .ifPresent(row -> changes.add(new IndexChange.Remove(row.inode())));
            }
        }
        for (JournalRecord.Committed c : committed.values()) {
            Volume.Source stored = c.stored();
            Attributes attributes = c.attributes();
            if (stored == null || attributes == null) {
                continue;
            }
            if (isKnown(index, c.parent(), put)) {
                changes.add(new IndexChange.Put(new IndexEntry(
                        c.inode(),
                        c.parent(),
                        c.name(),
                        stored.ref(),
                        stored.version(),
                        newer(index, c.inode(), attributes),
                        true)));
            } else {
                // The index has lost the directory: its names come back when it is listed.
                changes.add(new IndexChange.Remove(c.inode()));
            }
        }
        index.apply(changes);
    }

    /** Whether the index has a directory, or has it once it is repaired. */
    private boolean isKnown(Index index, long directory, Map<Long, JournalRecord.Committed> put) throws FsException {
        long at = directory;
        for (int depth = 0; depth <= put.size(); depth++) {
            if (at == tree.root.id || index.find(at).isPresent()) {
                return true;
            }
            JournalRecord.Committed made = put.get(at);
            if (made == null) {
                return false;
            }
            at = made.parent();
        }
        return false;
    }

    /** A directory's times go on with the names in it: the index may know later ones than its last commit. */
    private static Attributes newer(Index index, long inode, Attributes committed) throws FsException {
        if (committed.kind() != FileKind.DIRECTORY) {
            return committed;
        }
        return index.find(inode)
                .map(IndexEntry::attributes)
                .filter(known ->
                        known.kind() == FileKind.DIRECTORY && known.ctime().compareTo(committed.ctime()) > 0)
                .orElse(committed);
    }
}
