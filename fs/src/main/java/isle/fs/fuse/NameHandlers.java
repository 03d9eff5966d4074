package isle.fs.fuse;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;

/** Operations on names in a directory. The kernel has applied the umask to every mode. */
final class NameHandlers {

    private static final int PERMISSIONS = 07777;

    /** Longest target of a symbolic link, PATH_MAX without its NUL. */
    private static final int MAX_TARGET = 4095;

    private final FileSystem fs;
    private final Reply reply;
    private final KernelNodes nodes;
    private final PageCaches pages;

    NameHandlers(FileSystem fs, Reply reply, KernelNodes nodes, PageCaches pages) {
        this.fs = fs;
        this.reply = reply;
        this.nodes = nodes;
        this.pages = pages;
    }

    void install(OperationTable table) {
        table.set(Operation.LOOKUP, this::lookup);
        table.set(Operation.FORGET, this::forget);
        table.set(Operation.BATCH_FORGET, this::forgetBatch);
        table.set(Operation.MKNOD, this::mknod);
        table.set(Operation.MKDIR, this::mkdir);
        table.set(Operation.SYMLINK, this::symlink);
        table.set(Operation.LINK, this::link);
        table.set(Operation.UNLINK, this::unlink);
        table.set(Operation.RMDIR, this::rmdir);
        table.set(Operation.RENAME, this::rename);
    }

    private static FileName name(long address) throws FsException {
        return FileName.parse(Native.string(address));
    }

    private void lookup(long request, long parent, long name) {
        reply.run(Operation.LOOKUP, request, answer -> {
            try {
                answer.entry(fs.lookup(parent, name(name)));
            } catch (FsException.NotFound e) {
                answer.absent();
            }
        });
    }

    private void forget(long request, long inode, long times) {
        reply.run(Operation.FORGET, request, answer -> {
            forgotten(inode, times);
            answer.nothing();
        });
    }

    /** {@code struct fuse_forget_data}: inode and count. */
    private void forgetBatch(long request, long count, long items) {
        reply.run(Operation.BATCH_FORGET, request, answer -> {
            for (long item = items; item < items + count * 2 * Long.BYTES; item += 2L * Long.BYTES) {
                forgotten(Native.getLong(item), Native.getLong(item + Long.BYTES));
            }
            answer.nothing();
        });
    }

    private void forgotten(long inode, long times) {
        if (nodes.givenBack(inode, times)) {
            pages.forget(inode);
            fs.forget(inode);
        }
    }

    private void mknod(long request, long parent, long name, long mode, long device) {
        reply.run(
                Operation.MKNOD,
                request,
                answer -> answer.entry(fs.mknod(parent, name(name), (int) mode, device, answer.caller())));
    }

    private void mkdir(long request, long parent, long name, long mode) {
        reply.run(
                Operation.MKDIR,
                request,
                answer -> answer.entry(fs.mkdir(parent, name(name), (int) mode & PERMISSIONS, answer.caller())));
    }

    private void symlink(long request, long target, long parent, long name) {
        reply.run(Operation.SYMLINK, request, answer -> {
            String text = Native.string(target);
            if (text.length() > MAX_TARGET) {
                throw new FsException.NameTooLong("target of " + text.length() + " bytes");
            }
            answer.entry(fs.symlink(parent, name(name), text, answer.caller()));
        });
    }

    private void link(long request, long inode, long newParent, long newName) {
        reply.run(Operation.LINK, request, answer -> answer.entry(fs.link(inode, newParent, name(newName))));
    }

    private void unlink(long request, long parent, long name) {
        reply.run(Operation.UNLINK, request, answer -> {
            fs.unlink(parent, name(name), answer.caller());
            answer.done();
        });
    }

    private void rmdir(long request, long parent, long name) {
        reply.run(Operation.RMDIR, request, answer -> {
            fs.rmdir(parent, name(name), answer.caller());
            answer.done();
        });
    }

    private void rename(long request, long parent, long name, long newParent, long newName) {
        reply.run(Operation.RENAME, request, answer -> {
            fs.rename(parent, name(name), newParent, name(newName), answer.caller());
            answer.done();
        });
    }
}
