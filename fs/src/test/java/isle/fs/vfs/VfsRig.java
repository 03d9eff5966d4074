package isle.fs.vfs;

import isle.fs.cache.BlockCache;
import isle.fs.cache.CacheSettings;
import isle.fs.index.Index;
import isle.fs.journal.Journal;
import isle.fs.journal.JournalSettings;
import isle.fs.journal.PowerLossDisk;
import isle.fs.journal.RealDisk;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.AtRest;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import isle.fs.vfs.FileSystem.AttributeChange;
import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.fs.vfs.FileSystem.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A whole VFS of one volume "v" over a given store, by paths; can be ended like a crash and opened again. */
final class VfsRig implements AutoCloseable {
    static final Caller ME = new Caller(1000, 1000, 1);
    static final OpenFlags READ = new OpenFlags(true, false, false, false);
    static final OpenFlags WRITE = new OpenFlags(true, true, false, false);
    static final OpenFlags CREATE = new OpenFlags(true, true, true, false);

    private final AtomicLong floor = new AtomicLong(1000);
    private final Path folder;
    final RigVolume volume;
    private final ObjectStore store;
    private final @Nullable SimulatedClock stepped;
    private final long capBytes;

    /** The journal's disk of a VFS without threads. */
    final PowerLossDisk disk = new PowerLossDisk();

    /** Whether the disk is to return what was written to it; if not, this is what was found wrong. */
    boolean isSound = true;

    final List<String> damages = new ArrayList<>();
    private final UnclosedStore.Hook hook;
    final List<String> conflicts = new ArrayList<>();
    /** Damage is no part of what is played here. */
    private final CommitEvents events = new CommitEvents() {
        @Override
        public void conflict(String path) {
            conflicts.add(path);
        }

        @Override
        public void resolved(String path) {
            conflicts.remove(path);
        }

        @Override
        public void failed(FsException reason) {}

        @Override
        public void damaged(String what) {
            if (isSound) {
                throw new AssertionError(what);
            }
            damages.add(what);
        }

        @Override
        public void indexFailing(FsException reason) {
            throw new AssertionError(reason);
        }

        @Override
        public void indexWorks() {}
    };

    Vfs vfs;
    private Index index;
    private BlockCache cache;
    UnclosedStore connection;
    private CutDisk process;
    private long bytesSinceCheckpoint;
    private long numbersEnd;

    VfsRig(Path folder, ObjectStore store) throws FsException {
        this(folder, store, null, () -> {}, new PlainRigVolume(AtRest.PLAIN), 1L << 30);
    }

    private VfsRig(
            Path folder,
            ObjectStore store,
            @Nullable SimulatedClock stepped,
            UnclosedStore.Hook hook,
            RigVolume volume,
            long capBytes)
            throws FsException {
        this.volume = volume;
        this.capBytes = capBytes;
        this.folder = folder;
        this.store = store;
        this.stepped = stepped;
        this.hook = hook;
        open();
    }

    /** A VFS without threads: {@link #round} and {@link #stepIndex} do their work. */
    static VfsRig stepped(Path folder, ObjectStore store, SimulatedClock clock, UnclosedStore.Hook hook)
            throws FsException {
        return stepped(folder, store, clock, hook, new PlainRigVolume(AtRest.PLAIN));
    }

    static VfsRig stepped(
            Path folder, ObjectStore store, SimulatedClock clock, UnclosedStore.Hook hook, RigVolume volume)
            throws FsException {
        return new VfsRig(folder, store, clock, hook, volume, 256 << 10);
    }

    /** With its own threads and a journal that may take so many bytes. */
    static VfsRig narrow(Path folder, ObjectStore store, UnclosedStore.Hook hook, long capBytes) throws FsException {
        return new VfsRig(folder, store, null, hook, new PlainRigVolume(AtRest.PLAIN), capBytes);
    }

    void open() throws FsException {
        StateFiles.makeFolder(folder.resolve("journal"));
        index = Index.open(folder.resolve("index.db"), folder, () -> floor.addAndGet(1L << 34));
        cache = new BlockCache(CacheSettings.inMemory());
        Ownership ownership = new Ownership(Ownership.Mode.STORED, 1000, 1000, Set.of(1000));
        bytesSinceCheckpoint = 0;
        numbersEnd = 0;
        connection = stepped == null
                ? new UnclosedStore(store, hook, connection)
                : new UnclosedStore(
                        store,
                        () -> {
                            noteForcedIndex();
                            hook.now();
                        },
                        connection);
        VfsClock clock = stepped == null ? VfsClock.system() : stepped.clock();
        Volume opened = volume.open(
                connection,
                folder,
                new RigVolume.Around(clock, floor.incrementAndGet(), stepped != null, () -> connection.arriveAll()));
        process = new CutDisk(disk);
        VolumeSetup setup = new VolumeSetup(
                1,
                opened,
                stepped == null ? RealDisk.at(folder.resolve("journal")) : process,
                JournalSettings.withCap(capBytes),
                ownership,
                0755,
                false,
                volume.atRest());
        Workers workers = stepped == null ? Workers.threads() : Workers.stepped(new CallersThread());
        vfs = Vfs.open(
                new Vfs.Settings(clock, ownership, "dev", ChangeListener.NONE, events, Map.of(), Map.of()),
                index,
                cache,
                List.of(setup),
                workers);
    }

