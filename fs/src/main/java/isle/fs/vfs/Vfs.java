package isle.fs.vfs;

import isle.fs.cache.BlockCache;
import isle.fs.index.Index;
import isle.fs.index.InodeNumbers;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The virtual file system: the volumes of a profile under one root. Knows neither the kernel nor any kind of store. */
public final class Vfs implements FileSystem, AutoCloseable {
    /** Readable on every file, not listed: where its newest state is. */
    public static final String STATE_XATTR = "user.isle.state";

    private static final int READDIR_ENTRIES = 4096;

    private final Map<FileName, VfsVolume> byName = new LinkedHashMap<>();
    private final Map<Long, VfsVolume> byNumber = new LinkedHashMap<>();
    private final Handles handles = new Handles();
    private final Map<Long, ControlFolder.Opened> controlHandles = new java.util.concurrent.ConcurrentHashMap<>();
    private final Workers workers;
    private final ControlFolder control;
    private final VfsClock clock;
    private final Ownership rootOwner;
    private final Timestamp started;
    private final VfsStatus status;

    /**
     * What a VFS is made of.
     *
     * @param rootOwner owner of the root folder
     * @param device short id of this host and profile, for names that must be unique; letters and digits
     * @param control files of {@code .isle} and what makes them
     * @param trees folders of {@code .isle} and what fills them; one at most
     */
    public record Settings(
            VfsClock clock,
            Ownership rootOwner,
            String device,
            ChangeListener listener,
            CommitEvents events,
            Map<String, Supplier<byte[]>> control,
            Map<String, ReadOnlyTree> trees) {}

    private Vfs(Settings settings, Workers workers) {
        this.clock = settings.clock();
        this.rootOwner = settings.rootOwner();
        this.started = clock.now();
        this.control = new ControlFolder(settings.control(), settings.trees(), clock, rootOwner);
        this.workers = workers;
        this.status = new VfsStatus(byName, handles);
    }

    /** Opens all volumes: replays their journals and starts to commit what they hold. */
    public static Vfs open(Settings settings, Index index, BlockCache cache, List<VolumeSetup> setups)
            throws FsException {
        return open(settings, index, cache, setups, Workers.threads());
    }

    /** Opens all volumes with these workers. */
    static Vfs open(Settings settings, Index index, BlockCache cache, List<VolumeSetup> setups, Workers workers)
            throws FsException {
        PosixRule.warnOfMissing();
        Vfs vfs = new Vfs(settings, workers);
        VfsVolume.Shared shared = new VfsVolume.Shared(
                index, cache, settings.clock(), workers, settings.listener(), settings.events(), settings.device());
        List<Committer> committers = new CopyOnWriteArrayList<>();
        try {
            for (VolumeSetup setup : setups) {
                VfsVolume volume = VfsVolume.open(setup, shared, committers);
                committers.add(volume.committer);
                vfs.byName.put(FileName.of(volume.tree.name()), volume);
                vfs.byNumber.put((long) setup.number(), volume);
            }
        } catch (FsException | RuntimeException e) {
            vfs.close();
            throw e;
        }
        return vfs;
    }

    /** For tests: the parts of a volume. */
    VfsVolume parts(FileName name) {
        return java.util.Objects.requireNonNull(byName.get(name));
    }

    /** How the volumes and single files stand. */
    public VfsStatus status() {
        return status;
    }

    /** Waits until one path, or everything, is in the store; false if that takes longer. Empty: everything. */
    public boolean awaitStored(Optional<List<FileName>> path, Duration most) throws FsException {
        return status.awaitStored(this, path, most);
    }

    private VfsVolume volume(long inode) throws FsException {
        VfsVolume volume = byNumber.get(InodeNumbers.volumeOf(inode));
        if (volume == null) {
            throw new FsException.NotPermitted("only the folders of the isle are at the top");
        }
        return volume;
    }

