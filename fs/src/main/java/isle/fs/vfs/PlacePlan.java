package isle.fs.vfs;

import isle.fs.index.InodeNumbers;
import isle.fs.journal.JournalRecord;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a volume by place. The order that must show outside is kept by these rules: a parent before its children; content that somebody else still needs moves away before its place is
 * overwritten or removed; a removal after the puts that are older and ready.
 */
final class PlacePlan implements CommitPlan {
    private final VolumeTree tree;
    private final ContentReader reader;
    private final Ripeness ripeness;
    private final Supplier<OptionalLong> othersWaiting;
    private final Keeps keeps;

    PlacePlan(VolumeTree tree, ContentReader reader, Room room, Supplier<OptionalLong> othersWaiting, String device) {
        this.tree = tree;
        this.reader = reader;
        this.ripeness = new Ripeness(tree, room);
        this.othersWaiting = othersWaiting;
        this.keeps = new Keeps(tree, device);
    }

    @Override
    public Batch next(BooleanSupplier drain) {
        Batch batch = new Batch();
        // Before this volume's lock: no two volumes' locks are ever held together.
        batch.othersWaiting = othersWaiting.get();
        try (TreeLock.Held held = tree.lock.write()) {
            List<Dentry> dirty = tree.dirty.inOrder(SCANNED);
            for (Dentry dentry : dirty) {
                Volume.Source here = dentry.storedHere;
                if (here != null && holdsNothingOf(dentry.inode, here)) {
                    batch.doomed.put(here.ref(), dentry);
                }
            }
            for (Dentry dentry : dirty) {
                if (batch.jobs.size() >= BATCH) {
                    break;
                }
                consider(dentry, batch, drain.getAsBoolean());
            }
            if (batch.jobs.isEmpty()) {
                batch.jobs.addAll(batch.removals.subList(0, Math.min(BATCH, batch.removals.size())));
            }
            if (batch.jobs.isEmpty()) {
                addKeeps(batch);
            }
            batch.begin();
        }
        return batch;
    }

    /** Whether what the store has under a name is not the content of what the name means. */
    private static boolean holdsNothingOf(@Nullable Inode inode, Volume.Source here) {
        Volume.Source stored = inode == null ? null : inode.stored;
        return stored == null || !stored.ref().equals(here.ref());
    }

    private void consider(Dentry dentry, Batch batch, boolean draining) {
        if (!ripeness.isRipe(dentry, batch, draining)) {
            return;
        }
        Inode inode = dentry.inode;
        try {
            if (inode == null) {
                planRemoval(dentry, batch);
            } else {
                planPut(dentry, inode, batch);
            }
        } catch (FsException e) {
            if (inode != null) {
                inode.refused = e;
            }
            dentry.retryNanos = tree.clock.nanos() + Ripeness.OPEN_NANOS;
        }
    }

    /** A file moved to another volume goes from here only when it has arrived there. */
    private void planRemoval(Dentry dentry, Batch batch) {
        Volume.Source here = Objects.requireNonNull(dentry.storedHere);
        VolumeTree.Displaced needed = tree.displaced.get(here.ref());
        if (needed != null) {
            batch.obstacles.add(needed);
            return;
        }
        if (batch.olderPutWaits || !batch.jobs.isEmpty() || batch.doomed.get(here.ref()) != dentry) {
            return;
        }
        if (isStillUsed(here.ref(), batch)) {
            return;
        }
        if (ripeness.isBeforeOthers(dentry, batch)) {
            batch.removals.add(removal(dentry, here));
        }
    }

    /** Whether something below a directory's place is still to be removed or moved: the directory goes last. */
    private boolean isStillUsed(String ref, Batch batch) {
        if (!ref.endsWith("/")) {
            return false;
        }
        String below = batch.doomed.higherKey(ref);
        return (below != null && below.startsWith(ref))
                || tree.displaced.keySet().stream().anyMatch(place -> place.startsWith(ref));
    }

    /** Whether what lies at a place under a name may be removed. */
    private boolean isFree(Dentry doomed, String ref) {
        return doomed.liesAt(ref) && !doomed.inFlight && !doomed.isUncertain() && tree.displaced.get(ref) == null;
    }

    /** Removes what is only to be removed below a directory's place, which something else waits for. */
    private void clearBelow(String directoryRef, Batch batch) {
        String ref = batch.doomed.higherKey(directoryRef);
        while (ref != null && ref.startsWith(directoryRef)) {
            Dentry doomed = Objects.requireNonNull(batch.doomed.get(ref));
            if (isFree(doomed, ref) && !isStillUsed(ref, batch)) {
                batch.doomed.remove(ref);
                batch.jobs.add(removal(doomed, Objects.requireNonNull(doomed.storedHere)));
            }
            ref = batch.doomed.higherKey(ref);
        }
    }

