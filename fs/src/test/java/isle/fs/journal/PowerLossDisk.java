package isle.fs.journal;

import isle.fs.model.FsException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that tells written from forced. {@link #kill} ends the process that uses it; {@link #powerLoss} also
 * takes away, wholly or in parts, what was not forced. It can be made to fail in the ways of real disks.
 *
 * <p>After either, files opened before answer an error, and a journal is opened anew on the same disk.
 */
public final class PowerLossDisk implements JournalDisk {

    private static final int SECTOR_BYTES = 512;

    private NavigableMap<String, MemoryFile> names = new TreeMap<>();
    private NavigableMap<String, MemoryFile> durableNames = new TreeMap<>();
    private final List<NameChange> pendingChanges = new ArrayList<>();
    private long incarnation;
    private long forces;
    private long directoryForces;
    private long operations;

    private long limitBytes = Long.MAX_VALUE;
    private long operationsLeft = Long.MAX_VALUE;
    private int forcesToFail;
    private int writesToFail;
    private int truncatesToFail;
    private boolean forcesDoNothing;
    private Runnable beforeForce = () -> {};

    /** A change of names that no force has made safe. */
    private record NameChange(
            @Nullable String gone,
            @Nullable String come,
            @Nullable MemoryFile file) {}

    // ---- what a test asks and arranges

    /** Forces of files so far. */
    public synchronized long forces() {
        return forces;
    }

    /** Forces of the folder so far. */
    public synchronized long directoryForces() {
        return directoryForces;
    }

    /** Changes asked of the disk so far: writes, cuts, forces, changes of names. */
    public synchronized long operations() {
        return operations;
    }

    /** All files together may take so much; a write that would pass it is done in part and throws. */
    public synchronized void limit(long bytes) {
        limitBytes = bytes;
    }

    /** Bytes of all files. */
    public synchronized long usedBytes() {
        return names.values().stream().mapToLong(file -> file.bytes.size).sum();
    }

    /** After so many changes the disk answers only errors; {@link #kill} or {@link #powerLoss} end that. */
    public synchronized void dieAfter(long changes) {
        operationsLeft = changes;
    }

    /** The next forces of files throw. What they should have made safe can be read but will be lost with the power. */
    public synchronized void failForces(int count) {
        forcesToFail = count;
    }

    /** The next writes throw after a part of the bytes. */
    public synchronized void failWrites(int count) {
        writesToFail = count;
    }

    /** The next cuts throw and do nothing. */
    public synchronized void failTruncates(int count) {
        truncatesToFail = count;
    }

    /** Makes the disk a liar: forces succeed and do nothing. */
    public synchronized void forcesDoNothing() {
        forcesDoNothing = true;
    }

    /** Runs before each force of a file, on its thread and with no lock held. */
    public synchronized void beforeForce(Runnable action) {
        beforeForce = action;
    }

    /** What can be read of a file. */
    public synchronized byte[] content(String name) throws IOException {
        return existing(name).bytes.visible();
    }

    /** Makes a file hold these bytes, forced. */
    public synchronized void setContent(String name, byte[] content) {
        MemoryFile file = new MemoryFile();
        file.bytes.put(0, content);
        file.makeDurable();
        names.put(name, file);
        durableNames.put(name, file);
    }

    /** A disk that holds what can be read on this one, all of it forced; it has no faults. */
    public synchronized PowerLossDisk copy() {
        PowerLossDisk copy = new PowerLossDisk();
        names.forEach((name, file) -> copy.setContent(name, file.bytes.visible()));
        return copy;
    }

    /** Ends the process, and the faults asked for: everything written stays. */
    public synchronized void kill() {
        incarnation++;
        operationsLeft = Long.MAX_VALUE;
        limitBytes = Long.MAX_VALUE;
        forcesToFail = 0;
        writesToFail = 0;
        truncatesToFail = 0;
    }

    /** Memory runs short: of what failed forces did not keep, only what is on the disk can be read from now on. */
    public synchronized void forgetLostPages() {
        names.values().forEach(MemoryFile::forgetLostPages);
    }

    /** Ends the process and loses, as the seed says, what was not forced: nothing, all, a prefix or any sectors. */
    public synchronized void powerLoss(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        kill();
        names.values().forEach(file -> file.losePower(random));
        durableNames.values().forEach(file -> file.losePower(random));
        int mode = random.nextInt(4);
        int prefix = random.nextInt(pendingChanges.size() + 1);
        for (int i = 0; i < pendingChanges.size(); i++) {
            boolean happened =
                    switch (mode) {
                        case 0 -> false;
                        case 1 -> true;
                        case 2 -> i < prefix;
                        default -> random.nextBoolean();
                    };
            if (happened) {
                apply(pendingChanges.get(i), durableNames);
            }
        }
        pendingChanges.clear();
        names = new TreeMap<>(durableNames);
    }

    private static void apply(NameChange change, Map<String, MemoryFile> map) {
        MemoryFile file = change.file();
        if (change.gone() != null) {
            MemoryFile there = map.get(change.gone());
            if (change.come() != null && there != file) {
                // A file that was never made on the disk cannot be renamed on it.
                return;
            }
            map.remove(change.gone());
        }
        if (change.come() != null && file != null) {
            map.put(change.come(), file);
        }
    }

    // ---- JournalDisk

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized JournalFile open(String name) throws IOException {
        return new Handle(existing(name));
    }

    private MemoryFile existing(String name) throws IOException {
        MemoryFile file = names.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return file;
    }

    @Override
    public synchronized JournalFile create(String name) throws IOException {
        change();
        if (usedBytes() >= limitBytes) {
            throw new FsException.NoSpace("no room for a name");
        }
        MemoryFile file = new MemoryFile();
        rename(new NameChange(null, name, file));
        return new Handle(file);
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        change();
        if (names.containsKey(name)) {
            rename(new NameChange(name, null, null));
        }
    }

    @Override
    public synchronized void replace(String from, String to) throws IOException {
        change();
        rename(new NameChange(from, to, existing(from)));
    }

    private void rename(NameChange change) {
        apply(change, names);
        pendingChanges.add(change);
    }

    @Override
    public synchronized void forceDirectory() throws IOException {
        change();
        directoryForces++;
        if (!forcesDoNothing) {
            durableNames = new TreeMap<>(names);
            pendingChanges.clear();
        }
    }

    private void change() throws IOException {
        operations++;
        if (operationsLeft-- <= 0) {
            operationsLeft = 0;
            throw new IOException("the disk is dead");
        }
    }

    private final class Handle implements JournalFile {

        private final MemoryFile file;
        private final long born = incarnation;
        private boolean closed;

        Handle(MemoryFile file) {
            this.file = file;
        }

        private void requireAlive() throws IOException {
            if (closed || born != incarnation) {
                throw new IOException("the file is closed");
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (PowerLossDisk.this) {
                requireAlive();
                return file.bytes.size;
            }
        }

        @Override
        public void write(long position, ByteBuffer... buffers) throws IOException {
            synchronized (PowerLossDisk.this) {
                requireAlive();
                int wanted = 0;
                for (ByteBuffer buffer : buffers) {
                    wanted += buffer.remaining();
                }
                ByteBuffer all = ByteBuffer.allocate(wanted);
                for (ByteBuffer buffer : buffers) {
                    all.put(buffer.duplicate());
                }
                long growth = Math.max(0, position + wanted - file.bytes.size);
                long room = Math.max(0, limitBytes - usedBytes());
                int fits = (int) Math.max(0, wanted - Math.max(0, growth - room));
                boolean dead = operationsLeft <= 0;
                boolean fails = writesToFail > 0;
                if (!dead) {
                    int done = fails ? wanted / 2 : fits;
                    file.write((int) position, Arrays.copyOf(all.array(), done));
                }
                change();
                if (fails) {
                    writesToFail--;
                    throw new IOException("input/output error");
                }
                if (fits < wanted) {
                    throw new FsException.NoSpace("no room");
                }
            }
        }

        @Override
        public int read(long position, ByteBuffer into) throws IOException {
            synchronized (PowerLossDisk.this) {
                requireAlive();
                if (position >= file.bytes.size) {
                    return -1;
                }
                int count = (int) Math.min(into.remaining(), file.bytes.size - position);
                into.put(file.bytes.content, (int) position, count);
                return count;
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (PowerLossDisk.this) {
                requireAlive();
                change();
                if (truncatesToFail > 0) {
                    truncatesToFail--;
                    throw new IOException("input/output error");
                }
                file.truncate((int) size);
            }
        }

        @Override
        public void force() throws IOException {
            Runnable action;
            synchronized (PowerLossDisk.this) {
                action = beforeForce;
            }
            action.run();
            synchronized (PowerLossDisk.this) {
                requireAlive();
                change();
                forces++;
                if (forcesToFail > 0) {
                    forcesToFail--;
                    file.loseTrack();
                    throw new IOException("input/output error");
                }
                if (!forcesDoNothing) {
                    file.makeDurable();
                }
            }
        }

        @Override
        public void close() {
            synchronized (PowerLossDisk.this) {
                closed = true;
            }
        }
    }

    static int sectorEnd(int position) {
        return (position / SECTOR_BYTES + 1) * SECTOR_BYTES;
    }
}
