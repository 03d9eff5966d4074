package isle.fs.vfs;

import isle.fs.index.DirectoryState;
import isle.fs.index.IndexChange;
import isle.fs.index.IndexEntry;
import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes over what a list of the store says about a directory. What was changed here and is not in the store yet is left
 * alone: the commit finds out whether somebody else changed it too. A list begun before a commit does not undo it.
 */
final class Reconciler {
    private final VolumeTree tree;
    private final IndexQueue queue;
    private final ChangeListener listener;

    Reconciler(VolumeTree tree, IndexQueue queue, ChangeListener listener) {
        this.tree = tree;
        this.queue = queue;
        this.listener = listener;
    }

    /** What a list changes. */
    private static final class Changes {
        final List<IndexChange> index = new ArrayList<>();
        final List<Inode> inodes = new ArrayList<>();
        final List<FileName> names = new ArrayList<>();

        /** Names of other directories. */
        final List<Dentry> left = new ArrayList<>();

        /** Made when first asked for. */
        @Nullable Leftovers leftovers;

        /** Versions in the store of what goes from names of the directory here. */
        final Set<EntryVersion> leaving = new HashSet<>();

        /** Numbers of what was sent to them, and may have come there. */
        final Set<Long> sent = new HashSet<>();
    }

    void apply(Inode directory, String ref, List<Volume.Entry> listed, long stamp, Listing when) throws FsException {
        Changes changes = new Changes();
        try (TreeLock.Held held = tree.lock.write()) {
            Volume.Source stored = directory.stored;
            if (stored == null || !stored.ref().equals(ref) || !isShown(directory)) {
                return;
            }
            Inode.Directory names = directory.asDirectory();
            Map<FileName, Volume.Entry> byName = new HashMap<>(listed.size() * 2);
            for (Volume.Entry entry : listed) {
                if (directory != tree.root || !Loader.isKept(entry.name())) {
                    byName.put(entry.name(), entry);
                }
            }
            if (!tree.isByReference()) {
                leaveLeftovers(names, byName, changes);
            }
            noteLeaving(names, changes);
            dropMissing(names, byName, stamp, changes);
            for (Volume.Entry entry : byName.values()) {
                take(directory, entry, stamp, changes);
            }
            names.loaded = true;
            names.listed = when;
            if (!names.removed) {
                changes.index.add(new IndexChange.Listed(new DirectoryState(directory.id, when.millis(), true)));
            }
            queue.add(changes.index);
        }
        for (Inode inode : changes.inodes) {
            listener.inodeChanged(inode.id);
        }
        for (FileName name : changes.names) {
            listener.nameChanged(directory.id, name);
        }
        for (Dentry each : changes.left) {
            listener.nameChanged(each.parent.id, each.name);
        }
    }

    /**
     * Whether there is a way to a directory. One by reference that others have removed or made one with another, and that
     * a handle or the journal knows still, must not take what is shown elsewhere.
     */
    private boolean isShown(Inode directory) {
        return !tree.isByReference() || directory == tree.root || directory.isInside(tree.root);
    }

    /**
     * Drops folders that are only still there because the committer has not come to what is in them. A file that took
     * the name of such a folder was listed beside it, under another one.
     */
    private void leaveLeftovers(Inode.Directory names, Map<FileName, Volume.Entry> byName, Changes changes) {
        for (Volume.Entry entry : List.copyOf(byName.values())) {
            String ref = entry.ref();
            Dentry known = names.children.get(entry.name());
            boolean ours = known != null && known.inode != null && known.liesAt(ref);
            if (ours || !ref.endsWith("/") || !isLeftover(ref, changes)) {
                continue;
            }
            byName.remove(entry.name());
            String file = ref.substring(0, ref.length() - 1);
            for (Volume.Entry beside : List.copyOf(byName.values())) {
                if (beside.ref().equals(file)) {
                    byName.remove(beside.name());
                    byName.put(
                            entry.name(),
                            new Volume.Entry(
                                    entry.name(), file, beside.version(), beside.attributes(), beside.described()));
                }
            }
        }
    }

    private void noteLeaving(Inode.Directory names, Changes changes) {
        for (Dentry each : tree.isByReference() ? names.children.values() : List.<Dentry>of()) {
            Volume.Source here = each.storedHere;
            Inode named = each.inode;
            EntryVersion there = here == null ? null : here.version();
            if (there != null && (named == null || named.stored == null || !each.liesAt(named.stored.ref()))) {
                changes.leaving.add(there);
            }
            if (!each.tokens.isEmpty() && (named == null || named.id != each.attemptInode)) {
                changes.sent.add(each.attemptInode);
            }
        }
    }

