package isle.fs.vfs;

import isle.fs.cache.ContentSource;
import isle.fs.cache.ReadStream;
import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import isle.fs.vfs.Handles.FileHandle;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts the bytes of a file together: from the journal where they are dirty, else from the cache or the store. */
final class ContentReader {
    /** Attempts at a read whose ground moves: a commit may free the journal's copy while it is being read. */
    private static final int ATTEMPTS = 5;

    /** How long a read waits for a commit of the same file to be booked. */
    private static final long LANDING_NANOS = 5_000_000_000L;

    private final VolumeTree tree;

    ContentReader(VolumeTree tree) {
        this.tree = tree;
    }

    /** What a read is made of at one moment. */
    private record Plan(Volume.@Nullable Source base, List<FileContent.Piece> pieces, boolean inFlight) {
        boolean readsAs(Plan other) {
            return Objects.equals(base, other.base) && pieces.equals(other.pieces);
        }
    }

    private Plan plan(Inode inode, long offset, int length) {
        try (TreeLock.Held held = tree.lock.read()) {
            inode.lock.lock();
            try {
                FileContent content = inode.content;
                FileContent view = content != null ? content : new FileContent(inode.stored, inode.attributes.size());
                return new Plan(view.base(), view.plan(offset, offset + length), inode.inFlight);
            } finally {
                inode.lock.unlock();
            }
        }
    }

    /** Reads for a caller; what was read before an error in the middle does not count. */
    void read(Inode inode, FileHandle handle, long offset, ByteBuffer into) throws FsException {
        int start = into.position();
        Plan plan = plan(inode, offset, into.remaining());
        for (int attempt = 1; ; attempt++) {
            try {
                readPieces(inode, plan.base(), plan.pieces(), handle, into);
                return;
            } catch (FsException.NotFound | FsException.Stale e) {
                into.position(start);
                Plan next = attempt == ATTEMPTS ? plan : planAnew(inode, offset, into.remaining(), plan);
                if (next.readsAs(plan)) {
                    if (inode.attempted != null) {
                        throw new FsException.Unavailable("what became of an earlier change is not known yet", e);
                    }
                    throw new FsException.Stale("the version that was opened is no longer in the store", e);
                }
                plan = next;
            }
        }
    }

    /**
     * The plan after the ground has moved. Between the moment when the store has a commit and the one when it is booked
     * here, the old version is gone and the new one not known: that is waited for.
     */
    private Plan planAnew(Inode inode, long offset, int length, Plan failed) {
        long end = tree.clock.nanos() + LANDING_NANOS;
        if (inode.attempted != null) {
            tree.resolver.accept(inode);
        }
        Plan next = plan(inode, offset, length);
        while (next.readsAs(failed) && next.inFlight() && end - tree.clock.nanos() > 0) {
            tree.awaitLanding();
            next = plan(inode, offset, length);
        }
        return next;
    }

    private void readPieces(
            Inode inode,
            Volume.@Nullable Source base,
            List<FileContent.Piece> pieces,
            @Nullable FileHandle handle,
            ByteBuffer into)
            throws FsException {
        for (FileContent.Piece piece : pieces) {
            int length = (int) (piece.end() - piece.start());
            int limit = into.limit();
            into.limit(into.position() + length);
            try {
                if (piece.origin() instanceof Origin.Journaled journaled) {
                    tree.journal().read(journaled.location(), piece.skip(), into);
                } else if (piece.origin() instanceof Origin.Staged staged) {
                    readBase(null, staged.object(), piece.skip(), null, into);
                } else if (piece.ofBase()) {
                    readBase(inode, Objects.requireNonNull(base), piece.start(), handle, into);
                } else {
                    while (into.hasRemaining()) {
                        into.put((byte) 0);
                    }
                }
            } finally {
                into.limit(limit);
            }
        }
    }

    private void readBase(
            @Nullable Inode inode, Volume.Source base, long offset, @Nullable FileHandle handle, ByteBuffer into)
            throws FsException {
        if (handle == null) {
            try (ReadStream stream = tree.cache.open(sourceOf(inode, base))) {
                stream.read(offset, into);
            }
            return;
        }
        ReadStream stream;
        synchronized (handle) {
            String content = Objects.requireNonNull(base.version()).contentId();
            ReadStream open = handle.stream;
            if (open == null || !content.equals(handle.streamContent)) {
                if (open != null) {
                    open.close();
                }
                open = tree.cache.open(sourceOf(inode, base));
                handle.stream = open;
                handle.streamContent = content;
            }
            stream = open;
        }
        stream.read(offset, into);
    }

    /** Where the cache gets a content from: wherever the inode's content of that identity lies by then. */
    ContentSource sourceOf(@Nullable Inode inode, Volume.Source base) {
        EntryVersion version = Objects.requireNonNull(base.version());
        return new ContentSource() {
            @Override
            public String contentId() {
                return version.contentId();
            }

            @Override
            public long size() {
                return version.size();
            }

            @Override
            public void fetch(long offset, ByteBuffer into) throws FsException {
                Volume.Source place = inode == null ? base : current(inode, base);
                int start = into.position();
                try {
                    tree.volume.read(place.ref(), version, offset, into);
                } catch (FsException.NotFound | FsException.Stale e) {
                    String elsewhere = inode == null ? null : attempted(inode);
                    if (elsewhere == null || elsewhere.equals(place.ref())) {
                        throw e;
                    }
                    into.position(start);
                    tree.volume.read(elsewhere, version, offset, into);
                }
            }
        };
    }

    /** Where an inode may lie in the store, by a commit of which nothing was heard yet. */
    private @Nullable String attempted(Inode inode) {
        try (TreeLock.Held held = tree.lock.read()) {
            Dentry attempted = inode.attempted;
            return attempted == null ? null : attempted.attemptRef;
        }
    }

    private static Volume.Source current(Inode inode, Volume.Source base) {
        Volume.Source now;
        inode.lock.lock();
        try {
            FileContent content = inode.content;
            now = content == null ? inode.stored : content.base();
        } finally {
            inode.lock.unlock();
        }
        EntryVersion wanted = Objects.requireNonNull(base.version());
        if (now != null && now.version() != null && now.version().contentId().equals(wanted.contentId())) {
            return now;
        }
        return base;
    }

    /** The content as it is now, for a commit: it stays as it is while the file goes on changing. */
    Volume.Content snapshot(Inode inode, FileContent frozen) {
        return snapshot(inode, frozen, new Volume.Part(0, frozen.size()));
    }

    /** The same of a part of it. */
    Volume.Content snapshot(Inode inode, FileContent frozen, Volume.Part part) {
        return new Volume.Content() {
            @Override
            public long size() {
                return part.length();
            }

            @Override
            public void read(long offset, ByteBuffer into) throws FsException {
                long from = part.start() + offset;
                if (frozen.size() >= CommitJob.LARGE_BYTES && isRemoved(inode)) {
                    throw new FsException.Stale("the file was removed while it was sent");
                }
                readPieces(inode, frozen.base(), frozen.plan(from, from + into.remaining()), null, into);
            }

            @Override
            public Volume.@Nullable StoredRange stored(long offset, long length) {
                return frozen.stored(part.start() + offset, length);
            }
        };
    }

    private boolean isRemoved(Inode inode) {
        try (TreeLock.Held held = tree.lock.read()) {
            return inode.dentry == null;
        }
    }
}
