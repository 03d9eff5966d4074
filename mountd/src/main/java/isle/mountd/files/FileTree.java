package isle.mountd.files;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.fs.vfs.FileSystem.Stat;
import isle.fs.vfs.FileSystem.TimeChange;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.EntrySink;
import isle.mountd.api.Extras;
import isle.mountd.api.PathText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files by path. Errors are {@link DaemonException}s with sentences for people; an {@link IOException} that is none
 * comes from the caller's own sinks.
 */
public final class FileTree {

    /** As many as Linux follows. */
    private static final int MOST_SYMLINKS = 40;

    private static final int PIECE_BYTES = 256 * 1024;
    private static final int FOLDER_PERMISSIONS = 0755;
    private static final int OWNER_ALONE = 0700;
    private static final Extras NO_EXTRAS = new Extras(0, Map.of());

    private static final Logger LOG = LoggerFactory.getLogger(FileTree.class);

    private final FileSystem files;
    private final Caller caller;

    public FileTree(FileSystem files, Caller caller) {
        this.files = files;
        this.caller = caller;
    }

    /** Takes pieces of a file's content; the buffer is reused afterwards. */
    public interface ContentSink {
        void accept(ByteBuffer piece) throws IOException;
    }

    FileSystem files() {
        return files;
    }

    Caller caller() {
        return caller;
    }

    /**
     * What is under a path.
     *
     * @param follow whether a symlink at its end is followed; those on the way always are
     */
    Stat find(IslePath path, boolean follow) throws FsException {
        List<FileName> rest = new ArrayList<>(path.names());
        List<Stat> above = new ArrayList<>(List.of(files.getattr(FileSystem.ROOT)));
        int symlinks = 0;
        while (!rest.isEmpty()) {
            FileName name = rest.remove(0);
            Stat parent = above.get(above.size() - 1);
            if (parent.kind() != FileKind.DIRECTORY) {
                throw new FsException.NotDirectory("not a folder");
            }
            Stat stat = files.lookup(parent.inode(), name);
            if (stat.kind() == FileKind.SYMLINK && (follow || !rest.isEmpty())) {
                if (++symlinks > MOST_SYMLINKS) {
                    throw new FsException.Invalid("more than " + MOST_SYMLINKS + " symlinks on the way");
                }
                rest.addAll(0, targetOf(stat, above));
            } else {
                above.add(stat);
            }
        }
        return above.get(above.size() - 1);
    }

    /** Names that a symlink stands for; steps up are taken out of {@code above}. */
    private List<FileName> targetOf(Stat symlink, List<Stat> above) throws FsException {
        String target = files.readlink(symlink.inode());
        if (target.startsWith("/")) {
            throw new FsException.Invalid("a symlink that leads out of isle, to " + PathText.ofRaw(target));
        }
        List<FileName> names = new ArrayList<>();
        for (String name : target.split("/+", -1)) {
            if (name.equals("..") && names.isEmpty()) {
                if (above.size() < 2) {
                    throw new FsException.Invalid("a symlink that leads out of isle");
                }
                above.remove(above.size() - 1);
            } else if (name.equals("..")) {
                names.remove(names.size() - 1);
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(FileName.parse(name));
            }
        }
        return names;
    }

    /** The folder in which the last name of a path is or shall be. */
    long parentOf(IslePath path) throws FsException {
        if (path.isRoot()) {
            throw new FsException.Invalid("the root of isle");
        }
        Stat parent = find(path.parent(), true);
        if (parent.kind() != FileKind.DIRECTORY) {
            throw new FsException.NotDirectory("not a folder");
        }
        return parent.inode();
    }

