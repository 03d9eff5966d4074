package isle.fs.fuse;

import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.TimeChange;
import java.util.Optional;

/** Operations on an inode: attributes, target, extended attributes, figures of its volume. */
final class InodeHandlers {

    private static final int PERMISSIONS = 07777;

    /** FUSE_SET_ATTR_...: which attributes a request changes. */
    private static final int SET_MODE = 1;

    private static final int SET_UID = 1 << 1;
    private static final int SET_GID = 1 << 2;
    private static final int SET_SIZE = 1 << 3;
    private static final int SET_ATIME = 1 << 4;
    private static final int SET_MTIME = 1 << 5;
    private static final int SET_ATIME_NOW = 1 << 7;
    private static final int SET_MTIME_NOW = 1 << 8;

    /** Access control lists. Stored as plain bytes they would look as if they held, and nobody would enforce them. */
    private static final String ACL_PREFIX = "system.posix_acl_";

    private final FileSystem fs;
    private final Reply reply;
    private final StatLayout layout;

    InodeHandlers(FileSystem fs, Reply reply, StatLayout layout) {
        this.fs = fs;
        this.reply = reply;
        this.layout = layout;
    }

    void install(OperationTable table) {
        table.set(Operation.GETATTR, this::getattr);
        table.set(Operation.SETATTR, this::setattr);
        table.set(Operation.READLINK, this::readlink);
        table.set(Operation.STATFS, this::statfs);
        table.set(Operation.GETXATTR, this::getxattr);
        table.set(Operation.SETXATTR, this::setxattr);
        table.set(Operation.LISTXATTR, this::listxattr);
        table.set(Operation.REMOVEXATTR, this::removexattr);
    }

    private void getattr(long request, long inode, long fileInfo) {
        reply.run(
                Operation.GETATTR,
                request,
                answer ->
                        answer.attributes(fileInfo == 0 ? fs.getattr(inode) : fs.getattrOf(FileInfo.handle(fileInfo))));
    }

    private void setattr(long request, long inode, long stat, long changed, long fileInfo) {
        reply.run(
                Operation.SETATTR,
                request,
                answer -> answer.attributes(fs.setattr(inode, change(stat, (int) changed), answer.caller())));
    }

    private AttributeChange change(long stat, int changed) {
        return new AttributeChange(
                has(changed, SET_MODE) ? Optional.of(layout.readMode(stat) & PERMISSIONS) : Optional.empty(),
                has(changed, SET_UID) ? Optional.of(layout.readUid(stat)) : Optional.empty(),
                has(changed, SET_GID) ? Optional.of(layout.readGid(stat)) : Optional.empty(),
                has(changed, SET_SIZE) ? Optional.of(layout.readLength(stat)) : Optional.empty(),
                has(changed, SET_ATIME) ? time(has(changed, SET_ATIME_NOW), layout.readAtime(stat)) : Optional.empty(),
                has(changed, SET_MTIME) ? time(has(changed, SET_MTIME_NOW), layout.readMtime(stat)) : Optional.empty());
    }

    private static boolean has(int changed, int bit) {
        return (changed & bit) != 0;
    }

    private static Optional<TimeChange> time(boolean now, Timestamp value) {
        return Optional.of(now ? TimeChange.NOW : new TimeChange(Optional.of(value)));
    }

    private void readlink(long request, long inode) {
        reply.run(Operation.READLINK, request, answer -> {
            String target = fs.readlink(inode);
            Native.putString(answer.buffers().contentAddress(), target);
            answer.bytes(answer.buffers().contentAddress(), target.length());
        });
    }

    private void statfs(long request, long inode) {
        reply.run(Operation.STATFS, request, answer -> answer.space(fs.statfs(inode == 0 ? FileSystem.ROOT : inode)));
    }

    private void getxattr(long request, long inode, long name, long room) {
        reply.run(Operation.GETXATTR, request, answer -> value(answer, fs.getxattr(inode, attributeName(name)), room));
    }

    private void listxattr(long request, long inode, long room) {
        reply.run(Operation.LISTXATTR, request, answer -> {
            StringBuilder names = new StringBuilder();
            for (String name : fs.listxattr(inode)) {
                if (!name.startsWith(ACL_PREFIX)) {
                    names.append(name).append('\0');
                }
            }
            value(answer, names.toString(), room);
        });
    }

    /** Without room only the size is asked for. */
    private static void value(Answer answer, String value, long room) throws FsException {
        if (room == 0) {
            answer.size(value.length());
            return;
        }
        if (value.length() > Math.min(room, TransferBuffers.CONTENT_BYTES)) {
            throw new FsException.ValueRange("value of " + value.length() + " bytes, room for " + room);
        }
        long buffer = answer.buffers().contentAddress();
        Native.putString(buffer, value);
        answer.bytes(buffer, value.length());
    }

    private void setxattr(long request, long inode, long name, long value, long size, long flags) {
        reply.run(Operation.SETXATTR, request, answer -> {
            String bytes = Native.string(value, (int) size);
            fs.setxattr(inode, attributeName(name), bytes, (int) flags, answer.caller());
            answer.done();
        });
    }

    private void removexattr(long request, long inode, long name) {
        reply.run(Operation.REMOVEXATTR, request, answer -> {
            fs.removexattr(inode, attributeName(name), answer.caller());
            answer.done();
        });
    }

    private static String attributeName(long address) throws FsException {
        String name = Native.string(address);
        if (name.startsWith(ACL_PREFIX)) {
            throw new FsException.Unsupported("access control lists");
        }
        return name;
    }
}
