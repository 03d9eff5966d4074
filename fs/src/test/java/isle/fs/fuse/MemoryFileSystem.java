package isle.fs.fuse;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole file system in memory behind one lock: what the kernel binding is tried with. */
class MemoryFileSystem implements FileSystem {

    private static final int BATCH = 2000;
    private static final int STICKY = 01000;
    private static final int SET_GROUP = 02000;
    private static final long TOTAL = 1L << 40;

    private final Map<Long, MemoryNode> nodes = new HashMap<>();
    private final Map<Long, MemoryNode> handles = new HashMap<>();
    private final Map<Long, List<DirectoryEntry>> directories = new HashMap<>();
    private long lastInode = ROOT;
    private long lastHandle;

    MemoryFileSystem(int uid, int gid) {
        nodes.put(ROOT, new MemoryNode(ROOT, FileKind.DIRECTORY, 0755, uid, gid));
        node(ROOT).parent = ROOT;
    }

    private MemoryNode node(long inode) {
        MemoryNode node = nodes.get(inode);
        if (node == null) {
            throw new IllegalStateException("no inode " + inode);
        }
        return node;
    }

    private MemoryNode existing(long inode) throws FsException {
        MemoryNode node = nodes.get(inode);
        if (node == null) {
            throw new FsException.NotFound("inode");
        }
        return node;
    }

    private MemoryNode directory(long inode) throws FsException {
        MemoryNode node = existing(inode);
        if (!node.isDirectory()) {
            throw new FsException.NotDirectory("inode");
        }
        return node;
    }

    private MemoryNode child(long parent, FileName name) throws FsException {
        MemoryNode child = directory(parent).children.get(name.raw());
        if (child == null) {
            throw new FsException.NotFound("name");
        }
        return child;
    }

    private MemoryNode opened(long handle) throws FsException {
        MemoryNode node = handles.get(handle);
        if (node == null) {
            throw new FsException.BadHandle("handle");
        }
        return node;
    }

    private static Timestamp now() {
        return Timestamp.of(Instant.now());
    }

    private static void touched(MemoryNode node) {
        node.mtime = now();
        node.ctime = node.mtime;
    }

    @Override
    public synchronized Stat lookup(long parent, FileName name) throws FsException {
        return child(parent, name).stat();
    }

    @Override
    public synchronized Stat getattr(long inode) throws FsException {
        return existing(inode).stat();
    }

    @Override
    public synchronized Stat setattr(long inode, AttributeChange change, Caller caller) throws FsException {
        MemoryNode node = existing(inode);
        node.permissions = change.permissions().orElse(node.permissions);
        node.uid = change.uid().orElse(node.uid);
        node.gid = change.gid().orElse(node.gid);
        if (change.size().isPresent()) {
            node.content.truncate(change.size().get());
            node.mtime = now();
        }
        node.atime = time(change.atime(), node.atime);
        node.mtime = time(change.mtime(), node.mtime);
        node.ctime = now();
        return node.stat();
    }

    private static Timestamp time(Optional<TimeChange> change, Timestamp before) {
        return change.map(given -> given.value().orElseGet(MemoryFileSystem::now))
                .orElse(before);
    }

    private MemoryNode add(long parent, FileName name, FileKind kind, int permissions, Caller caller)
            throws FsException {
        MemoryNode directory = directory(parent);
        if (directory.children.containsKey(name.raw())) {
            throw new FsException.Exists("name");
        }
        boolean inherits = (directory.permissions & SET_GROUP) != 0;
        int gid = inherits ? directory.gid : caller.gid();
        int extra = inherits && kind == FileKind.DIRECTORY ? SET_GROUP : 0;
        MemoryNode node = new MemoryNode(++lastInode, kind, permissions | extra, caller.uid(), gid);
        node.parent = parent;
        touched(node);
        node.atime = node.mtime;
        nodes.put(node.inode, node);
        directory.children.put(name.raw(), node);
        directory.links += node.isDirectory() ? 1 : 0;
        touched(directory);
        return node;
    }

    @Override
    public synchronized Stat mknod(long parent, FileName name, int mode, long device, Caller caller)
            throws FsException {
        MemoryNode node = add(parent, name, FileKind.ofMode(mode), mode & 07777, caller);
        node.device = device;
        return node.stat();
    }