    /** Ends the VFS and opens it on what is on the disk. */
    void restart() throws FsException {
        end();
        keepForcedIndex();
        open();
    }

    /** To be called often: a checkpoint and a reservation of numbers force the index. */
    private void noteForcedIndex() throws FsException {
        long bytes = journal().bytesSinceCheckpoint();
        long numbers = vfs.parts(FileName.of("v")).tree.numbers.end;
        if (bytes < bytesSinceCheckpoint || numbers != numbersEnd) {
            keepForcedIndex();
        }
        bytesSinceCheckpoint = bytes;
        numbersEnd = numbers;
    }

    private Journal journal() {
        return vfs.parts(FileName.of("v")).tree.journal();
    }

    /** An orderly end and a checkpoint force the index: this is what a power cut leaves of it. */
    private void keepForcedIndex() throws FsException {
        try {
            StateFiles.copyIndex(folder, forcedIndex());
        } catch (IOException e) {
            throw new FsException.Failed("index", e);
        }
    }

    /** As {@link #kill}, of the whole machine: the index is as it was last forced, and the journal what a disk keeps. */
    void cutPower(long seed) throws FsException {
        noteForcedIndex();
        kill();
        disk.powerLoss(seed);
        Path copy = folder.resolveSibling(folder.getFileName() + "-crash");
        try {
            StateFiles.deleteIndex(copy);
            if (Files.exists(forcedIndex())) {
                StateFiles.copyTree(forcedIndex(), copy);
            }
        } catch (IOException e) {
            throw new FsException.Failed("crash", e);
        }
    }

    /** The process ends here and now, as far as the disk and the store can tell; {@link #recover} starts it again. */
    void kill() throws FsException {
        Path copy = folder.resolveSibling(folder.getFileName() + "-crash");
        try {
            StateFiles.deleteTree(copy);
            StateFiles.copyTree(folder, copy);
        } catch (IOException e) {
            throw new FsException.Failed("crash", e);
        }
        connection.cut();
        process.cut();
        disk.kill();
    }

    void recover() throws FsException {
        end();
        try {
            StateFiles.deleteTree(folder);
            Files.move(folder.resolveSibling(folder.getFileName() + "-crash"), folder);
        } catch (IOException e) {
            throw new FsException.Failed("crash", e);
        }
        open();
    }

    /** What the committer's thread would do now. */
    void round() throws FsException {
        noteForcedIndex();
        vfs.parts(FileName.of("v")).committer.round();
        noteForcedIndex();
    }

    boolean hasUnforced() {
        return journal().hasUnforced();
    }

    void stepIndex(int most) {
        vfs.parts(FileName.of("v")).queue.step(most);
    }

    /** As a crash of the process leaves it: nothing is finished or tidied. */
    void crash() throws FsException {
        Path copy = folder.resolveSibling(folder.getFileName() + "-crash");
        try {
            StateFiles.deleteTree(copy);
            connection.cut();
            VfsVolume parts = vfs.parts(FileName.of("v"));
            try (TreeLock.Held held = parts.tree.lock.write()) {
                if (!parts.queue.barrier(Duration.ofSeconds(10))) {
                    throw new AssertionError("the index does not keep up");
                }
                StateFiles.copyTree(folder, copy);
            }
            end();
            StateFiles.deleteTree(folder);
            Files.move(copy, folder);
        } catch (IOException e) {
            throw new FsException.Failed("crash", e);
        }
        open();
    }

    void loseIndex() throws FsException {
        end();
        try {
            StateFiles.deleteIndex(folder);
            StateFiles.deleteTree(forcedIndex());
            volume.loseIndex(folder);
        } catch (IOException e) {
            throw new FsException.Failed("index", e);
        }
        open();
    }

    /** Lists everything that is in memory again, as happens by itself when a view is five seconds old. */
    void refreshAll() throws FsException {
        VfsVolume parts = vfs.parts(FileName.of("v"));
        for (Inode inode : List.copyOf(parts.tree.inodes.values())) {
            boolean reachable = inode == parts.tree.root || inode.dentry != null;
            // A journal may know a directory by a number of which nothing is left: nobody can look there.
            if (inode.directory != null && !inode.directory.removed && reachable) {
                parts.loader.refreshNow(inode);
            }
        }
    }

