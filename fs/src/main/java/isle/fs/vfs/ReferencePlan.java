package isle.fs.vfs;

import isle.fs.index.InodeNumbers;
import isle.fs.model.EntryVersion;
import isle.fs.spi.Volume;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a volume by reference. Nothing there is in anybody's way, so that all that is ripe goes at once, but for
 * what would be nowhere in between: the name that something had goes together with, or after, the one that it gets; a
 * directory after what was in it; a parent comes before its children.
 */
final class ReferencePlan implements CommitPlan {
    /** Bytes that one batch sends: all of it becomes visible at its end. */
    private static final long BATCH_BYTES = 64L << 20;

    private final VolumeTree tree;
    private final ContentReader reader;
    private final Ripeness ripeness;
    private final Supplier<OptionalLong> othersWaiting;

    ReferencePlan(VolumeTree tree, ContentReader reader, Room room, Supplier<OptionalLong> othersWaiting) {
        this.tree = tree;
        this.reader = reader;
        this.ripeness = new Ripeness(tree, room);
        this.othersWaiting = othersWaiting;
    }

    @Override
    public Batch next(BooleanSupplier drain) {
        Batch batch = new Batch();
        // Before this volume's lock: no two volumes' locks are ever held together.
        batch.othersWaiting = othersWaiting.get();
        try (TreeLock.Held held = tree.lock.write()) {
            List<Dentry> dirty = tree.dirty.inOrder(SCANNED);
            Map<String, Dentry> left = left(dirty);
            Set<Dentry> ripe = ripe(dirty, batch, drain);
            Set<Dentry> chosen = new LinkedHashSet<>(ripe);
            settle(chosen, dirty, left);
            if (chosen.isEmpty() && !batch.goesOn) {
                ripe.stream().filter(this::strands).forEach(chosen::add);
            }
            if (chosen.isEmpty() && batch.olderPutWaits && !batch.goesOn) {
                batch.waitAtMost(Ripeness.SYNC_PAUSE_NANOS);
            }
            if (chosen.isEmpty() && !batch.goesOn) {
                ripe.stream()
                        .filter(dentry -> isTangle(dentry, dirty))
                        .findFirst()
                        .ifPresent(dentry -> batch.jobs.add(beside(dentry, Objects.requireNonNull(dentry.inode))));
            }
            for (Dentry dentry : chosen) {
                batch.jobs.add(dentry.inode == null ? removal(dentry) : put(dentry, dentry.inode, left));
            }
            batch.begin();
        }
        return batch;
    }

    private Set<Dentry> ripe(List<Dentry> dirty, Batch batch, BooleanSupplier drain) {
        Set<Dentry> ripe = new LinkedHashSet<>();
        long bytes = 0;
        for (Dentry dentry : dirty) {
            if (ripe.size() >= BATCH || bytes >= BATCH_BYTES || !ripeness.isRipe(dentry, batch, drain.getAsBoolean())) {
                continue;
            }
            if (dentry.inode == null) {
                if (!batch.olderPutWaits && ripeness.isBeforeOthers(dentry, batch)) {
                    ripe.add(dentry);
                }
            } else if (dentry.parent.stored == null) {
                batch.olderPutWaits = true;
            } else {
                ripe.add(dentry);
                bytes += travelsTogether(dentry) && !dentry.inode.isDirectory() ? dentry.inode.attributes.size() : 0;
            }
        }
        return ripe;
    }

    /** Takes out what has to wait for something that is not chosen, until nothing has to. */
    private void settle(Set<Dentry> chosen, List<Dentry> dirty, Map<String, Dentry> left) {
        boolean again = true;
        while (again) {
            Set<String> occupied = occupied(chosen, dirty);
            again = chosen.removeIf(
                    dentry -> hasToWait(dentry, chosen, occupied) || goesIntoItself(dentry, chosen, left));
        }
    }

    /** By what the store has under them, the names of what has another one here, or none. */
    private static Map<String, Dentry> left(List<Dentry> dirty) {
        Map<String, Dentry> left = new HashMap<>();
        for (Dentry dentry : dirty) {
            Volume.Source here = dentry.storedHere;
            boolean isHere =
                    dentry.inode != null && dentry.inode.stored != null && dentry.liesAt(dentry.inode.stored.ref());
            if (here != null && !isHere) {
                left.put(here.ref(), dentry);
            }
        }
        return left;
    }

    /** Whether a directory would come into one that the store has inside it, and that does not go out in this batch. */
    private static boolean goesIntoItself(Dentry dentry, Set<Dentry> chosen, Map<String, Dentry> left) {
        Inode moved = dentry.inode;
        if (moved == null || moved.directory == null || moved.stored == null || dentry.liesAt(moved.stored.ref())) {
            return false;
        }
        Set<Inode> seen = new HashSet<>();
        Inode at = dentry.parent;
        while (at != moved && at.dentry != null && seen.add(at)) {
            Dentry named = at.dentry;
            Volume.Source stored = at.stored;
            Dentry old = stored == null || chosen.contains(named) ? null : left.get(stored.ref());
            at = (old == null ? named : old).parent;
        }
        return at == moved;
    }