    @Override
    public synchronized Stat mkdir(long parent, FileName name, int permissions, Caller caller) throws FsException {
        return add(parent, name, FileKind.DIRECTORY, permissions, caller).stat();
    }

    @Override
    public synchronized Stat symlink(long parent, FileName name, String target, Caller caller) throws FsException {
        MemoryNode node = add(parent, name, FileKind.SYMLINK, 0777, caller);
        node.target = target;
        return node.stat();
    }

    @Override
    public synchronized Stat link(long inode, long newParent, FileName newName) throws FsException {
        MemoryNode node = existing(inode);
        MemoryNode directory = directory(newParent);
        if (directory.children.putIfAbsent(newName.raw(), node) != null) {
            throw new FsException.Exists("name");
        }
        node.links++;
        node.ctime = now();
        touched(directory);
        return node.stat();
    }

    @Override
    public synchronized String readlink(long inode) throws FsException {
        return existing(inode).target;
    }

    private static void checkSticky(MemoryNode directory, MemoryNode child, Caller caller) throws FsException {
        boolean sticky = (directory.permissions & STICKY) != 0;
        if (sticky && caller.uid() != 0 && caller.uid() != directory.uid && caller.uid() != child.uid) {
            throw new FsException.NotPermitted("sticky folder");
        }
    }

    private void remove(MemoryNode directory, String name, MemoryNode child) {
        directory.children.remove(name);
        touched(directory);
        child.links -= child.isDirectory() ? 2 : 1;
        child.ctime = now();
        directory.links -= child.isDirectory() ? 1 : 0;
        drop(child);
    }

    private void drop(MemoryNode node) {
        if (node.links == 0 && node.handles == 0) {
            nodes.remove(node.inode);
        }
    }

    @Override
    public synchronized void unlink(long parent, FileName name, Caller caller) throws FsException {
        MemoryNode child = child(parent, name);
        if (child.isDirectory()) {
            throw new FsException.IsDirectory("name");
        }
        checkSticky(node(parent), child, caller);
        remove(node(parent), name.raw(), child);
    }

    @Override
    public synchronized void rmdir(long parent, FileName name, Caller caller) throws FsException {
        MemoryNode child = child(parent, name);
        if (!child.isDirectory()) {
            throw new FsException.NotDirectory("name");
        }
        if (!child.children.isEmpty()) {
            throw new FsException.NotEmpty("name");
        }
        checkSticky(node(parent), child, caller);
        remove(node(parent), name.raw(), child);
    }

    @Override
    public synchronized void rename(long parent, FileName name, long newParent, FileName newName, Caller caller)
            throws FsException {
        MemoryNode moved = child(parent, name);
        MemoryNode target = directory(newParent).children.get(newName.raw());
        checkSticky(node(parent), moved, caller);
        if (target == moved) {
            return;
        }
        if (target != null) {
            checkSticky(node(newParent), target, caller);
            if (target.isDirectory() != moved.isDirectory()) {
                throw target.isDirectory()
                        ? new FsException.IsDirectory("target")
                        : new FsException.NotDirectory("target");
            }
            if (!target.children.isEmpty()) {
                throw new FsException.NotEmpty("target");
            }
            remove(node(newParent), newName.raw(), target);
        }
        node(parent).children.remove(name.raw());
        node(newParent).children.put(newName.raw(), moved);
        moved.parent = newParent;
        node(parent).links -= moved.isDirectory() ? 1 : 0;
        node(newParent).links += moved.isDirectory() ? 1 : 0;
        touched(node(parent));
        touched(node(newParent));
        moved.ctime = now();
    }

    private long newHandle(MemoryNode node) {
        node.handles++;
        handles.put(++lastHandle, node);
        return lastHandle;
    }

    @Override
    public synchronized long open(long inode, OpenFlags flags, Caller caller) throws FsException {
        MemoryNode node = existing(inode);
        if (flags.truncate()) {
            node.content.truncate(0);
            touched(node);
        }
        return newHandle(node);
    }

    @Override
    public synchronized Created create(long parent, FileName name, int permissions, OpenFlags flags, Caller caller)
            throws FsException {
        MemoryNode present = directory(parent).children.get(name.raw());
        if (present != null && !flags.exclusive()) {
            return new Created(present.stat(), open(present.inode, flags, caller));
        }
        MemoryNode node = add(parent, name, FileKind.FILE, permissions, caller);
        return new Created(node.stat(), newHandle(node));
    }

