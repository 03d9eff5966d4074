package isle.fs.index;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The persistent mirror of what the stores list. All methods may be called from any thread; reads do not wait for
 * {@link #apply}, and see either all of one or nothing.
 *
 * <p>Every method throws {@link FsException.Corrupt} when it meets damage (then: close, {@link #moveAside}, open a new
 * one and fill it from the store and the journal), {@link FsException.NoSpace} when the disk is full and
 * {@link FsException.Failed} when it fails otherwise; after these two the index is as it was before the call, and
 * usable. No answer is made from damaged rows.
 *
 * <p>What a power loss may take are the last transactions, never parts of one and never something before
 * {@link #force} or {@link #reserveInodes}. A killed process loses nothing that was applied.
 */
public final class Index implements AutoCloseable {

    /** Most numbers that one call of {@link #reserveInodes} gives. */
    public static final int MAX_RESERVATION = 1 << 16;

    /**
     * Numbers skipped in each volume after an end without {@link #close}: a disk that lied about a force may have
     * lost the last reservations, and these are more than the log of transactions can hold.
     */
    private static final long UNCLEAN_GAP = 1L << 26;

    private static final int WRITER_CACHE_KIB = 4096;
    private static final int READER_CACHE_KIB = 2048;
    private static final int READERS = 2;

    /** Most directories that are remembered as proven complete. */
    private static final int MAX_PROVEN = 65_536;

    /** Nobody else may read it, nor the files that SQLite makes beside it: they get the same rights. */
    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final ReentrantLock writeLock = new ReentrantLock();
    private final Path file;
    private final Writer writer;
    private final ReaderPool readers;
    private final LongSupplier freshFloor;
    private final Set<Long> proven = ConcurrentHashMap.newKeySet();

    /** Whether an inode that is not found is known to be absent. */
    private volatile boolean inodesProven;

    private volatile Counters counters;
    private boolean closed;

    private Index(
            Path file,
            Writer writer,
            Counters counters,
            ReaderPool readers,
            LongSupplier freshFloor,
            boolean inodesProven) {
        this.file = file;
        this.writer = writer;
        this.counters = counters;
        this.readers = readers;
        this.freshFloor = freshFloor;
        this.inodesProven = inodesProven;
    }

    /**
     * Opens an index, and makes it when there is no file. One process at a time may have it open.
     *
     * @param file the index; SQLite keeps two more beside it, with {@code -wal} and {@code -shm} appended
     * @param libraryFolder where the native library may be for the moment of loading it; has to allow execution
     * @param freshFloor gives a counter of inodes for a volume that this file has never met: higher than any that a
     *     lost index can have given, so from the time or at random; 0 to {@link InodeNumbers#MAX_COUNTER}
     * @throws FsException.Corrupt the file is damaged, or of a format that this program does not know
     */
    public static Index open(Path file, Path libraryFolder, LongSupplier freshFloor) throws FsException {
        return open(file, libraryFolder, freshFloor, StartCheck.MAX_BYTES);
    }

    /** Opens an index; its file is read at the start unless it is larger than {@code checkBytes}. */
    static Index open(Path file, Path libraryFolder, LongSupplier freshFloor, long checkBytes) throws FsException {
        if (Files.exists(Aside.beside(file, Aside.CONDEMNED))) {
            throw new FsException.Corrupt("the index was found damaged when it was used");
        }
        NativeLibrary.load(libraryFolder);
        createFile(file);
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            Writer writer = new Writer(file, WRITER_CACHE_KIB, freshFloor);
            opened.add(writer);
            Counters before = writer.readCounters();
            boolean inodesProven = StartCheck.run(writer.connection(), before, checkBytes);
            Counters counters = markOpen(writer, before);
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Reader reader = new Reader(file, READER_CACHE_KIB);
                opened.add(reader);
                readers.add(reader);
            }
            return new Index(file, writer, counters, new ReaderPool(readers), freshFloor, inodesProven);
        } catch (SQLException e) {
            closeAll(opened, e);
            throw SqliteErrors.translate(e);
        } catch (FsException | RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    /** Notes in the file that it is open, until {@link #close} notes the opposite. */
    private static Counters markOpen(Writer writer, Counters before) throws SQLException, FsException {
        Counters open = before.copy();
        if (!open.clean) {
            open.skip(UNCLEAN_GAP);
        }
        open.clean = false;
        try {
            return writer.transact(open, after -> {});
        } catch (SQLException e) {
            FsException translated = SqliteErrors.translate(e);
            if (translated instanceof FsException.NoSpace) {
                // A full disk does not keep anybody from reading; the first write that succeeds notes it.
                return open;
            }
            if (translated instanceof FsException.ReadOnly && writer.mayWrite()) {
                throw new FsException.Corrupt("the index is damaged: it says that it must not be written", e);
            }
            throw translated;
        }
    }

    private static void createFile(Path file) throws FsException {
        try {
            if (!Files.exists(file)) {
                // A log without its index belongs to one that was moved aside.
                Files.deleteIfExists(Aside.beside(file, Aside.WAL));
                Files.deleteIfExists(Aside.beside(file, Aside.SHM));
                Files.createFile(file, OWNER_ONLY);
            }
        } catch (FileAlreadyExistsException e) {
            throw new FsException.Busy("the index is being made by another process", e);
        } catch (IOException e) {
            throw new FsException.Failed("cannot make the index " + file, e);
        }
    }

    private static void closeAll(List<AutoCloseable> opened, Exception cause) {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** The entry with this name in a directory. */
    public Optional<IndexEntry> find(long parent, FileName name) throws FsException {
        boolean rowExpected = rootRowExpected(parent);
        return read(reader -> {
            IndexEntry found = reader.find(parent, name);
            if (found == null && !proven.contains(parent)) {
                reader.proveChildren(parent, rowExpected);
                if (proven.size() >= MAX_PROVEN) {
                    proven.clear();
                }
                proven.add(parent);
            }
            return Optional.ofNullable(found);
        });
    }

    /** The entry of an inode. The root of a volume has one only if it was put. */
    public Optional<IndexEntry> find(long inode) throws FsException {
        return read(reader -> {
            IndexEntry found = reader.find(inode);
            if (found == null && !inodesProven) {
                reader.proveInodes();
                inodesProven = true;
            }
            return Optional.ofNullable(found);
        });
    }

    /** All entries of a directory, ordered by the bytes of their names; none for an unknown one. */
    public List<IndexEntry> children(long parent) throws FsException {
        boolean rowExpected = rootRowExpected(parent);
        return read(reader -> reader.children(parent, rowExpected));
    }

    /** What {@link IndexChange.Listed} told last of a directory. */
    public Optional<DirectoryState> directory(long inode) throws FsException {
        boolean rowExpected = rootRowExpected(inode);
        return read(reader -> reader.directory(inode, rowExpected));
    }

    /** The value of a key that {@link IndexChange.Meta} gave. */
    public Optional<String> meta(String key) throws FsException {
        return read(reader -> reader.meta(key));
    }

    /** Counts of a volume, from memory. */
    public Totals totals(long volumeRoot) {
        return counters.totals(InodeNumbers.volumeOf(volumeRoot));
    }

    /**
     * Makes all these changes, in their order, or none. Every entry's directory is the root of a volume or has an
     * entry itself at the end.
     *
     * @throws FsException.Stale the directory of an entry has no entry
     */
    public void apply(List<IndexChange> changes) throws FsException {
        write(before -> writer.apply(before, changes));
    }

    /**
     * Gives away inode numbers of a volume: {@code count} of them from the returned one on, which nobody got before.
     * They are never given again, also not after a crash or a power loss. Forces the disk: ask for many at once.
     *
     * @param count 1 to {@link #MAX_RESERVATION}
     * @throws FsException.NoSpace the volume has used up its numbers
     */
    public long reserveInodes(long volume, int count) throws FsException {
        if (count < 1 || count > MAX_RESERVATION) {
            throw new IllegalArgumentException("reservation of " + count);
        }
        long[] first = new long[1];
        write(before -> writer.transactDurably(before, after -> {
            first[0] = after.volume(volume, freshFloor).next();
            long last = first[0] + count - 1;
            if (last > InodeNumbers.MAX_COUNTER) {
                throw new FsException.NoSpace("volume " + volume + " has no inode numbers left");
            }
            after.raise(volume, last, freshFloor);
        }));
        return InodeNumbers.of(volume, first[0]);
    }

    /** Makes sure that neither {@code inode} nor a lower number of its volume will be given. Entries that are put do so too. */
    public void raiseFloor(long volume, long inode) throws FsException {
        if (InodeNumbers.volumeOf(inode) != volume) {
            throw new IllegalArgumentException("inode " + inode + " is not of volume " + volume);
        }
        long counter = InodeNumbers.counterOf(inode);
        Counters.VolumeCounters known = counters.volumes().get(volume);
        if (known == null || known.next() <= counter) {
            write(before -> writer.transact(before, after -> after.raise(volume, counter, freshFloor)));
        }
    }

    /** Returns when everything that was applied survives a power loss. */
    public void force() throws FsException {
        write(before -> writer.transactDurably(before, after -> {}));
    }

    /**
     * Checks everything: rows, trees, totals, that directories form a tree. Reads the whole file.
     *
     * @throws FsException.Corrupt it is not as it has to be
     */
    public void checkInvariants() throws FsException {
        write(before -> {
            Invariants.check(writer.connection(), before);
            return before;
        });
    }

    /** Closes, after the calls under way; a second call does nothing. What cannot be written now is made up for at the next start. */
    @Override
    public void close() {
        writeLock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            readers.close();
            writer.closeClean(counters);
        } finally {
            writeLock.unlock();
        }
    }

    /**
     * Renames a damaged index and the files beside it to {@code NAME.damaged-N}, with the lowest free number. The
     * index is closed. Nothing happens when there is none.
     */
    public static void moveAside(Path file) throws FsException {
        Aside.move(file);
    }

    /** Damage was met: the next {@link #open} of this file says so, though it may not meet it. */
    public void condemn() throws FsException {
        try {
            Files.createFile(Aside.beside(file, Aside.CONDEMNED), OWNER_ONLY);
        } catch (FileAlreadyExistsException e) {
            // Said already.
            return;
        } catch (IOException e) {
            throw new FsException.Failed("the next start may take the damaged index for a good one", e);
        }
    }

    /** Whether a directory is the root of a volume that has entries: then it has a row, from before this call on. */
    private boolean rootRowExpected(long inode) {
        return InodeNumbers.isRoot(inode) && totals(inode).entries() > 0;
    }

    private interface Read<T> {
        T run(Reader reader) throws SQLException, FsException;
    }

    private <T> T read(Read<T> query) throws FsException {
        Reader reader = readers.take();
        boolean answered = false;
        try {
            T answer = query.run(reader);
            answered = true;
            return answer;
        } catch (SQLException e) {
            throw SqliteErrors.translate(e);
        } finally {
            if (!answered) {
                reader.afterFailure();
            }
            readers.giveBack(reader);
        }
    }

    private interface Write {
        Counters run(Counters before) throws SQLException, FsException;
    }

    private void write(Write work) throws FsException {
        writeLock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the index is closed");
            }
            counters = work.run(counters);
        } catch (SQLException e) {
            throw SqliteErrors.translate(e);
        } finally {
            writeLock.unlock();
        }
    }
}