    /** What is under a path, or empty. */
    public Optional<EntryReport> stat(IslePath path, boolean follow) throws DaemonException {
        try {
            String name = path.isRoot() ? "" : PathText.ofRaw(path.last().raw());
            return Optional.of(report(name, find(path, follow)));
        } catch (FsException.NotFound e) {
            return Optional.empty();
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    /**
     * What a listing has.
     *
     * @param recursive all folders below too
     * @param detailed more than names and kinds
     * @param whole also what few files have
     */
    public record Listing(boolean recursive, boolean detailed, boolean whole) {}

    /** Entries of a folder; a file is an entry of its own. */
    public void list(IslePath path, Listing listing, EntrySink sink) throws IOException {
        try {
            Stat stat = find(path, true);
            if (stat.kind() == FileKind.DIRECTORY) {
                listFolder(stat.inode(), "", listing, sink);
            } else {
                sink.accept(report(path.text(), stat));
            }
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    private void listFolder(long folder, String prefix, Listing listing, EntrySink sink) throws IOException {
        for (DirectoryEntry entry : entries(folder)) {
            try {
                String path = prefix + PathText.ofRaw(entry.rawName());
                FileKind kind = entry.kind();
                if (listing.detailed() || (listing.recursive() && kind == null)) {
                    Stat stat = files.lookup(folder, FileName.parse(entry.rawName()));
                    kind = stat.kind();
                    sink.accept(listing.whole() ? whole(path, stat) : report(path, stat));
                } else {
                    sink.accept(nameOnly(path, kind));
                }
                if (listing.recursive() && kind == FileKind.DIRECTORY) {
                    listFolder(entry.inode(), path + "/", listing, sink);
                }
            } catch (FsException.NotFound e) {
                // Removed since the folder was read: the others are still there.
                LOG.debug("A name went while its folder was listed");
            }
        }
    }

    private static EntryReport nameOnly(String path, @Nullable FileKind kind) {
        return new EntryReport(
                path, kind == null ? "unknown" : word(kind), 0, 1, 0, 0, 0, 0, 0, Optional.empty(), NO_EXTRAS);
    }

    /** Entries of a folder without "." and "..", in the order of their bytes. */
    List<DirectoryEntry> entries(long folder) throws FsException {
        List<DirectoryEntry> result = new ArrayList<>();
        long handle = files.openDirectory(folder);
        try {
            List<DirectoryEntry> some = files.readDirectory(handle, 0);
            while (!some.isEmpty()) {
                for (DirectoryEntry entry : some) {
                    if (!entry.rawName().equals(".") && !entry.rawName().equals("..")) {
                        result.add(entry);
                    }
                }
                some = files.readDirectory(handle, some.get(some.size() - 1).position() + 1);
            }
        } finally {
            files.releaseDirectory(handle);
        }
        result.sort((a, b) -> a.rawName().compareTo(b.rawName()));
        return result;
    }

    private static String word(FileKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private EntryReport report(String path, Stat stat) throws FsException {
        return report(path, stat, NO_EXTRAS);
    }

    private EntryReport whole(String path, Stat stat) throws FsException {
        Map<String, String> xattrs = new TreeMap<>();
        for (String name : files.listxattr(stat.inode())) {
            xattrs.put(name, files.getxattr(stat.inode(), name));
        }
        return report(path, stat, new Extras(stat.device(), xattrs));
    }

    private EntryReport report(String path, Stat stat, Extras extras) throws FsException {
        return new EntryReport(
                path,
                word(stat.kind()),
                stat.permissions(),
                stat.links(),
                stat.uid(),
                stat.gid(),
                stat.size(),
                stat.mtime().seconds(),
                stat.mtime().nanos(),
                stat.kind() == FileKind.SYMLINK
                        ? Optional.of(PathText.ofRaw(files.readlink(stat.inode())))
                        : Optional.empty(),
                extras);
    }

    /** Content of a file, in pieces. */
    public void read(IslePath path, ContentSink sink) throws IOException {
        try {
            Stat stat = find(path, true);
            if (stat.kind() == FileKind.DIRECTORY) {
                throw new FsException.IsDirectory("a folder");
            }
            read(stat.inode(), sink);
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    void read(long inode, ContentSink sink) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
        long handle = files.open(inode, new OpenFlags(true, false, false, false), caller);
        try {
            long offset = 0;
            while (files.read(handle, offset, piece.clear()) > 0) {
                piece.flip();
                offset += piece.remaining();
                sink.accept(piece);
            }
        } finally {
            files.release(handle);
        }
    }

    /** Makes a folder; with {@code parents} those above it too, and one that exists is fine. */
    public void makeDirectory(IslePath path, boolean parents) throws DaemonException {
        IslePath at = path;
        try {
            if (!parents) {
                files.mkdir(parentOf(path), path.last(), FOLDER_PERMISSIONS, caller);
                return;
            }
            for (int count = 1; count <= path.names().size(); count++) {
                at = new IslePath(path.names().subList(0, count));
                if (!isFolder(at)) {
                    files.mkdir(parentOf(at), at.last(), FOLDER_PERMISSIONS, caller);
                }
            }
        } catch (FsException e) {
            throw FileProblems.of(at.text(), e);
        }
    }

    /** Begins a folder that is filled next, for its owner alone, with those above it; false if there is one already. */
    public boolean beginFolder(IslePath path) throws DaemonException {
        try {
            if (isFolder(path)) {
                return false;
            }
            if (path.names().size() > 1) {
                makeDirectory(path.parent(), true);
            }
            files.mkdir(parentOf(path), path.last(), OWNER_ALONE, caller);
            return true;
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    /** A folder is filled: gives it its permissions (nine bits) and time. */
    public void completeFolder(IslePath path, EntryReport like) throws DaemonException {
        try {
            long folder = find(path, true).inode();
            files.setattr(folder, AttributeChange.chmod(like.permissions() & Upload.PERMISSION_MASK), caller);
            files.setattr(folder, mtime(new Timestamp(like.mtimeSeconds(), like.mtimeNanos())), caller);
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    static AttributeChange mtime(Timestamp time) {
        return AttributeChange.times(Optional.empty(), Optional.of(new TimeChange(Optional.of(time))));
    }

    private boolean isFolder(IslePath path) throws FsException {
        try {
            return find(path, true).kind() == FileKind.DIRECTORY;
        } catch (FsException.NotFound e) {
            return false;
        }
    }

    /** Makes a symlink, in the place of a file or symlink that is there. */
    public void makeSymlink(IslePath path, String target) throws DaemonException {
        try {
            long parent = parentOf(path);
            FileName draft = Upload.draftName();
            files.symlink(parent, draft, PathText.toRaw(target), caller);
            files.rename(parent, draft, parent, path.last(), caller);
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    /** Begins to write a file; nothing shows under its name before {@link Upload#complete}. */
    public Upload write(IslePath path, EntryReport like) throws DaemonException {
        try {
            return Upload.begin(this, path, like);
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }
}