    private static boolean isVirtual(long inode) {
        return InodeNumbers.volumeOf(inode) == 0;
    }

    private Inode inode(long number) throws FsException {
        return volume(number).tree.inode(number);
    }

    private Stat rootStat() {
        return new Stat(
                ROOT,
                FileKind.DIRECTORY,
                0755,
                2 + byName.size(),
                rootOwner.uid(),
                rootOwner.gid(),
                0,
                4096,
                8,
                started,
                started,
                started);
    }

    @Override
    public Stat lookup(long parent, FileName name) throws FsException {
        if (parent == ROOT) {
            if (name.equals(ControlFolder.NAME)) {
                return control.stat(ControlFolder.NUMBER);
            }
            VfsVolume volume = byName.get(name);
            if (volume == null) {
                throw new FsException.NotFound("no such folder of the isle");
            }
            return volume.attributes.stat(volume.tree.root);
        }
        if (isVirtual(parent)) {
            return control.lookup(parent, name);
        }
        VfsVolume volume = volume(parent);
        return volume.attributes.stat(volume.names.lookup(volume.tree.inode(parent), name));
    }

    @Override
    public void forget(long inode) {
        control.forget(inode);
        VfsVolume volume = byNumber.get(InodeNumbers.volumeOf(inode));
        Inode known = volume == null ? null : volume.tree.inodes.get(inode);
        if (volume != null && known != null && known.directory != null && known.directory.removed) {
            try (TreeLock.Held held = volume.tree.lock.write()) {
                volume.tree.forgetRemoved(known);
            }
        }
    }

    @Override
    public Stat getattr(long inode) throws FsException {
        if (inode == ROOT) {
            return rootStat();
        }
        if (isVirtual(inode)) {
            return control.stat(inode);
        }
        VfsVolume volume = volume(inode);
        Inode known = volume.tree.inode(inode);
        volume.loader.describe(known);
        return volume.attributes.stat(known);
    }

    @Override
    public Stat setattr(long inode, AttributeChange change, Caller caller) throws FsException {
        VfsVolume volume = volume(inode);
        return volume.attributes.change(volume.tree.inode(inode), change);
    }

    @Override
    public Stat mknod(long parent, FileName name, int mode, long device, Caller caller) throws FsException {
        Names.NewInode what = new Names.NewInode(FileKind.ofMode(mode), mode & 07777, device, "", 0, 0);
        return make(parent, name, what, caller);
    }

    @Override
    public Stat mkdir(long parent, FileName name, int permissions, Caller caller) throws FsException {
        return make(parent, name, Names.NewInode.of(FileKind.DIRECTORY, permissions), caller);
    }

    @Override
    public Stat symlink(long parent, FileName name, String target, Caller caller) throws FsException {
        return make(parent, name, new Names.NewInode(FileKind.SYMLINK, 0777, 0, target, 0, 0), caller);
    }

    private Stat make(long parent, FileName name, Names.NewInode what, Caller caller) throws FsException {
        VfsVolume volume = volume(parent);
        volume.tree.refusal.check();
        return volume.attributes.stat(volume.names.make(volume.tree.inode(parent), name, what, caller));
    }

    @Override
    public Stat link(long inode, long newParent, FileName newName) throws FsException {
        volume(inode);
        volume(newParent);
        throw new FsException.NotPermitted("an object of this folder has one name only, so there are no hard links");
    }

    @Override
    public String readlink(long inode) throws FsException {
        Inode link = inode(inode);
        if (link.attributes.kind() != FileKind.SYMLINK) {
            throw new FsException.Invalid("not a symbolic link");
        }
        return link.attributes.symlinkTarget();
    }

    @Override
    public void unlink(long parent, FileName name, Caller caller) throws FsException {
        VfsVolume volume = volume(parent);
        volume.names.unlink(volume.tree.inode(parent), name);
    }

    @Override
    public void rmdir(long parent, FileName name, Caller caller) throws FsException {
        VfsVolume volume = volume(parent);
        volume.names.rmdir(volume.tree.inode(parent), name);
    }

