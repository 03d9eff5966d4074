package isle.fs.vfs;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.Stat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The {@code .isle} folder at the root of a mount: files whose content the daemon makes from memory. It is reachable but
 * not listed.
 */
final class ControlFolder {
    static final FileName NAME = FileName.of(".isle");
    static final long NUMBER = 2;
    private static final long FIRST_FILE = 3;

    /** A content is made anew at most this often, so that its size and its bytes agree. */
    private static final long KEPT_NANOS = 1_000_000_000L;

    @SuppressWarnings("ArrayRecordComponent") // made here, and never compared
    private record Made(byte[] bytes, long nanos) {}

    /** A file as it was when it was opened. */
    @SuppressWarnings("ArrayRecordComponent") // made here, and never compared
    record Opened(long inode, byte[] bytes) {}

    private final Map<String, Supplier<byte[]>> files;
    private final List<String> names;
    private final Map<Long, Made> made = new ConcurrentHashMap<>();
    private final VfsClock clock;
    private final Ownership owner;
    private final Timestamp started;

    ControlFolder(Map<String, Supplier<byte[]>> files, VfsClock clock, Ownership owner) {
        this.files = new LinkedHashMap<>(files);
        this.names = new ArrayList<>(this.files.keySet());
        this.clock = clock;
        this.owner = owner;
        this.started = clock.now();
    }

    boolean has(long inode) {
        return inode == NUMBER || (inode >= FIRST_FILE && inode < FIRST_FILE + names.size());
    }

    Stat lookup(FileName name) throws FsException {
        int at = names.indexOf(name.display());
        if (at < 0) {
            throw new FsException.NotFound("no such file in .isle");
        }
        return stat(FIRST_FILE + at);
    }

    Opened open(long inode) throws FsException {
        return new Opened(inode, content(inode));
    }

    Stat stat(long inode) throws FsException {
        return stat(inode, inode == NUMBER ? 4096 : content(inode).length);
    }

    /** As it shows with a content of so many bytes. */
    Stat stat(long inode, long size) {
        boolean folder = inode == NUMBER;
        return new Stat(
                inode,
                folder ? FileKind.DIRECTORY : FileKind.FILE,
                folder ? 0555 : 0444,
                folder ? 2 : 1,
                owner.uid(),
                owner.gid(),
                0,
                size,
                (size + 511) / 512,
                started,
                folder ? started : clock.now(),
                folder ? started : clock.now());
    }

    byte[] content(long inode) throws FsException {
        int at = (int) (inode - FIRST_FILE);
        if (at < 0 || at >= names.size()) {
            throw new FsException.NotFound("no such file in .isle");
        }
        long now = clock.nanos();
        Made before = made.get(inode);
        if (before == null || now - before.nanos() > KEPT_NANOS) {
            Supplier<byte[]> maker = files.get(names.get(at));
            before = new Made(maker == null ? new byte[0] : maker.get(), now);
            made.put(inode, before);
        }
        return before.bytes();
    }

    List<DirectoryEntry> list() {
        List<DirectoryEntry> entries = new ArrayList<>();
        entries.add(new DirectoryEntry(".", NUMBER, FileKind.DIRECTORY, 0));
        entries.add(new DirectoryEntry("..", FileSystem.ROOT, FileKind.DIRECTORY, 1));
        for (int i = 0; i < names.size(); i++) {
            entries.add(
                    new DirectoryEntry(FileName.of(names.get(i)).raw(), FIRST_FILE + i, FileKind.FILE, entries.size()));
        }
        return entries;
    }
}