    @Override
    public synchronized Stat getattrOf(long handle) throws FsException {
        return opened(handle).stat();
    }

    @Override
    public synchronized int read(long handle, long offset, ByteBuffer into) throws FsException {
        MemoryNode node = opened(handle);
        return node.content.read(offset, into);
    }

    @Override
    public synchronized void write(long handle, long offset, ByteBuffer from) throws FsException {
        MemoryNode node = opened(handle);
        node.content.write(offset == END ? node.content.size() : offset, from);
        touched(node);
    }

    @Override
    public synchronized void flush(long handle) throws FsException {
        opened(handle);
    }

    @Override
    public synchronized void fsync(long handle, boolean dataOnly) throws FsException {
        opened(handle);
    }

    synchronized boolean hasOpenFiles() {
        return !handles.isEmpty();
    }

    @Override
    public synchronized void release(long handle) throws FsException {
        MemoryNode node = opened(handle);
        handles.remove(handle);
        node.handles--;
        drop(node);
    }

    @Override
    public synchronized void allocate(long handle, int mode, long offset, long length) throws FsException {
        SparseBytes content = opened(handle).content;
        switch (mode) {
            case 0 -> content.extend(offset + length);
            case 1 -> content.extend(content.size());
            case 3 -> content.zero(offset, length);
            default -> throw new FsException.Unsupported("fallocate mode");
        }
        touched(opened(handle));
    }

    @Override
    public synchronized long openDirectory(long inode) throws FsException {
        MemoryNode node = directory(inode);
        List<DirectoryEntry> entries = new ArrayList<>();
        entries.add(new DirectoryEntry(".", inode, FileKind.DIRECTORY, 0));
        entries.add(new DirectoryEntry("..", node.parent, FileKind.DIRECTORY, 1));
        node.children.forEach(
                (name, child) -> entries.add(new DirectoryEntry(name, child.inode, child.kind, entries.size())));
        directories.put(++lastHandle, entries);
        return lastHandle;
    }

    private List<DirectoryEntry> entries(long handle) throws FsException {
        List<DirectoryEntry> entries = directories.get(handle);
        if (entries == null) {
            throw new FsException.BadHandle("directory handle");
        }
        return entries;
    }

    @Override
    public synchronized List<DirectoryEntry> readDirectory(long handle, long offset) throws FsException {
        List<DirectoryEntry> entries = entries(handle);
        int from = (int) Math.min(offset, entries.size());
        return List.copyOf(entries.subList(from, Math.min(from + BATCH, entries.size())));
    }

    @Override
    public synchronized void releaseDirectory(long handle) throws FsException {
        entries(handle);
        directories.remove(handle);
    }

    @Override
    public synchronized void fsyncDirectory(long handle) throws FsException {
        entries(handle);
    }

    @Override
    public synchronized String getxattr(long inode, String name) throws FsException {
        String value = existing(inode).xattrs.get(name);
        if (value == null) {
            throw new FsException.NoAttribute("attribute");
        }
        return value;
    }

    @Override
    public synchronized void setxattr(long inode, String name, String value, int mode, Caller caller)
            throws FsException {
        MemoryNode node = existing(inode);
        boolean present = node.xattrs.containsKey(name);
        if (mode == 1 && present) {
            throw new FsException.Exists("attribute");
        }
        if (mode == 2 && !present) {
            throw new FsException.NoAttribute("attribute");
        }
        node.xattrs.put(name, value);
        node.ctime = now();
    }

    @Override
    public synchronized List<String> listxattr(long inode) throws FsException {
        return List.copyOf(existing(inode).xattrs.keySet());
    }

    @Override
    public synchronized void removexattr(long inode, String name, Caller caller) throws FsException {
        if (existing(inode).xattrs.remove(name) == null) {
            throw new FsException.NoAttribute("attribute");
        }
    }

    @Override
    public synchronized VolumeSpace statfs(long inode) throws FsException {
        existing(inode);
        return new VolumeSpace(TOTAL, TOTAL / 2, 1000, 1_000_000);
    }
}