    @Override
    public void rename(long parent, FileName name, long newParent, FileName newName, Caller caller) throws FsException {
        VfsVolume volume = volume(parent);
        if (volume != volume(newParent)) {
            throw new FsException.CrossVolume("a rename between two folders of the isle is a copy");
        }
        volume.names.rename(volume.tree.inode(parent), name, volume.tree.inode(newParent), newName);
    }

    @Override
    public long open(long inode, OpenFlags flags, Caller caller) throws FsException {
        if (control.has(inode)) {
            if (flags.write() || flags.truncate()) {
                throw new FsException.AccessDenied("files of .isle can only be read");
            }
            // Negative numbers: no handle of a real file is one.
            long handle = -nextControl.incrementAndGet();
            controlHandles.put(handle, control.open(inode));
            return handle;
        }
        VfsVolume volume = volume(inode);
        Inode file = volume.tree.inode(inode);
        if (flags.truncate() && caller.uid() != 0 && PosixRule.TRUNCATING_OPEN_DROPS_SET_IDS.holds()) {
            // At a write or a truncate(2) the kernel asks for it. First, so that no handle stays if it fails.
            volume.attributes.dropSetIds(file);
        }
        return handles.add(volume.files.open(file, flags));
    }

    private final java.util.concurrent.atomic.AtomicLong nextControl = new java.util.concurrent.atomic.AtomicLong();

    @Override
    public Created create(long parent, FileName name, int permissions, OpenFlags flags, Caller caller)
            throws FsException {
        VfsVolume volume = volume(parent);
        volume.tree.refusal.check();
        Inode directory = volume.tree.inode(parent);
        Names.NewInode what = new Names.NewInode(FileKind.FILE, permissions, 0, "", 1, flags.write() ? 1 : 0);
        Inode inode;
        Handles.FileHandle opened;
        try {
            inode = volume.names.make(directory, name, what, caller);
            opened = volume.files.opened(inode, flags);
        } catch (FsException.Exists e) {
            if (flags.exclusive()) {
                throw e;
            }
            inode = volume.names.lookup(directory, name);
            opened = volume.files.open(inode, flags);
        }
        return new Created(volume.attributes.stat(inode), handles.add(opened));
    }

    @Override
    public Stat getattrOf(long handle) throws FsException {
        ControlFolder.Opened made = controlHandles.get(handle);
        if (made != null) {
            return made.stat();
        }
        Handles.FileHandle open = handles.file(handle);
        return volume(open.inode.id).attributes.stat(open.inode);
    }

    @Override
    public int read(long handle, long offset, ByteBuffer into) throws FsException {
        ControlFolder.Opened made = controlHandles.get(handle);
        if (made != null) {
            return made.read(offset, into);
        }
        Handles.FileHandle open = handles.file(handle);
        return open.files.read(open, offset, into);
    }

    @Override
    public void write(long handle, long offset, ByteBuffer from) throws FsException {
        Handles.FileHandle open = handles.file(handle);
        open.files.write(open, offset, from);
    }

    @Override
    public void flush(long handle) throws FsException {
        if (!controlHandles.containsKey(handle)) {
            Handles.FileHandle open = handles.file(handle);
            open.files.flush(open);
        }
    }

    @Override
    public void fsync(long handle, boolean dataOnly) throws FsException {
        if (!controlHandles.containsKey(handle)) {
            Handles.FileHandle open = handles.file(handle);
            open.files.fsync(open);
        }
    }

    @Override
    public void release(long handle) throws FsException {
        if (controlHandles.remove(handle) == null) {
            Handles.FileHandle open = handles.removeFile(handle);
            if (open != null) {
                open.files.release(open);
            }
        }
    }

    @Override
    public void allocate(long handle, int mode, long offset, long length) throws FsException {
        Handles.FileHandle open = handles.file(handle);
        open.files.allocate(open, mode, offset, length);
    }

