package isle.fs.fuse;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.Created;
import isle.fs.vfs.FileSystem.OpenFlags;

/** Operations on files that are open, and their opening. */
final class FileHandlers {

    private static final int PERMISSIONS = 07777;

    private final FileSystem fs;
    private final Reply reply;
    private final PageCaches pages;

    FileHandlers(FileSystem fs, Reply reply, PageCaches pages) {
        this.fs = fs;
        this.reply = reply;
        this.pages = pages;
    }

    void install(OperationTable table) {
        table.set(Operation.OPEN, this::open);
        table.set(Operation.CREATE, this::create);
        table.set(Operation.READ, this::read);
        table.set(Operation.WRITE, this::write);
        table.set(Operation.FLUSH, this::flush);
        table.set(Operation.FSYNC, this::fsync);
        table.set(Operation.FALLOCATE, this::allocate);
        table.set(Operation.RELEASE, this::release);
    }

    private void open(long request, long inode, long fileInfo) {
        reply.run(Operation.OPEN, request, answer -> {
            OpenFlags flags = FileInfo.openFlags(fileInfo);
            long handle = fs.open(inode, flags, answer.caller());
            if (!answer.opened(handle, keepsPages(handle, flags.write()))) {
                close(inode, handle, flags.write());
            }
        });
    }

    private boolean keepsPages(long handle, boolean forWriting) throws FsException {
        try {
            return pages.opened(fs.getattrOf(handle), forWriting);
        } catch (FsException | RuntimeException | Error e) {
            fs.release(handle);
            throw e;
        }
    }

    private void create(long request, long parent, long name, long mode, long fileInfo) {
        reply.run(Operation.CREATE, request, answer -> {
            FileName fileName = FileName.parse(Native.string(name));
            OpenFlags flags = FileInfo.openFlags(fileInfo);
            Created created = fs.create(parent, fileName, (int) mode & PERMISSIONS, flags, answer.caller());
            pages.opened(created.stat(), flags.write());
            if (!answer.created(created.stat(), created.handle())) {
                close(created.stat().inode(), created.handle(), flags.write());
            }
        });
    }

    private void read(long request, long inode, long size, long offset, long fileInfo) {
        reply.run(Operation.READ, request, answer -> {
            TransferBuffers buffers = answer.buffers();
            int count = fs.read(FileInfo.handle(fileInfo), offset, buffers.room(size));
            answer.bytes(buffers.contentAddress(), count);
        });
    }

    private void write(long request, long inode, long bytes, long size, long offset, long fileInfo) {
        reply.run(Operation.WRITE, request, answer -> {
            long place = FileInfo.appends(fileInfo) ? FileSystem.END : offset;
            fs.write(FileInfo.handle(fileInfo), place, answer.buffers().requestBytes(bytes, (int) size));
            answer.written((int) size);
        });
    }

    private void flush(long request, long inode, long fileInfo) {
        reply.run(Operation.FLUSH, request, answer -> {
            long handle = FileInfo.handle(fileInfo);
            fs.flush(handle);
            if (pages.isWritten(inode)) {
                pages.written(fs.getattrOf(handle));
            }
            answer.done();
        });
    }

    private void fsync(long request, long inode, long dataOnly, long fileInfo) {
        reply.run(Operation.FSYNC, request, answer -> {
            fs.fsync(FileInfo.handle(fileInfo), ((int) dataOnly & 1) != 0);
            answer.done();
        });
    }

    private void allocate(long request, long inode, long mode, long offset, long length, long fileInfo) {
        reply.run(Operation.FALLOCATE, request, answer -> {
            fs.allocate(FileInfo.handle(fileInfo), (int) mode, offset, length);
            answer.done();
        });
    }

    private void release(long request, long inode, long fileInfo) {
        reply.run(Operation.RELEASE, request, answer -> {
            close(inode, FileInfo.handle(fileInfo), FileInfo.writable(fileInfo));
            answer.done();
        });
    }

    private void close(long inode, long handle, boolean forWriting) throws FsException {
        try {
            if (forWriting) {
                pages.written(fs.getattrOf(handle));
                pages.writerGone(inode);
            }
        } finally {
            fs.release(handle);
        }
    }
}