    private void dropMissing(Inode.Directory names, Map<FileName, Volume.Entry> listed, long stamp, Changes changes) {
        for (Dentry dentry : new ArrayList<>(names.children.values())) {
            if (listed.containsKey(dentry.name) || isOurs(dentry, stamp)) {
                continue;
            }
            Inode inode = Objects.requireNonNull(dentry.inode);
            if (inode.isDirectory() && hasOwnChanges(inode)) {
                continue;
            }
            forget(dentry, inode, changes);
            changes.names.add(dentry.name);
        }
    }

    /** Whether the name is for the committer to settle, or was settled after the list began. */
    private boolean isOurs(Dentry dentry, long stamp) {
        return dentry.inFlight || dentry.inode == null || VolumeTree.isDirty(dentry) || dentry.commitStamp > stamp;
    }

    /** Whether something below a directory is not in the store yet: then it is not gone, whatever a list says. */
    private static boolean hasOwnChanges(Inode directory) {
        for (Dentry child : Objects.requireNonNull(directory.directory).children.values()) {
            Inode below = child.inode;
            if (child.inFlight || VolumeTree.isDirty(child)) {
                return true;
            }
            if (below != null && (below.handles > 0 || (below.isDirectory() && hasOwnChanges(below)))) {
                return true;
            }
        }
        return false;
    }

    private void forget(Dentry dentry, Inode inode, Changes changes) {
        changes.index.add(new IndexChange.Remove(inode.id));
        tree.forgetIntroduced(inode);
        forgetBelow(inode);
        tree.setMeaning(dentry, null);
        dentry.storedHere = null;
        dentry.storedInode = 0;
        inode.dentry = null;
        tree.dropIfVoid(dentry);
        tree.forgetIfDead(inode);
        changes.inodes.add(inode);
    }

    private void forgetBelow(Inode inode) {
        Inode.Directory directory = inode.directory;
        if (directory == null) {
            return;
        }
        directory.removed = true;
        for (Dentry child : new ArrayList<>(directory.children.values())) {
            Inode below = child.inode;
            if (below != null) {
                tree.conflicts.gone(child);
                forgetBelow(below);
                tree.forgetIntroduced(below);
                below.dentry = null;
                tree.forgetIfDead(below);
            }
        }
        directory.children.clear();
    }

    private void take(Inode parent, Volume.Entry entry, long stamp, Changes changes) throws FsException {
        if (parent.asDirectory().settled.getOrDefault(entry.name(), 0L) > stamp) {
            return;
        }
        Dentry dentry = tree.slot(parent, entry.name());
        // With an attempt open, what lies there may be our own, removed meanwhile: the committer finds out.
        boolean fresh = dentry.inode == null
                && dentry.storedHere == null
                && dentry.tokens.isEmpty()
                && dentry.commitStamp <= stamp;
        boolean movingAway = fresh && isLeftover(entry.ref(), changes);
        if (movingAway) {
            tree.dropIfVoid(dentry);
            return;
        }
        if (fresh && !dentry.inFlight) {
            addNew(dentry, entry, stamp, changes);
            return;
        }
        if (isOurs(dentry, stamp)) {
            tree.dropIfVoid(dentry);
            return;
        }
        Inode inode = Objects.requireNonNull(dentry.inode);
        Volume.Source here = Objects.requireNonNull(dentry.storedHere);
        boolean sameKind = inode.isDirectory() == (entry.attributes().kind() == FileKind.DIRECTORY);
        if (sameKind && here.ref().equals(entry.ref()) && same(here.version(), entry.version())) {
            learn(dentry, inode, entry);
            if (!parent.asDirectory().loaded) {
                // Known from the journal; the index may have lost it, or never had it.
                changes.index.add(put(dentry, inode));
            }
            return;
        }
        if (!sameKind || isAnother(here, entry)) {
            if (inode.isDirectory() && hasOwnChanges(inode)) {
                return;
            }
            forget(dentry, inode, changes);
            addNew(tree.slot(parent, entry.name()), entry, stamp, changes);
            return;
        }
        update(dentry, inode, entry, changes);
    }

    /** Whether a name refers to something else than before; by place it is the same that has changed. */
    private boolean isAnother(Volume.Source here, Volume.Entry entry) {
        return tree.isByReference() && tree.numberOf(here.ref()) != tree.numberOf(entry.ref());
    }

    /** Whether what lies at a place is only still there because the committer has not come to it yet. */
    private boolean isLeftover(String ref, Changes changes) {
        if (tree.isByReference()) {
            return false;
        }
        Leftovers leftovers = changes.leftovers;
        if (leftovers == null) {
            leftovers = new Leftovers(tree);
            changes.leftovers = leftovers;
        }
        return leftovers.contains(ref);
    }

