package isle.fs.vfs;

import isle.fs.index.DirectoryState;
import isle.fs.index.IndexChange;
import isle.fs.index.IndexEntry;
import isle.fs.journal.JournalRecord;
import isle.fs.model.Attributes;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Books what the store acknowledged or refused: in memory at once, then in the index, then in the journal. */
final class CommitLedger {
    private static final Logger LOG = LoggerFactory.getLogger(CommitLedger.class);
    private static final long FIRST_RETRY_NANOS = 500_000_000L;
    private static final int MOST_DOUBLINGS = 6;

    /** A name that goes on changing is committed at most ten times a second. */
    private static final long HOT_NANOS = 100_000_000L;

    private final VolumeTree tree;
    private final IndexQueue queue;
    private final Loader loader;
    private final ChangeListener listener;
    private final CommitEvents events;

    CommitLedger(VolumeTree tree, IndexQueue queue, Loader loader, ChangeListener listener, CommitEvents events) {
        this.tree = tree;
        this.queue = queue;
        this.loader = loader;
        this.listener = listener;
        this.events = events;
    }

    /** Books one outcome. Takes the write lock. */
    void book(CommitJob job, Volume.Outcome outcome) {
        List<FileName> changedNames = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.write()) {
            job.dentry().inFlight = false;
            try {
                book(job, outcome, changedNames);
            } finally {
                // Only now: what the journal needs no more goes when that is safe which says so, and it has just been
                // said.
                if (job.inode() != null) {
                    tree.landed(job.inode());
                }
            }
        } catch (FsException e) {
            LOG.error("an outcome of a commit cannot be booked: {}", e.getMessage());
        }
        for (FileName name : changedNames) {
            listener.nameChanged(job.dentry().parent.id, name);
        }
    }

    private void book(CommitJob job, Volume.Outcome outcome, List<FileName> changedNames) throws FsException {
        if (outcome instanceof Volume.Outcome.Done done) {
            job.dentry().failures = 0;
            done(job, done.stored().orElse(null));
        } else if (outcome instanceof Volume.Outcome.Conflict conflict) {
            conflict(job, conflict);
            changedNames.add(job.dentry().name);
        } else if (outcome instanceof Volume.Outcome.Failed failed) {
            failed(job, failed);
        }
    }

    private void done(CommitJob job, Volume.@Nullable Source stored) throws FsException {
        tree.commitCounter++;
        Dentry dentry = job.dentry();
        Inode inode = job.inode();
        if (job.keeps() && tree.isByReference()) {
            besideDone(dentry, Objects.requireNonNull(inode), Objects.requireNonNull(stored));
            return;
        }
        if (job.keeps()) {
            keepDone(Objects.requireNonNull(inode), Objects.requireNonNull(stored));
            return;
        }
        dentry.commitStamp = tree.commitCounter;
        settled(dentry, inode);
        dentry.retryNanos = tree.clock.nanos() + HOT_NANOS;
        if (inode == null || stored == null) {
            removalDone(job, dentry);
        } else {
            putDone(job, dentry, inode, stored);
        }
    }

    private void putDone(CommitJob job, Dentry dentry, Inode inode, Volume.Source stored) throws FsException {
        tree.refusal.end();
        inode.refused = null;
        Volume.Source before = inode.stored;
        boolean moved = before != null && !before.ref().equals(stored.ref());
        String top = Leftovers.topOf(tree, inode, dentry);
        Volume.Source here = dentry.storedHere;
        long inodeHere = dentry.storedInode;
        dentry.storedHere = stored;
        Reconciler.loseRow(tree.inodes.get(dentry.storedInode), inode);
        dentry.storedInode = inode.id;
        inode.stored = stored;
        tree.setMisplaced(dentry, false);
        String cleared = before != null && moved ? leave(before.ref(), job) : null;
        contentDone(job, inode, stored);
        inode.storedUpTo = Math.max(inode.storedUpTo, job.upTo());
        if (moved) {
            loader.follow(inode, top);
        }
        noteParentMoved(dentry, stored);
        settleRelocation(dentry.parent);
        if (tree.isByReference() && job.change().expected() == null) {
            AttemptLedger.noteBeside(tree, dentry, here, inodeHere);
        }
        recordPut(job, dentry, inode, stored, cleared);
        if (inode.directory != null && before == null) {
            inode.directory.listed = Listing.now(tree.clock);
            queue.add(List.of(new IndexChange.Listed(
                    new DirectoryState(inode.id, inode.directory.listed.millis(), inode.directory.loaded))));
        }
        List<IndexChange> touched = new ArrayList<>();
        Reconciler.putLost(touched, inode);
        Reconciler.putTouched(touched, dentry.parent);
        queue.add(touched);
        if (!VolumeTree.isDirty(dentry)) {
            tree.dirty.remove(dentry);
        } else {
            tree.dirty.add(dentry);
        }
        noteMovedOn(dentry, inode, stored);
    }

    /** While it was sent, its directory was renamed and committed: it has arrived at the old place and follows. */
    private void noteParentMoved(Dentry dentry, Volume.Source stored) {
        Volume.Source above = dentry.parent.stored;
        if (above != null && !tree.isByReference() && !Leftovers.isIn(above.ref(), stored.ref())) {
            tree.noteMisplaced(dentry);
            Objects.requireNonNull(dentry.parent.directory).hasLeft(Leftovers.above(stored.ref()));
        }
    }

    private void contentDone(CommitJob job, Inode inode, Volume.Source stored) {
        FileContent content = inode.content;
        if (content == null) {
            return;
        }
        FileContent sent = job.frozen();
        if (sent != null) {
            content.committed(job.upTo(), stored, sent.size(), tree.freed(inode));
        } else {
            content.moveBase(stored);
        }
        if (content.isClean()) {
            inode.content = null;
        }
    }

    private void recordPut(CommitJob job, Dentry dentry, Inode inode, Volume.Source stored, @Nullable String cleared) {
        Attributes attributes = Reconciler.committed(job, inode);
        IndexEntry entry = new IndexEntry(
                inode.id, dentry.parent.id, dentry.name, stored.ref(), stored.version(), attributes, inode.described);
        JournalRecord record = new JournalRecord.Committed(
                dentry.parent.id, dentry.name, inode.id, job.upTo(), job.linkUpTo(), stored, attributes, cleared);
        record(List.of(new IndexChange.Put(entry)), record);
    }

    /** While it was sent, the inode got another name, or lost its last one. */
    private void noteMovedOn(Dentry dentry, Inode inode, Volume.Source stored) {
        Dentry now = inode.dentry;
        if (now != null && now != dentry) {
            tree.dirty.add(now);
        }
        if (tree.isByReference()) {
            return;
        }
        if (now != null && now != dentry) {
            tree.displaced.putIfAbsent(stored.ref(), new VolumeTree.Displaced(inode, dentry));
        } else if (now == null && inode.handles > 0) {
            tree.displaced.put(stored.ref(), new VolumeTree.Displaced(inode, dentry));
        }
    }

    private static void settled(Dentry dentry, @Nullable Inode inode) {
        if (inode != null) {
            dentry.settled();
            if (inode.attempted == dentry) {
                inode.attempted = null;
            }
        }
    }

    /** The inode's content has left a place; returns the place if the commit has emptied it too. */
    private @Nullable String leave(String ref, CommitJob job) {
        VolumeTree.Displaced displaced = tree.displaced.get(ref);
        if (displaced != null && displaced.inode() == job.inode()) {
            tree.displaced.remove(ref);
        }
        if (job.clears() == null) {
            return null;
        }
        tree.liveKeeps.remove(ref);
        Dentry slot = displaced == null ? null : displaced.slot();
        if (slot != null && slot != job.dentry() && slot.liesAt(ref)) {
            slot.storedHere = null;
            if (slot.storedInode != Objects.requireNonNull(job.inode()).id) {
                queue.add(dropRow(slot));
            }
            slot.storedInode = 0;
            slot.commitStamp = tree.commitCounter;
            noteSettled(slot);
            tree.setMisplaced(slot, false);
            settleRelocation(slot.parent);
            tree.dropIfVoid(slot);
        }
        return job.clears();
    }

    /** A new directory is in the store, beside what is still there under its name: what is to be in it can go now. */
    private void besideDone(Dentry dentry, Inode inode, Volume.Source stored) throws FsException {
        inode.stored = stored;
        if (inode.directory != null) {
            inode.directory.listed = Listing.now(tree.clock);
        }
        settled(dentry, inode);
        tree.writePlace(dentry.parent);
        tree.append(new JournalRecord.Operation(
                List.of(VolumeTree.stateOf(inode, inode.changedAt)),
                List.of(VolumeTree.stateOf(dentry, dentry.sequence))));
        tree.append(JournalRecord.Attempt.settled(dentry.parent.id, dentry.name));
        tree.dirty.add(dentry);
        noteMovedOn(dentry, inode, stored);
    }

    private void keepDone(Inode inode, Volume.Source stored) throws FsException {
        String top = Leftovers.topOf(tree, inode, inode.dentry);
        tree.displaced.remove(Objects.requireNonNull(inode.stored).ref());
        inode.stored = stored;
        if (inode.content != null) {
            inode.content.moveBase(stored);
        }
        tree.liveKeeps.add(stored.ref());
        // An attempt before a crash may have left a copy there that nobody needed then.
        tree.abandonedKeeps.remove(stored.ref());
        Dentry named = inode.dentry;
        if (inode.directory != null) {
            inode.directory.hasLeft(top);
        }
        if (named != null) {
            // Before its old place is overwritten: nothing else would tell a replay where the content is.
            tree.append(new JournalRecord.Operation(
                    List.of(VolumeTree.stateOf(inode, inode.changedAt)),
                    List.of(VolumeTree.stateOf(named, named.sequence))));
        }
        loader.follow(inode, top);
        if (inode.dentry == null && inode.handles == 0) {
            tree.forgetIfDead(inode);
            if (tree.liveKeeps.remove(stored.ref())) {
                tree.abandonedKeeps.add(stored.ref());
            }
        }
        if (inode.dentry != null) {
            tree.dirty.add(inode.dentry);
        }
    }

    private void removalDone(CommitJob job, Dentry dentry) {
        tree.refusal.end(); // there may be room now
        dentry.storedHere = null;
        tree.setMisplaced(dentry, false);
        settleRelocation(dentry.parent);
        noteSettled(dentry);
        List<IndexChange> changes = dropRow(dentry);
        Reconciler.putTouched(changes, dentry.parent);
        record(
                changes,
                new JournalRecord.Committed(dentry.parent.id, dentry.name, 0, 0, job.linkUpTo(), null, null, null));
        tree.dropIfVoid(dentry);
        if (!VolumeTree.isDirty(dentry)) {
            tree.dirty.remove(dentry);
        }
    }

    /** Takes from the index what it has under a name, unless that inode has its row elsewhere by now. */
    private List<IndexChange> dropRow(Dentry dentry) {
        long number = dentry.storedInode;
        dentry.storedInode = 0;
        Inode owner = tree.inodes.get(number);
        boolean livesElsewhere =
                owner != null && owner.dentry != null && owner.dentry != dentry && owner.dentry.storedInode == number;
        List<IndexChange> changes = new ArrayList<>();
        if (number != 0 && !livesElsewhere) {
            Reconciler.loseRow(owner, null);
            changes.add(new IndexChange.Remove(number));
        }
        return changes;
    }

    private void noteSettled(Dentry dentry) {
        Inode.Directory directory = Objects.requireNonNull(dentry.parent.directory);
        if (directory.listing > 0) {
            directory.settled.put(dentry.name, tree.commitCounter);
        }
    }

    private static void settleRelocation(Inode parent) {
        Inode.Directory directory = Objects.requireNonNull(parent.directory);
        if (directory.misplaced == 0 && directory.loaded) {
            directory.left.clear();
        }
    }

    /** Journals at once, in the order of what happened; the index follows, and a replay tells it what it missed. */
    private void record(List<IndexChange> changes, JournalRecord record) {
        try {
            tree.append(record);
        } catch (FsException e) {
            // Not lost: without this record the next start commits once more, which the store recognises.
            LOG.warn("the journal did not take a commit's record: {}", e.getMessage());
        }
        queue.add(changes);
    }

    private void conflict(CommitJob job, Volume.Outcome.Conflict conflict) throws FsException {
        tree.commitCounter++;
        Dentry dentry = job.dentry();
        Inode inode = job.inode();
        settled(dentry, inode);
        dentry.commitStamp = tree.commitCounter;
        List<Inode> changed = new ArrayList<>();
        List<Dentry> names = new ArrayList<>(List.of(dentry));
        Volume.Entry ours = conflict.ours().orElse(null);
        if (inode != null && ours != null) {
            names.add(storedBeside(job, inode, ours));
            changed.add(inode);
        } else if (inode != null && inode.dentry == dentry) {
            tree.setMeaning(dentry, null);
            inode.dentry = null;
        }
        dentry.storedHere = null;
        dentry.storedInode = 0;
        Volume.Entry theirs = conflict.theirs().orElse(null);
        if (theirs != null && dentry.inode == null) {
            Inode other = new Inode(tree.newNumber(), theirs.attributes());
            other.described = theirs.described();
            other.stored = new Volume.Source(theirs.ref(), theirs.version());
            dentry.storedHere = other.stored;
            dentry.storedInode = other.id;
            tree.inodes.put(other.id, other);
            tree.setMeaning(dentry, other);
            queue.add(List.of(Reconciler.put(dentry, other)));
            changed.add(other);
        }
        tree.journalChange(changed, names);
        for (Inode settled : changed) {
            if (settled != inode || settled.content == null || settled.content.isClean()) {
                settled.storedUpTo = settled.changedAt;
            }
        }
        if (inode != null && inode.dentry != null && inode.dentry != dentry && inode.dentry.storedInode == inode.id) {
            queue.add(List.of(Reconciler.put(inode.dentry, inode)));
        }
    }

    /** Our version lies under a name of its own; it is shown there, unless it was renamed or unlinked meanwhile. */
    private Dentry storedBeside(CommitJob job, Inode inode, Volume.Entry ours) throws FsException {
        Dentry dentry = job.dentry();
        Dentry beside = tree.slot(dentry.parent, ours.name());
        Volume.Source stored = new Volume.Source(ours.ref(), ours.version());
        Volume.Source before = inode.stored;
        if (before != null && !before.ref().equals(stored.ref())) {
            leave(before.ref(), job);
        }
        beside.storedHere = stored;
        inode.stored = stored;
        contentDone(job, inode, stored);
        inode.storedUpTo = Math.max(inode.storedUpTo, job.upTo());
        if (inode.dentry == dentry) {
            tree.setMeaning(dentry, null);
            tree.setMeaning(beside, inode);
            beside.storedInode = inode.id;
            tree.conflicts.found(beside);
        } else {
            noteMovedOn(beside, inode, stored);
        }
        return beside;
    }

    private void failed(CommitJob job, Volume.Outcome.Failed failed) throws FsException {
        FsException reason = failed.reason();
        Dentry dentry = job.dentry();
        tree.dirty.add(dentry);
        if (job.keeps() && !tree.isByReference() && !failed.unsent()) {
            // It may have come there all the same, and the next try takes another place.
            tree.abandonedKeeps.add(job.place(tree.volume));
        }
        if (job.isGivenUp()) {
            return;
        }
        if (tree.isByReference() && !dentry.tokens.isEmpty()) {
            // The committer looks first whether it has come through: the next try builds on that.
            dentry.attemptElsewhere = true;
        }
        dentry.failures = Math.min(dentry.failures + 1, MOST_DOUBLINGS);
        dentry.retryNanos = tree.clock.nanos() + (FIRST_RETRY_NANOS << (dentry.failures - 1));
        if (!reason.isTransient()) {
            Optional.ofNullable(job.inode()).ifPresent(inode -> inode.refused = reason);
            tree.refusal.note(tree.name(), reason, dentry.retryNanos);
        }
        events.failed(reason);
    }
}
