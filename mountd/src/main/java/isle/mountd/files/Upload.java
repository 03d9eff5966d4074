package isle.mountd.files;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.Created;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * One file while it is written. The bytes go into a draft beside it that takes its name at the end, while it is still
 * open: so the old content stays whole if the writer fails, and the store never sees the draft's name.
 */
public final class Upload implements Closeable {

    static final int PERMISSION_MASK = 0777;

    private final FileTree tree;
    private final IslePath path;
    private final EntryReport like;
    private final long parent;
    private final FileName draft;
    private final long handle;
    private long size;
    private boolean placed;
    private boolean open = true;

    private Upload(FileTree tree, IslePath path, EntryReport like, long parent, FileName draft, long handle) {
        this.tree = tree;
        this.path = path;
        this.like = like;
        this.parent = parent;
        this.draft = draft;
        this.handle = handle;
    }

    static FileName draftName() {
        return FileName.of(".isle-" + UUID.randomUUID());
    }

    static Upload begin(FileTree tree, IslePath path, EntryReport like) throws FsException {
        long parent = tree.parentOf(path);
        try {
            if (tree.files().lookup(parent, path.last()).kind() == FileKind.DIRECTORY) {
                throw new FsException.IsDirectory("a folder");
            }
        } catch (FsException.NotFound e) {
            // So much the better.
        }
        FileName draft = draftName();
        OpenFlags flags = new OpenFlags(true, true, false, true);
        int permissions = like.permissions() & PERMISSION_MASK;
        Created created = tree.files().create(parent, draft, permissions, flags, tree.caller());
        return new Upload(tree, path, like, parent, draft, created.handle());
    }

    /** Appends bytes. */
    public void append(ByteBuffer bytes) throws DaemonException {
        try {
            int count = bytes.remaining();
            tree.files().write(handle, size, bytes);
            size += count;
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    /** The content is complete: gives it its time and its name. What is acknowledged here survives a crash. */
    public void complete() throws DaemonException {
        FileSystem files = tree.files();
        try {
            files.flush(handle);
            files.setattr(
                    files.getattrOf(handle).inode(),
                    FileTree.mtime(new Timestamp(like.mtimeSeconds(), like.mtimeNanos())),
                    tree.caller());
            files.rename(parent, draft, parent, path.last(), tree.caller());
            placed = true;
            open = false;
            files.release(handle);
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    /** Forgets a file that was not completed. */
    @Override
    public void close() throws DaemonException {
        try {
            if (open) {
                open = false;
                tree.files().release(handle);
            }
            if (!placed) {
                placed = true;
                tree.files().unlink(parent, draft, tree.caller());
            }
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }
}