    private boolean same(@Nullable EntryVersion known, @Nullable EntryVersion listed) {
        if (known == null || listed == null) {
            return (known == null) == (listed == null);
        }
        return tree.volume.sameVersion(known, listed);
    }

    /** The list may know the version more exactly than the answer to our own put did. */
    private void learn(Dentry dentry, Inode inode, Volume.Entry entry) {
        EntryVersion version = entry.version();
        if (tree.isByReference() && inode.isDirectory()) {
            // The version is that of its name; what goes on in it moves its times all the same.
            inode.attributes = withLaterTimes(inode.attributes, entry.attributes());
        }
        if (version != null && !inode.isDirty()) {
            Volume.Source exact = new Volume.Source(entry.ref(), version);
            dentry.storedHere = exact;
            inode.stored = exact;
        }
    }

    private void update(Dentry dentry, Inode inode, Volume.Entry entry, Changes changes) throws FsException {
        Volume.Source stored = new Volume.Source(entry.ref(), entry.version());
        dentry.storedHere = stored;
        inode.stored = stored;
        tree.forgetIntroduced(inode);
        inode.described = entry.described();
        if (inode.isDirectory()) {
            inode.described = true;
            if (tree.isByReference()) {
                // It may consist of more, or less, than before.
                inode.asDirectory().listed = Listing.NEVER;
            }
            if (entry.described()) {
                inode.attributes = entry.attributes();
            } else if (entry.version() != null) {
                inode.described = false;
            }
        } else {
            inode.attributes = entry.attributes();
            inode.content = null;
        }
        changes.index.add(put(dentry, inode));
        changes.inodes.add(inode);
    }

    private void addNew(Dentry dentry, Volume.Entry entry, long stamp, Changes changes) throws FsException {
        if (staysAway(dentry, entry, stamp, changes)) {
            tree.dropIfVoid(dentry);
            return;
        }
        takeAlong(dentry, entry, changes);
        long number = numberFor(entry);
        Inode waiting = tree.inodes.get(number);
        Inode inode = waiting != null ? waiting : new Inode(number, entry.attributes());
        if (waiting != null && waiting.directory != null && tree.isByReference()) {
            // It was renamed by somebody else.
            waiting.directory.loaded &= !waiting.directory.removed;
            waiting.directory.removed = false;
            // Or removed here, and is there all the same: of what was changed here then nothing waits.
            waiting.storedUpTo = waiting.changedAt;
        }
        inode.attributes = entry.attributes();
        inode.described = entry.described();
        Volume.Source stored = new Volume.Source(entry.ref(), entry.version());
        inode.stored = stored;
        dentry.storedHere = stored;
        dentry.storedInode = number;
        tree.inodes.put(number, inode);
        tree.forgetIntroduced(inode);
        tree.setMeaning(dentry, inode);
        changes.index.add(put(dentry, inode));
        if (dentry.parent.asDirectory().loaded) {
            // Of a folder that is read for the first time nobody has been told anything: to take a name back then would
            // take it from who has gone into it meanwhile.
            changes.names.add(entry.name());
        }
    }

    /** The directory by reference that a list has found, if it is known under another name; else null. */
    private @Nullable Inode knownElsewhere(Dentry to, Volume.Entry entry) {
        if (!tree.isByReference() || entry.attributes().kind() != FileKind.DIRECTORY) {
            return null;
        }
        Inode known = tree.inodes.get(tree.numberOf(entry.ref()));
        return known != null && known.isDirectory() && known.dentry != null && known.dentry != to ? known : null;
    }

    /**
     * Whether a directory is not to be shown where a list has found it (twice, it could be moved into itself): it was
     * renamed here, too, and the commit finds out where it is; or, as a file, it was removed here, and is a copy because
     * something else is in its place; or it would be in itself, until it is known where those are that it is in.
     */
    private boolean staysAway(Dentry to, Volume.Entry entry, long stamp, Changes changes) {
        Inode known = knownElsewhere(to, entry);
        Dentry from = known == null ? null : known.dentry;
        if (known == null || from == null) {
            boolean mayLeave = entry.attributes().kind() == FileKind.DIRECTORY || Conflicts.isCopy(to);
            return mayLeave && isLeaving(to, entry, changes);
        }
        return isOurs(from, stamp) || to.parent == known || to.parent.isInside(known);
    }

