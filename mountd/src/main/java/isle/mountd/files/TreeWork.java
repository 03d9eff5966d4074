package isle.mountd.files;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.Stat;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.PathText;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** Work on whole trees: moving, also from one volume to another, and removing. */
public final class TreeWork {

    private final FileTree tree;
    private final FileSystem files;
    private final Consumer<String> progress;

    /** @param progress takes the path of each file that was copied or removed */
    public TreeWork(FileTree tree, Consumer<String> progress) {
        this.tree = tree;
        this.files = tree.files();
        this.progress = progress;
    }

    /**
     * Moves {@code from} to {@code to}, or into it if it is a folder; between volumes by a copy and a removal.
     *
     * @param into whether {@code to} has to be a folder
     */
    public void move(IslePath from, IslePath to, boolean into) throws IOException {
        IslePath target = to;
        try {
            Stat source = tree.find(from, false);
            long parent = tree.parentOf(from);
            Optional<EntryReport> there = tree.stat(to, true);
            boolean folder = there.isPresent() && there.get().isDirectory();
            if (into && !folder) {
                throw new FsException.NotDirectory("not a folder");
            }
            if (folder && !to.equals(from)) {
                target = to.child(from.last());
            }
            if (target.isWithin(from) && !target.equals(from)) {
                throw new DaemonException(
                        FailureKind.FAILED,
                        "'" + PathText.display(from.text()) + "' cannot be moved into itself.",
                        "Choose a place outside of it.");
            }
            long targetParent = tree.parentOf(target);
            try {
                files.rename(parent, from.last(), targetParent, target.last(), tree.caller());
            } catch (FsException.CrossVolume e) {
                copy(source, from, target);
                removeTree(parent, from.last(), source, from);
            }
        } catch (FsException e) {
            throw FileProblems.of(e instanceof FsException.NotFound ? from.text() : target.text(), e);
        }
    }

    private void copy(Stat source, IslePath from, IslePath to) throws IOException {
        EntryReport like = EntryReport.wanted(
                source.permissions(),
                java.time.Instant.ofEpochSecond(
                        source.mtime().seconds(), source.mtime().nanos()));
        boolean isNew = true;
        switch (source.kind()) {
            case FILE -> {
                try (Upload upload = tree.write(to, like)) {
                    tree.read(source.inode(), upload::append);
                    upload.complete();
                }
            }
            case SYMLINK -> tree.makeSymlink(to, PathText.ofRaw(files.readlink(source.inode())));
            case DIRECTORY -> {
                isNew = tree.beginFolder(to);
                for (DirectoryEntry entry : tree.entries(source.inode())) {
                    FileName name = FileName.parse(entry.rawName());
                    copy(files.lookup(source.inode(), name), from.child(name), to.child(name));
                }
            }
            case FIFO, SOCKET, CHAR_DEVICE, BLOCK_DEVICE ->
                files.mknod(tree.parentOf(to), to.last(), source.mode(), source.device(), tree.caller());
        }
        if (isNew) {
            keepAttributes(source, to);
        }
        progress.accept(from.text());
    }

    /** What a copy has beside its content; its time last. */
    private void keepAttributes(Stat source, IslePath to) throws FsException {
        long copy = tree.find(to, false).inode();
        for (String name : files.listxattr(source.inode())) {
            files.setxattr(copy, name, files.getxattr(source.inode(), name), 0, tree.caller());
        }
        if (source.kind() != FileKind.SYMLINK) {
            files.setattr(copy, AttributeChange.chmod(source.permissions()), tree.caller());
        }
        files.setattr(copy, FileTree.mtime(source.mtime()), tree.caller());
    }

    /**
     * Removes what is under a path.
     *
     * @param recursive a folder with all that is in it
     * @param force nothing there is fine
     */
    public void remove(IslePath path, boolean recursive, boolean force) throws IOException {
        try {
            long parent = tree.parentOf(path);
            Stat stat = files.lookup(parent, path.last());
            if (stat.kind() == FileKind.DIRECTORY && !recursive) {
                throw new FsException.IsDirectory("a folder");
            }
            removeTree(parent, path.last(), stat, path);
        } catch (FsException.NotFound e) {
            if (!force) {
                throw FileProblems.of(path.text(), e);
            }
        } catch (FsException e) {
            throw FileProblems.of(path.text(), e);
        }
    }

    private void removeTree(long parent, FileName name, Stat stat, IslePath path) throws FsException {
        if (stat.kind() == FileKind.DIRECTORY) {
            for (DirectoryEntry entry : tree.entries(stat.inode())) {
                FileName child = FileName.parse(entry.rawName());
                removeTree(stat.inode(), child, files.lookup(stat.inode(), child), path.child(child));
            }
            files.rmdir(parent, name, tree.caller());
        } else {
            files.unlink(parent, name, tree.caller());
        }
        progress.accept(path.text());
    }
}