    @Override
    public long openDirectory(long inode) throws FsException {
        if (inode == ROOT) {
            return handles.add(new Handles.DirectoryHandle(this::rootEntries));
        }
        if (isVirtual(inode)) {
            return handles.add(new Handles.DirectoryHandle(() -> control.list(inode)));
        }
        VfsVolume volume = volume(inode);
        Inode directory = volume.tree.inode(inode);
        directory.asDirectory();
        return handles.add(
                new Handles.DirectoryHandle(() -> volume.names.list(directory, parentOf(volume, directory))));
    }

    private static long parentOf(VfsVolume volume, Inode directory) {
        Dentry dentry = directory.dentry;
        return directory == volume.tree.root || dentry == null ? ROOT : dentry.parent.id;
    }

    private List<DirectoryEntry> rootEntries() {
        List<DirectoryEntry> entries = new ArrayList<>();
        entries.add(new DirectoryEntry(".", ROOT, FileKind.DIRECTORY, 0));
        entries.add(new DirectoryEntry("..", ROOT, FileKind.DIRECTORY, 1));
        byName.forEach((name, volume) ->
                entries.add(new DirectoryEntry(name.raw(), volume.tree.root.id, FileKind.DIRECTORY, entries.size())));
        return entries;
    }

    @Override
    public List<DirectoryEntry> readDirectory(long handle, long offset) throws FsException {
        return handles.directory(handle).from(offset, READDIR_ENTRIES);
    }

    @Override
    public void releaseDirectory(long handle) {
        handles.removeDirectory(handle);
    }

    @Override
    public void fsyncDirectory(long handle) throws FsException {
        handles.directory(handle);
        for (VfsVolume volume : byName.values()) {
            if (volume.tree.journal().hasUnforced()) {
                volume.tree.journal().force();
            }
        }
    }

    @Override
    public String getxattr(long inode, String name) throws FsException {
        if (isVirtual(inode)) {
            throw new FsException.NoAttribute("the attribute is not set");
        }
        VfsVolume volume = volume(inode);
        Inode known = volume.tree.inode(inode);
        if (name.equals(STATE_XATTR)) {
            return status.stateOf(volume, known).label();
        }
        volume.loader.describe(known);
        return volume.attributes.getxattr(known, name);
    }

    @Override
    public void setxattr(long inode, String name, String value, int mode, Caller caller) throws FsException {
        VfsVolume volume = volume(inode);
        if (name.equals(STATE_XATTR)) {
            throw new FsException.NotPermitted(STATE_XATTR + " can only be read");
        }
        volume.attributes.setxattr(volume.tree.inode(inode), name, value, mode);
    }

    @Override
    public List<String> listxattr(long inode) throws FsException {
        if (isVirtual(inode)) {
            return List.of();
        }
        VfsVolume volume = volume(inode);
        Inode known = volume.tree.inode(inode);
        volume.loader.describe(known);
        return volume.attributes.listxattr(known);
    }

    @Override
    public void removexattr(long inode, String name, Caller caller) throws FsException {
        VfsVolume volume = volume(inode);
        volume.attributes.removexattr(volume.tree.inode(inode), name);
    }

    @Override
    public VolumeSpace statfs(long inode) {
        VfsVolume volume = byNumber.get(InodeNumbers.volumeOf(inode));
        if (volume != null) {
            return volume.space.now();
        }
        @Nullable VolumeSpace most = null;
        for (VfsVolume each : byName.values()) {
            VolumeSpace space = each.space.now();
            if (most == null || space.totalBytes() > most.totalBytes()) {
                most = space;
            }
        }
        return most == null ? new VolumeSpace(0, 0, 0, 0) : most;
    }

    /** Stops committing and closes the journals. What is not stored stays in them. */
    @Override
    public void close() {
        byName.values().forEach(VfsVolume::close);
        workers.shutdown();
    }
}