    private CommitJob removal(Dentry dentry, Volume.Source here) {
        boolean directory = here.ref().endsWith("/");
        boolean parentStays = parentStays(dentry);
        Volume.Change change = new Volume.Change.Remove(here.ref(), here.version(), directory, parentStays);
        return new CommitJob(dentry, null, change, null, null, 0, dentry.sequence, null, false);
    }

    private void planPut(Dentry dentry, Inode inode, Batch batch) throws FsException {
        String parentRef = committedRef(dentry.parent);
        if (parentRef == null) {
            batch.olderPutWaits = true;
            return;
        }
        String place = tree.volume.place(parentRef, dentry.name, inode.attributes.kind());
        if (!dentry.tokens.isEmpty() && !dentry.attemptRef.equals(place)) {
            // Sent to another place before an ancestor was renamed, and not heard of: the committer looks there first.
            dentry.attemptElsewhere = true;
            batch.olderPutWaits = true;
            batch.waitNanos = 0;
            return;
        }
        noteThere(dentry, inode, place);
        VolumeTree.Displaced needed = needed(place, inode);
        if (needed != null) {
            batch.obstacles.add(needed);
            batch.olderPutWaits = true;
            return;
        }
        VolumeTree.Displaced left = inode.isDirectory() ? tree.leftAt(place, inode) : null;
        if (left != null) {
            batch.leavers.add(left);
            batch.olderPutWaits = true;
            return;
        }
        Dentry doomed = batch.doomed.get(place);
        if (doomed != null && doomed != dentry && doomed.liesAt(place)) {
            clear(doomed, place, batch);
            return;
        }
        Volume.Source here = dentry.storedHere;
        Volume.Source stored = inode.stored;
        if (here != null && !here.ref().equals(place) && holdsNothingOf(inode, here)) {
            VolumeTree.Displaced lying = tree.displaced.get(here.ref());
            if (lying != null) {
                batch.obstacles.add(lying);
                batch.olderPutWaits = true;
                return;
            }
            if (isStillUsed(here.ref(), batch)) {
                clearBelow(here.ref(), batch);
                return;
            }
            // Something else lies at an old place of this name, and nobody needs it any more: it goes first.
            batch.jobs.add(removal(dentry, here));
            return;
        }
        if (inode.isDirectory()
                && stored != null
                && !stored.ref().equals(place)
                && !Objects.requireNonNull(inode.directory).loaded) {
            // Everything in it has to be known before it moves; the committer loads it.
            batch.olderPutWaits = true;
            batch.goesOn = true;
            return;
        }
        batch.jobs.add(put(dentry, inode, parentRef, place));
    }

    /**
     * After names were exchanged, and their directories too, an inode may lie where it belongs already, but under
     * another name: then the two names change what the store has under them.
     */
    private void noteThere(Dentry dentry, Inode inode, String place) throws FsException {
        Volume.Source stored = inode.stored;
        VolumeTree.Displaced displaced = tree.displaced.get(place);
        Dentry other = displaced == null ? dentry : displaced.slot();
        boolean settled = other != dentry && !other.inFlight && !other.isUncertain();
        if (stored == null || !stored.ref().equals(place) || !settled || !other.liesAt(place)) {
            return;
        }
        Volume.Source here = dentry.storedHere;
        VolumeTree.Displaced lying = here == null ? null : tree.displaced.get(here.ref());
        dentry.storedHere = stored;
        tree.setMisplaced(dentry, false);
        tree.undisplace(inode);
        other.storedHere = here;
        Volume.Source above = other.parent.stored;
        tree.setMisplaced(other, here != null && above != null && !Leftovers.isIn(above.ref(), here.ref()));
        if (here != null && lying != null) {
            tree.displaced.put(here.ref(), new VolumeTree.Displaced(lying.inode(), other));
        }
        tree.writePlace(dentry.parent);
        tree.writePlace(other.parent);
        List<JournalRecord.InodeState> states = new ArrayList<>(List.of(VolumeTree.stateOf(inode, inode.changedAt)));
        if (other.inode != null) {
            states.add(VolumeTree.stateOf(other.inode, other.inode.changedAt));
        }
        tree.append(new JournalRecord.Operation(
                states,
                List.of(VolumeTree.stateOf(dentry, dentry.sequence), VolumeTree.stateOf(other, other.sequence))));
    }

    /** What was deleted at a place goes before something else comes there. */
    private void clear(Dentry doomed, String place, Batch batch) {
        if (isStillUsed(place, batch)) {
            clearBelow(place, batch);
            return;
        }
        batch.olderPutWaits = true;
        if (isFree(doomed, place)) {
            batch.doomed.remove(place);
            batch.jobs.add(removal(doomed, Objects.requireNonNull(doomed.storedHere)));
        }
    }

