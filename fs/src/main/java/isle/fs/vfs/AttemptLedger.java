package isle.fs.vfs;

import isle.fs.journal.JournalRecord;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Books what commits of unknown outcome turn out to have done. */
final class AttemptLedger {
    private final VolumeTree tree;
    private final IndexQueue queue;
    private final Loader loader;

    AttemptLedger(VolumeTree tree, IndexQueue queue, Loader loader) {
        this.tree = tree;
        this.queue = queue;
        this.loader = loader;
    }

    /**
     * Points an inode to what an attempt of unknown outcome turned out to have left at its place. Takes the write lock.
     *
     * @return the place at which the name lay before, if nobody needs what is there any more: an attempt that moved
     *     content may have ended before it took that away
     */
    Optional<Volume.Source> claim(Dentry dentry, Volume.Source found) throws FsException {
        try (TreeLock.Held held = tree.lock.write()) {
            if (!dentry.isUncertain()) {
                return Optional.empty();
            }
            Inode inode = tree.inodes.get(dentry.attemptInode);
            if (inode != null && inode.stored != null) {
                // It was made of what the inode had: what is not dirty is there as it was, and may be gone elsewhere.
                String top = Leftovers.topOf(tree, inode, inode.dentry);
                tree.undisplace(inode);
                pointTo(inode, found, top);
            }
            Volume.Source here = dentry.storedHere;
            boolean left = !tree.isByReference()
                    && here != null
                    && !here.ref().equals(dentry.attemptRef)
                    && !tree.displaced.containsKey(here.ref());
            return left ? Optional.ofNullable(here) : Optional.empty();
        }
    }

    /**
     * Books what an attempt of unknown outcome turned out to have done: {@code found} is what lies at its place, claimed
     * before; null if nothing of ours is there. Takes the write lock.
     */
    void book(Dentry dentry, Volume.@Nullable Source found) throws FsException {
        try (TreeLock.Held held = tree.lock.write()) {
            if (!dentry.isUncertain()) {
                return;
            }
            Inode inode = tree.inodes.get(dentry.attemptInode);
            if (found != null && dentry.attemptRef.equals(CommitJob.BESIDE)) {
                // What it came beside is there still.
                if (inode != null && inode.stored == null) {
                    inode.stored = found;
                }
            } else if (found != null) {
                // The index still has what it had: its row goes or changes with the next commit of the name.
                Volume.Source before = dentry.storedHere;
                long inodeBefore = dentry.storedInode;
                dentry.storedHere = found;
                if (tree.isByReference()) {
                    bookReference(dentry, inode, found);
                    noteBeside(tree, dentry, before, inodeBefore);
                } else {
                    noteFoundElsewhere(dentry, inode);
                }
            }
            if (inode != null && inode.attempted == dentry) {
                inode.attempted = null;
            }
            dentry.settled();
            writeFinding(dentry, inode);
            tree.dropIfVoid(dentry);
            if (VolumeTree.isDirty(dentry)) {
                tree.dirty.add(dentry);
            } else if (dentry.inode != null && dentry.storedHere != null) {
                // No commit will follow that tells the index, which may be older than the store.
                dentry.storedInode = dentry.inode.id;
                queue.add(List.of(Reconciler.put(dentry, dentry.inode)));
            }
        }
    }

    /**
     * What a new directory took the name of may lie beside it now, under a name that the volume gave it: it goes from there
     * as if it had been renamed, or removed. Caller holds the write lock.
     *
     * @param before what the store had under the name
     */
    static void noteBeside(VolumeTree tree, Dentry dentry, Volume.@Nullable Source before, long inode)
            throws FsException {
        EntryVersion version = before == null ? null : before.version();
        Volume.Source above = dentry.parent.stored;
        if (before == null || version == null || above == null || dentry.liesAt(before.ref())) {
            return;
        }
        for (Volume.Entry each : tree.volume.known(above.ref()).orElse(List.of())) {
            EntryVersion listed = each.version();
            if (listed == null || !tree.volume.sameVersion(version, listed)) {
                continue;
            }
            Dentry beside = tree.slot(dentry.parent, each.name());
            if (beside.inode == null && beside.storedHere == null) {
                beside.storedHere = before;
                beside.storedInode = inode;
                tree.journalChange(List.of(), List.of(beside));
            }
        }
    }

    /** What was made has its identity in the store now, whatever has become of its name here. */
    private static void bookReference(Dentry dentry, @Nullable Inode inode, Volume.Source found) {
        dentry.storedInode = dentry.attemptInode;
        if (inode != null && inode.stored == null) {
            inode.stored = found;
        }
    }

    /** What was found lies where its name is not any more. */
    private void noteFoundElsewhere(Dentry dentry, @Nullable Inode inode) {
        Volume.Source above = dentry.parent.stored;
        boolean astray = above == null || !Leftovers.isIn(above.ref(), dentry.attemptRef);
        boolean elsewhere =
                inode != null && (inode.dentry != dentry || astray) && (inode.dentry != null || inode.handles > 0);
        if (inode != null && elsewhere && inode.stored != null) {
            tree.displaced.put(dentry.attemptRef, new VolumeTree.Displaced(inode, dentry));
        }
    }

    /** What comes next builds on what was found: a replay has to know it, and not to look once more. */
    private void writeFinding(Dentry dentry, @Nullable Inode attempted) throws FsException {
        tree.writePlace(dentry.parent);
        Set<Inode> inodes = new LinkedHashSet<>();
        if (attempted != null) {
            inodes.add(attempted);
        }
        if (dentry.inode != null) {
            inodes.add(dentry.inode);
        }
        tree.append(new JournalRecord.Operation(
                inodes.stream()
                        .map(inode -> VolumeTree.stateOf(inode, inode.changedAt))
                        .toList(),
                List.of(VolumeTree.stateOf(dentry, dentry.sequence))));
        tree.append(JournalRecord.Attempt.settled(dentry.parent.id, dentry.name));
    }

    private void pointTo(Inode inode, Volume.Source there, String top) throws FsException {
        String before = Objects.requireNonNull(inode.stored).ref();
        boolean moved = !before.equals(there.ref());
        if (moved && tree.liveKeeps.remove(before)) {
            tree.abandonedKeeps.add(before);
        }
        inode.stored = there;
        if (inode.content != null) {
            inode.content.moveBase(there);
        }
        if (moved) {
            loader.follow(inode, top);
        }
    }
}