    private void end() {
        vfs.close();
        index.close();
        cache.close();
    }

    @Override
    public void close() {
        end();
    }

    long number(String path) throws FsException {
        long at = vfs.lookup(FileSystem.ROOT, FileName.of("v")).inode();
        for (String part : path.split("/", -1)) {
            if (!part.isEmpty()) {
                at = vfs.lookup(at, FileName.of(part)).inode();
            }
        }
        return at;
    }

    private long parent(String path) throws FsException {
        int slash = path.lastIndexOf('/');
        return number(slash < 0 ? "" : path.substring(0, slash));
    }

    private static FileName last(String path) {
        return FileName.of(path.substring(path.lastIndexOf('/') + 1));
    }

    Stat stat(String path) throws FsException {
        return vfs.getattr(number(path));
    }

    void mkdir(String path) throws FsException {
        vfs.mkdir(parent(path), last(path), 0755, ME);
    }

    void put(String path, String text) throws FsException {
        put(path, text.getBytes(StandardCharsets.UTF_8));
    }

    void put(String path, byte[] bytes) throws FsException {
        long handle = vfs.create(parent(path), last(path), 0644, CREATE, ME).handle();
        try {
            vfs.write(handle, 0, ByteBuffer.wrap(bytes));
            vfs.flush(handle);
        } finally {
            vfs.release(handle);
        }
    }

    void write(String path, long offset, byte[] bytes) throws FsException {
        long handle = vfs.open(number(path), WRITE, ME);
        try {
            vfs.write(handle, offset, ByteBuffer.wrap(bytes));
        } finally {
            vfs.release(handle);
        }
    }

    byte[] read(String path) throws FsException {
        long number = number(path);
        long handle = vfs.open(number, READ, ME);
        try {
            return read(handle, (int) vfs.getattr(number).size());
        } finally {
            vfs.release(handle);
        }
    }

    byte[] read(long handle, int most) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(most + 10);
        int count = vfs.read(handle, 0, into);
        byte[] bytes = new byte[count];
        into.flip().get(bytes);
        return bytes;
    }

    String text(String path) throws FsException {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    long open(String path) throws FsException {
        return vfs.open(number(path), WRITE, ME);
    }

    void sync(String path) throws FsException {
        long handle = open(path);
        try {
            vfs.fsync(handle, false);
        } finally {
            vfs.release(handle);
        }
    }

    void truncate(String path, long size) throws FsException {
        vfs.setattr(number(path), AttributeChange.truncate(size), ME);
    }

    void unlink(String path) throws FsException {
        vfs.unlink(parent(path), last(path), ME);
    }

    void rmdir(String path) throws FsException {
        vfs.rmdir(parent(path), last(path), ME);
    }

    void rename(String from, String to) throws FsException {
        vfs.rename(parent(from), last(from), parent(to), last(to), ME);
    }

    List<String> list(String path) throws FsException {
        long handle = vfs.openDirectory(number(path));
        List<String> names = new ArrayList<>();
        try {
            List<DirectoryEntry> entries = vfs.readDirectory(handle, 0);
            while (!entries.isEmpty()) {
                for (DirectoryEntry entry : entries) {
                    if (!entry.rawName().equals(".") && !entry.rawName().equals("..")) {
                        names.add(new FileName(entry.rawName()).display());
                    }
                }
                entries = vfs.readDirectory(
                        handle, entries.get(entries.size() - 1).position() + 1);
            }
        } finally {
            vfs.releaseDirectory(handle);
        }
        java.util.Collections.sort(names);
        return names;
    }

    /** Everything that explains a difference. */
    String dump() throws FsException {
        return new RigDump(vfs.parts(FileName.of("v")).tree, store).all();
    }

    private Path forcedIndex() {
        return folder.resolveSibling(folder.getFileName() + "-forced");
    }

    void await() throws FsException {
        SimulatedClock clock = stepped;
        if (clock != null) {
            for (int i = 0; i < 300 && !vfs.awaitStored(Optional.empty(), Duration.ZERO); i++) {
                round();
                clock.advanceMillis(200);
            }
            // What nobody needs any more goes when there is nothing else to do.
            round();
            connection.arriveAll();
        }
        if (!vfs.awaitStored(Optional.empty(), clock == null ? Duration.ofSeconds(20) : Duration.ZERO)) {
            throw new AssertionError("not everything stored: " + vfs.status().volumes() + dump());
        }
    }

    /** What lay aside goes soon after nobody needs it any more. */
    void awaitTidy() throws FsException {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!store.list(VolumeTree.KEEP_PREFIX, false, "", 1).objects().isEmpty() && System.nanoTime() < end) {
            LockSupport.parkNanos(10_000_000);
        }
    }
}
