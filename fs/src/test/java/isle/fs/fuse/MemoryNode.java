package isle.fs.fuse;

import isle.fs.model.FileKind;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.Stat;
import java.util.TreeMap;

/** An inode of {@link MemoryFileSystem}. */
final class MemoryNode {

    final long inode;
    final FileKind kind;
    final TreeMap<String, MemoryNode> children = new TreeMap<>();
    final TreeMap<String, String> xattrs = new TreeMap<>();
    final SparseBytes content = new SparseBytes();
    long parent;
    String target = "";
    int permissions;
    int links;
    int uid;
    int gid;
    long device;
    int handles;
    Timestamp atime = Timestamp.EPOCH;
    Timestamp mtime = Timestamp.EPOCH;
    Timestamp ctime = Timestamp.EPOCH;

    MemoryNode(long inode, FileKind kind, int permissions, int uid, int gid) {
        this.inode = inode;
        this.kind = kind;
        this.permissions = permissions;
        this.uid = uid;
        this.gid = gid;
        this.links = kind == FileKind.DIRECTORY ? 2 : 1;
    }

    boolean isDirectory() {
        return kind == FileKind.DIRECTORY;
    }

    Stat stat() {
        long size = kind == FileKind.SYMLINK ? target.length() : content.size();
        long blocks = (content.allocated() + 511) / 512;
        return new Stat(inode, kind, permissions, links, uid, gid, device, size, blocks, atime, mtime, ctime);
    }
}