    /**
     * Whether it is a new directory that took the name of something which cannot go to its new one before the directory is
     * there: each would wait for the other. Then it is put beside that, which goes from its old place with its own commit.
     */
    private boolean strands(Dentry dentry) {
        Inode inode = dentry.inode;
        return inode != null
                && inode.directory != null
                && inode.stored == null
                && leadsInto(inode, nameElsewhere(dentry));
    }

    /**
     * Whether something can get its name only when a new directory is there: it is in this one, or in another one, or has
     * the name of something of which that is so.
     */
    private boolean leadsInto(Inode directory, @Nullable Dentry first) {
        Set<Dentry> seen = new HashSet<>();
        Dentry at = first;
        while (at != null && seen.add(at)) {
            if (at.parent.stored == null || at.parent == directory || at.parent.isInside(directory)) {
                return true;
            }
            at = nameElsewhere(at);
        }
        return false;
    }

    /** Directories under which the store keeps something that does not go now. */
    private static Set<String> occupied(Set<Dentry> chosen, List<Dentry> dirty) {
        Set<String> occupied = new HashSet<>();
        for (Dentry dentry : dirty) {
            Volume.Source above = dentry.parent.stored;
            if (above != null && dentry.storedHere != null && !chosen.contains(dentry)) {
                occupied.add(above.ref());
            }
        }
        return occupied;
    }

    private boolean hasToWait(Dentry dentry, Set<Dentry> chosen, Set<String> occupied) {
        Volume.Source here = dentry.storedHere;
        Inode inode = dentry.inode;
        if (here == null || (inode != null && inode.stored != null && dentry.liesAt(inode.stored.ref()))) {
            return false;
        }
        Dentry other = nameElsewhere(dentry);
        if (other == null) {
            return occupied.contains(here.ref());
        }
        return VolumeTree.isDirty(other) && !(chosen.contains(other) && travelsTogether(other));
    }

    /**
     * Whether a new directory has the name of one that is removed here, and something that the store has in that one is to
     * be in the new one: each waits for the other. The new one comes beside the other first, as if somebody else had made
     * it; what is to be in it goes next, and what is left of the other in the end.
     */
    private boolean isTangle(Dentry dentry, List<Dentry> dirty) {
        Inode directory = dentry.inode;
        return directory != null
                && directory.isDirectory()
                && directory.stored == null
                && dentry.storedHere != null
                && nameElsewhere(dentry) == null
                && dirty.stream().anyMatch(other -> leadsInto(directory, nameElsewhere(other)));
    }

    /** Whether it is sent with the batch, not by itself. */
    private static boolean travelsTogether(Dentry dentry) {
        FileContent content = dentry.inode == null ? null : dentry.inode.content;
        return content == null || content.size() < CommitJob.LARGE_BYTES;
    }

    /** The name that what the store has under this one has by now; null if none. */
    private @Nullable Dentry nameElsewhere(Dentry dentry) {
        Inode was = tree.inodes.get(dentry.storedInode);
        Dentry named = was == null ? null : was.dentry;
        boolean same = was != null && was.stored != null && dentry.liesAt(was.stored.ref());
        return same && named != dentry ? named : null;
    }

    private CommitJob removal(Dentry dentry) {
        Volume.Source here = Objects.requireNonNull(dentry.storedHere);
        Volume.Change change = new Volume.Change.Unname(
                Objects.requireNonNull(dentry.parent.stored).ref(),
                dentry.name,
                here,
                here.ref().endsWith("/"),
                nameElsewhere(dentry) != null,
                dentry.parent.attributes.ctime());
        return new CommitJob(dentry, null, change, null, null, 0, dentry.sequence, null, false);
    }

    private CommitJob beside(Dentry dentry, Inode inode) {
        Volume.Change change = new Volume.Change.Put(
                Objects.requireNonNull(dentry.parent.stored).ref(),
                dentry.name,
                null,
                inode.attributes,
                null,
                null,
                Volume.After.SOURCE_STAYS,
                false,
                InodeNumbers.counterOf(inode.id),
                dentry.parent.attributes.ctime());
        return new CommitJob(
                dentry, inode, change, null, inode.attributes, inode.changedAt, dentry.sequence, null, true);
    }

    private CommitJob put(Dentry dentry, Inode inode, Map<String, Dentry> left) {
        Volume.Source here = dentry.storedHere;
        Dentry other = nameElsewhere(dentry);
        boolean strands = strands(dentry);
        if (strands && other != null && other.inode != null) {
            other.inode.stranded = here;
        }
        EntryVersion expected = here == null || strands ? null : here.version();
        Volume.Source source = inode.stored;
        // What was put in its place may have been told before a restart.
        boolean isStranded = source != null
                && (source.equals(inode.stranded) || !(dentry.liesAt(source.ref()) || left.containsKey(source.ref())));
        FileContent frozen = CommitJob.contentOf(inode);
        Volume.Change change = new Volume.Change.Put(
                Objects.requireNonNull(dentry.parent.stored).ref(),
                dentry.name,
                expected,
                inode.attributes,
                frozen == null ? null : reader.snapshot(inode, frozen),
                source,
                isStranded ? Volume.After.SOURCE_GOES : Volume.After.SOURCE_STAYS,
                other != null && !strands,
                InodeNumbers.counterOf(inode.id),
                dentry.parent.attributes.ctime());
        inode.syncRequested = false;
        return new CommitJob(
                dentry, inode, change, frozen, inode.attributes, inode.changedAt, dentry.sequence, null, false);
    }
}
