package isle.fs.fuse;

import isle.fs.model.FsException;
import isle.fs.vfs.FileSystem;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Operations on directories that are open. */
final class DirectoryHandlers {

    private final FileSystem fs;
    private final Reply reply;
    private final ConcurrentHashMap<Long, OpenDirectory> open = new ConcurrentHashMap<>();
    private final AtomicLong lastHandle = new AtomicLong();

    DirectoryHandlers(FileSystem fs, Reply reply) {
        this.fs = fs;
        this.reply = reply;
    }

    void install(OperationTable table) {
        table.set(Operation.OPENDIR, this::opendir);
        table.set(Operation.READDIR, this::readdir);
        table.set(Operation.FSYNCDIR, this::fsyncdir);
        table.set(Operation.RELEASEDIR, this::releasedir);
    }

    private OpenDirectory directory(long fileInfo) throws FsException {
        OpenDirectory directory = open.get(FileInfo.handle(fileInfo));
        if (directory == null) {
            throw new FsException.BadHandle("directory handle");
        }
        return directory;
    }

    private void opendir(long request, long inode, long fileInfo) {
        reply.run(Operation.OPENDIR, request, answer -> {
            OpenDirectory directory = new OpenDirectory(fs, inode);
            long handle = lastHandle.incrementAndGet();
            open.put(handle, directory);
            if (!answer.opened(handle, false)) {
                open.remove(handle);
                directory.close();
            }
        });
    }

    private void readdir(long request, long inode, long size, long offset, long fileInfo) {
        reply.run(Operation.READDIR, request, answer -> {
            long buffer = answer.buffers().contentAddress();
            int room = (int) Math.min(size, TransferBuffers.CONTENT_BYTES);
            answer.bytes(buffer, directory(fileInfo).list(offset, buffer, room));
        });
    }

    private void fsyncdir(long request, long inode, long dataOnly, long fileInfo) {
        reply.run(Operation.FSYNCDIR, request, answer -> {
            directory(fileInfo).sync();
            answer.done();
        });
    }

    private void releasedir(long request, long inode, long fileInfo) {
        reply.run(Operation.RELEASEDIR, request, answer -> {
            OpenDirectory directory = directory(fileInfo);
            open.remove(FileInfo.handle(fileInfo));
            directory.close();
            answer.done();
        });
    }
}