    /** Another version than the one that goes may be what it was renamed to here, before the last start. */
    private boolean isLeaving(Dentry to, Volume.Entry entry, Changes changes) {
        long number = tree.numberOf(entry.ref());
        return (changes.sent.contains(number) && Conflicts.isCopy(to))
                || changes.leaving.stream().anyMatch(each -> same(each, entry.version()));
    }

    /**
     * A directory by reference that is found under a name has left the one that is known, whose own list may be old: it
     * comes with all that is below it.
     */
    private void takeAlong(Dentry to, Volume.Entry entry, Changes changes) {
        Inode known = knownElsewhere(to, entry);
        Dentry from = known == null ? null : known.dentry;
        if (known == null || from == null) {
            return;
        }
        tree.setMeaning(from, null);
        known.dentry = null;
        from.storedHere = null;
        from.storedInode = 0;
        tree.dropIfVoid(from);
        changes.left.add(from);
    }

    private long numberFor(Volume.Entry entry) throws FsException {
        Long placed = tree.placedNumbers.remove(entry.ref());
        if (placed != null) {
            return placed;
        }
        long derived = tree.numberOf(entry.ref());
        Inode known = tree.inodes.get(derived);
        boolean directory = entry.attributes().kind() == FileKind.DIRECTORY;
        boolean free = known == null || (known.isDirectory() == directory && isWaiting(known));
        // One thing may be shown under two names, each of which is an inode of its own then.
        return derived != 0 && free ? derived : tree.newNumber();
    }

    /** Whether an inode has lost its name to others, not here. A file that was unlinked here may have other content. */
    private static boolean isWaiting(Inode inode) {
        return inode.dentry == null && (inode.isDirectory() || (!inode.isDirty() && inode.content == null));
    }

    /**
     * The row of a directory whose times changed with its names, which no commit of its own tells the index. Caller
     * holds the write lock.
     */
    static void putTouched(List<IndexChange> changes, Inode inode) {
        Inode.Directory directory = inode.directory;
        Dentry name = inode.dentry;
        if (directory == null || !directory.touched || name == null) {
            return;
        }
        if (name.storedHere != null && name.storedInode == inode.id) {
            directory.touched = false;
            changes.add(put(name, inode));
        }
    }

    /**
     * The attributes of what was committed. A directory's times may have changed with its names while it was on its way,
     * and the commit of such a name may have told the index: they are not taken back. Caller holds the write lock.
     */
    static Attributes committed(CommitJob job, Inode inode) {
        Attributes now = inode.attributes;
        Attributes sent = job.attributes() != null ? job.attributes() : now;
        if (inode.isDirectory()) {
            return sent.withMtime(now.mtime()).withCtime(now.ctime());
        }
        return job.frozen() != null ? sent.withSize(job.frozen().size()) : sent;
    }

    /**
     * Names that come and go move a directory's times, and neither the store nor a record of the journal is told: what
     * they say of it may be older than what is known already.
     */
    static Attributes withLaterTimes(Attributes directory, Attributes known) {
        boolean later = known.kind() == FileKind.DIRECTORY && known.ctime().compareTo(directory.ctime()) > 0;
        return later ? directory.withMtime(known.mtime()).withCtime(known.ctime()) : directory;
    }

    /** The index is to give up an inode's row; unless it is the taker's own, what is below goes with it. */
    static void loseRow(@Nullable Inode owner, @Nullable Inode taker) {
        if (owner != null && owner != taker && owner.directory != null) {
            owner.directory.rowLost = true;
        }
    }

    /** The rows below a directory that the index lost and has got back. Caller holds the write lock. */
    static void putLost(List<IndexChange> changes, Inode inode) {
        Inode.Directory directory = inode.directory;
        if (directory == null || !directory.rowLost) {
            return;
        }
        directory.rowLost = false;
        for (Dentry child : directory.children.values()) {
            Inode below = child.inode;
            if (below != null && below.directory != null) {
                below.directory.rowLost = true;
            }
            if (below != null && child.storedHere != null && !child.inFlight && !VolumeTree.isDirty(child)) {
                changes.add(put(child, below));
                putLost(changes, below);
            }
        }
        if (directory.loaded) {
            changes.add(new IndexChange.Listed(new DirectoryState(inode.id, directory.listed.millis(), true)));
        }
    }

    /** The row of a name as the store has it; noted as what the index has under the name. Caller holds the write lock. */
    static IndexChange put(Dentry dentry, Inode inode) {
        dentry.storedInode = inode.id;
        Volume.Source stored = Objects.requireNonNull(dentry.storedHere);
        return new IndexChange.Put(new IndexEntry(
                inode.id,
                dentry.parent.id,
                dentry.name,
                stored.ref(),
                stored.version(),
                inode.attributes,
                inode.described));
    }
}