    /** Where a directory lies in the store, be it aside; null while it has no place there, or is to move. */
    private @Nullable String committedRef(Inode directory) {
        Volume.Source stored = directory.stored;
        Dentry dentry = directory.dentry;
        if (stored == null) {
            return null;
        }
        if (dentry == null || tree.liveKeeps.contains(stored.ref())) {
            return stored.ref();
        }
        Volume.Source here = dentry.storedHere;
        return here != null && here.ref().equals(stored.ref()) && !dentry.misplaced ? stored.ref() : null;
    }

    /** Whose content lies at a place, or in a directory above it, that this inode is to take. */
    private VolumeTree.@Nullable Displaced needed(String place, Inode taker) {
        if (tree.displaced.isEmpty()) {
            return null;
        }
        VolumeTree.Displaced found = tree.displaced.get(place);
        if (found != null && found.inode() != taker) {
            return found;
        }
        for (int slash = place.indexOf('/');
                slash >= 0 && slash < place.length() - 1;
                slash = place.indexOf('/', slash + 1)) {
            VolumeTree.Displaced above = tree.displaced.get(place.substring(0, slash + 1));
            if (above != null && above.inode() != taker) {
                return above;
            }
        }
        return null;
    }

    private CommitJob put(Dentry dentry, Inode inode, String parentRef, String place) {
        Volume.Source here = dentry.storedHere;
        Volume.Source stored = inode.stored;
        EntryVersion expected = here != null && here.ref().equals(place) ? here.version() : null;
        FileContent frozen = CommitJob.contentOf(inode);
        boolean move = stored != null && !stored.ref().equals(place) && isAbandoned(stored.ref(), dentry);
        Attributes attributes = inode.described ? inode.attributes : null;
        Volume.Change change = new Volume.Change.Put(
                parentRef,
                dentry.name,
                expected,
                attributes,
                frozen == null ? null : reader.snapshot(inode, frozen),
                stored,
                move ? afterMove(stored, dentry) : Volume.After.SOURCE_STAYS,
                false,
                InodeNumbers.counterOf(inode.id),
                null);
        inode.syncRequested = false;
        return new CommitJob(
                dentry,
                inode,
                change,
                frozen,
                attributes,
                inode.changedAt,
                dentry.sequence,
                move ? Objects.requireNonNull(stored).ref() : null,
                false);
    }

    /** Whether nothing but the inode that moves away needs what lies at a place. */
    private boolean isAbandoned(String ref, Dentry mover) {
        if (tree.liveKeeps.contains(ref)) {
            return true;
        }
        VolumeTree.Displaced displaced = tree.displaced.get(ref);
        Dentry slot = displaced != null ? displaced.slot() : mover;
        return slot.inode == null || slot == mover || !slot.liesAt(ref);
    }

    private Volume.After afterMove(Volume.@Nullable Source stored, Dentry mover) {
        VolumeTree.Displaced displaced = stored == null ? null : tree.displaced.get(stored.ref());
        Dentry slot = displaced != null ? displaced.slot() : mover;
        return parentStays(slot) ? Volume.After.SOURCE_GOES : Volume.After.SOURCE_AND_PARENT_GO;
    }

    /** Whether the place in the store of the directory that a name is in is to remain. */
    private boolean parentStays(Dentry dentry) {
        Volume.Source here = dentry.storedHere;
        String parentRef = committedRef(dentry.parent);
        if (dentry.misplaced
                || Objects.requireNonNull(dentry.parent.directory).removed
                || (here != null && parentRef != null && !Leftovers.isIn(parentRef, here.ref()))) {
            return false;
        }
        for (Inode above = dentry.parent; above.dentry != null; above = above.dentry.parent) {
            if (committedRef(above) == null) {
                return false;
            }
        }
        return true;
    }

    /**
     * Nothing else can go on: content in the way of others is copied aside, that of files unlinked while open, or one
     * of a ring of names that were exchanged. A directory of such a ring lies aside with all that is in it, until its
     * own place is free.
     */
    private void addKeeps(Batch batch) {
        for (VolumeTree.Displaced displaced : batch.obstacles) {
            if (!displaced.inode().isDirectory() && keeps.plan(displaced, batch)) {
                return;
            }
        }
        if (batch.goesOn || batch.waitNanos != Long.MAX_VALUE) {
            return;
        }
        batch.obstacles.addAll(batch.leavers);
        for (VolumeTree.Displaced displaced : batch.obstacles) {
            if (keeps.plan(displaced, batch)) {
                return;
            }
        }
    }
}
