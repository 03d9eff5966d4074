package isle.fs.vfs;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says how volumes and files stand: what the store has and what only this host has. From memory alone. */
public final class VfsStatus {
    private static final int MOST_FAILED = 20;

    private final Map<FileName, VfsVolume> volumes;
    private final Handles handles;

    VfsStatus(Map<FileName, VfsVolume> volumes, Handles handles) {
        this.volumes = volumes;
        this.handles = handles;
    }

    /** Names of one volume that may wait for the store; then new ones are refused with ENOSPC. */
    public static long mostPending() {
        return Room.mostNames();
    }

    /** Open files. */
    public int openFiles() {
        return handles.openFiles();
    }

    /** Every volume, in the order in which they are shown. */
    public List<VolumeStatus> volumes() {
        return volumes.values().stream().map(VfsStatus::statusOf).toList();
    }

    private static VolumeStatus statusOf(VfsVolume volume) {
        VolumeTree tree = volume.tree;
        int pending = 0;
        int uploading = 0;
        long bytes = 0;
        List<String> failed = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
                if (!VolumeTree.isDirty(dentry) && !dentry.inFlight) {
                    continue;
                }
                pending++;
                uploading += dentry.inFlight ? 1 : 0;
                Inode inode = dentry.inode;
                if (inode == null) {
                    continue;
                }
                inode.lock.lock();
                try {
                    bytes += inode.content == null ? 0 : inode.content.extents().journaledBytes();
                } finally {
                    inode.lock.unlock();
                }
                FsException refused = inode.refused;
                if (refused != null && failed.size() < MOST_FAILED) {
                    failed.add(inode.path() + ": " + refused.getMessage());
                }
            }
        }
        return new VolumeStatus(tree.name(), volume.volume().description(), pending, bytes, uploading, failed);
    }

    /** How one path from the root of the mount stands. */
    public FileState file(List<FileName> path) throws FsException {
        if (path.isEmpty()) {
            return new FileState("", settled(volumes.values()), 0, "");
        }
        VfsVolume volume = volumeOf(path);
        Inode inode = walk(volume, path);
        Volume.Source stored = inode.stored;
        String version = stored == null || stored.version() == null
                ? ""
                : stored.version().token();
        return new FileState(
                String.join("/", path.stream().map(FileName::display).toList()),
                stateOf(volume, inode),
                inode.attributes.size(),
                version);
    }

    private static FileState.State settled(Collection<VfsVolume> volumes) {
        return volumes.stream().allMatch(VfsStatus::isSettled) ? FileState.State.STORED : FileState.State.LOCAL;
    }

    private static boolean isSettled(VfsVolume volume) {
        VolumeTree tree = volume.tree;
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
                if (dentry.inFlight || VolumeTree.isDirty(dentry)) {
                    return false;
                }
            }
        }
        return true;
    }

    private VfsVolume volumeOf(List<FileName> path) throws FsException {
        VfsVolume volume = volumes.get(path.get(0));
        if (volume == null) {
            throw new FsException.NotFound("there is no folder " + path.get(0) + " in this isle");
        }
        return volume;
    }

    private static Inode walk(VfsVolume volume, List<FileName> path) throws FsException {
        Inode inode = volume.tree.root;
        for (FileName name : path.subList(1, path.size())) {
            inode = volume.names.lookup(inode, name);
        }
        return inode;
    }

    FileState.State stateOf(VfsVolume volume, Inode inode) {
        try (TreeLock.Held held = volume.tree.lock.read()) {
            Dentry dentry = inode.dentry;
            if (dentry == null) {
                return FileState.State.STORED;
            }
            inode.lock.lock();
            try {
                if (inode.refused != null) {
                    return FileState.State.FAILED;
                }
                if (inode.inFlight || dentry.inFlight) {
                    return FileState.State.UPLOADING;
                }
                if (VolumeTree.isDirty(dentry)) {
                    return FileState.State.LOCAL;
                }
            } finally {
                inode.lock.unlock();
            }
            boolean conflict = inode.attributes.kind() == FileKind.FILE && Conflicts.isCopy(dentry);
            return conflict ? FileState.State.CONFLICT : FileState.State.STORED;
        }
    }

    boolean awaitStored(Vfs vfs, Optional<List<FileName>> path, Duration most) throws FsException {
        long end = System.nanoTime() + most.toNanos();
        Collection<VfsVolume> awaited = volumes.values();
        if (path.isPresent() && !path.get().isEmpty()) {
            VfsVolume volume = volumeOf(path.get());
            Inode inode = walk(volume, path.get());
            if (inode.directory == null) {
                return volume.committer.await(
                        () -> {
                            FileState.State state = stateOf(volume, inode);
                            return state == FileState.State.STORED || state == FileState.State.CONFLICT;
                        },
                        most);
            }
            awaited = List.of(volume);
        }
        for (VfsVolume volume : awaited) {
            Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
            if (!volume.committer.await(() -> isSettled(volume), left)) {
                return false;
            }
        }
        return true;
    }
}
