package isle.fs.vfs;

import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.Stat;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The {@code .isle} folder at the root of a mount: files whose content the daemon makes from memory, and folders that
 * somebody else fills. It is reachable but not listed.
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
    record Opened(Stat stat, ReadOnlyTree.Content content) {
        int read(long offset, ByteBuffer into) throws FsException {
            int count = (int) Math.max(0, Math.min(into.remaining(), stat.size() - offset));
            if (count > 0) {
                int limit = into.limit();
                int start = into.position();
                content.read(offset, into.limit(start + count));
                into.limit(limit);
                return into.position() - start;
            }
            return 0;
        }
    }

    private final Map<String, Supplier<byte[]>> files;
    private final List<String> names;
    private final Map<Long, Made> made = new ConcurrentHashMap<>();
    private final List<ControlTree> trees = new ArrayList<>();
    private final VfsClock clock;
    private final Ownership owner;
    private final Timestamp started;

    ControlFolder(
            Map<String, Supplier<byte[]>> files, Map<String, ReadOnlyTree> folders, VfsClock clock, Ownership owner) {
        folders.forEach((name, tree) -> trees.add(new ControlTree(FileName.of(name), tree, clock, owner)));
        this.files = new LinkedHashMap<>(files);
        this.names = new ArrayList<>(this.files.keySet());
        this.clock = clock;
        this.owner = owner;
        this.started = clock.now();
    }

    /** Whether it is something that can be opened as a file. */
    boolean has(long inode) {
        return inode == NUMBER || (inode >= FIRST_FILE && inode < FIRST_FILE + names.size()) || ControlTree.has(inode);
    }

    private ControlTree tree() throws FsException {
        if (trees.isEmpty()) {
            throw new FsException.NotFound("no such folder in .isle");
        }
        return trees.get(0);
    }

    Stat lookup(long parent, FileName name) throws FsException {
        if (ControlTree.has(parent)) {
            return tree().lookup(parent, name);
        }
        int at = names.indexOf(name.display());
        if (at >= 0) {
            return stat(FIRST_FILE + at);
        }
        for (ControlTree each : trees) {
            if (each.name().equals(name)) {
                return each.stat(each.root());
            }
        }
        throw new FsException.NotFound("no such file in .isle");
    }

    Opened open(long inode) throws FsException {
        if (ControlTree.has(inode)) {
            ReadOnlyTree.Node node = tree().open(inode);
            return new Opened(tree().stat(inode, node), Objects.requireNonNull(node.content()));
        }
        byte[] bytes = content(inode);
        return new Opened(stat(inode, bytes.length), (offset, into) -> into.put(bytes, (int) offset, into.remaining()));
    }

    Stat stat(long inode) throws FsException {
        if (ControlTree.has(inode)) {
            return tree().stat(inode);
        }
        return stat(inode, inode == NUMBER ? 4096 : content(inode).length);
    }

    void forget(long inode) {
        if (ControlTree.has(inode)) {
            trees.forEach(each -> each.forget(inode));
        }
    }

    /** As it shows with a content of so many bytes. */
    private Stat stat(long inode, long size) {
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

    private byte[] content(long inode) throws FsException {
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

    List<DirectoryEntry> list(long inode) throws FsException {
        if (ControlTree.has(inode)) {
            return tree().list(inode);
        }
        List<DirectoryEntry> entries = new ArrayList<>();
        entries.add(new DirectoryEntry(".", NUMBER, FileKind.DIRECTORY, 0));
        entries.add(new DirectoryEntry("..", FileSystem.ROOT, FileKind.DIRECTORY, 1));
        for (int i = 0; i < names.size(); i++) {
            entries.add(
                    new DirectoryEntry(FileName.of(names.get(i)).raw(), FIRST_FILE + i, FileKind.FILE, entries.size()));
        }
        for (ControlTree each : trees) {
            entries.add(new DirectoryEntry(each.name().raw(), each.root(), FileKind.DIRECTORY, entries.size()));
        }
        return entries;
    }
}
