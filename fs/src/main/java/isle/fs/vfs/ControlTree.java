package isle.fs.vfs;

import isle.fs.index.InodeNumbers;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.vfs.FileSystem.DirectoryEntry;
import isle.fs.vfs.FileSystem.Stat;
import isle.fs.vfs.ReadOnlyTree.Node;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives the files and folders of a {@link ReadOnlyTree} inode numbers: 47 bits of a hash of the path, above all other
 * numbers of {@code .isle}, so that they are the same at each look. May be used by several threads.
 */
final class ControlTree {

    /** A list is asked for anew at most this often: {@code ls -l} looks up each name that it has listed. */
    private static final long KEPT_NANOS = 5_000_000_000L;

    private static final int MOST_LISTS = 64;
    private static final long HASHED = 1L << 47;

    private final FileName name;
    private final ReadOnlyTree tree;
    private final VfsClock clock;
    private final Ownership owner;
    private final Timestamp started;

    /** What the kernel refers to, by number; guarded by this map. */
    private final Map<Long, List<FileName>> paths = new HashMap<>();

    /** Those that were asked for last; guarded by this map. */
    private final Map<List<FileName>, Listed> lists = new LinkedHashMap<>();

    private record Listed(List<Node> nodes, long nanos) {}

    ControlTree(FileName name, ReadOnlyTree tree, VfsClock clock, Ownership owner) {
        this.name = name;
        this.tree = tree;
        this.clock = clock;
        this.owner = owner;
        this.started = clock.now();
        paths.put(root(), List.of());
    }

    FileName name() {
        return name;
    }

    static boolean has(long inode) {
        return InodeNumbers.volumeOf(inode) == 0 && (inode & HASHED) != 0;
    }

    long root() {
        return number(List.of());
    }

    private long number(List<FileName> path) {
        StringBuilder text = new StringBuilder(name.raw());
        path.forEach(each -> text.append('/').append(each.raw()));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_16BE));
            return HASHED | (ByteBuffer.wrap(hash).getLong() & (HASHED - 1));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private List<FileName> path(long inode) throws FsException {
        synchronized (paths) {
            List<FileName> path = paths.get(inode);
            if (path == null) {
                throw new FsException.Stale("nobody has looked this up");
            }
            return path;
        }
    }

    void forget(long inode) {
        if (inode != root()) {
            synchronized (paths) {
                paths.remove(inode);
            }
        }
    }

    private List<Node> nodes(List<FileName> path) throws FsException {
        long now = clock.nanos();
        synchronized (lists) {
            Listed before = lists.get(path);
            if (before != null && now - before.nanos() <= KEPT_NANOS) {
                return before.nodes();
            }
        }
        List<Node> nodes = List.copyOf(tree.list(path));
        synchronized (lists) {
            lists.remove(path);
            lists.put(path, new Listed(nodes, now));
            if (lists.size() > MOST_LISTS) {
                lists.remove(lists.keySet().iterator().next());
            }
        }
        return nodes;
    }

    /** Empty of the tree itself. */
    private Optional<Node> node(List<FileName> path) throws FsException {
        if (path.isEmpty()) {
            return Optional.empty();
        }
        FileName last = path.get(path.size() - 1);
        for (Node each : nodes(path.subList(0, path.size() - 1))) {
            if (each.name().equals(last)) {
                return Optional.of(each);
            }
        }
        throw new FsException.NotFound("no such file or folder");
    }

    private static List<FileName> child(List<FileName> path, FileName name) {
        List<FileName> child = new ArrayList<>(path);
        child.add(name);
        return Collections.unmodifiableList(child);
    }

    Stat lookup(long parent, FileName child) throws FsException {
        List<FileName> path = child(path(parent), child);
        Node node = node(path).orElseThrow();
        long inode = number(path);
        synchronized (paths) {
            paths.put(inode, path);
        }
        return stat(inode, node);
    }

    Stat stat(long inode) throws FsException {
        return stat(inode, node(path(inode)).orElse(null));
    }

    /** The file as it is when it is opened. */
    Node open(long inode) throws FsException {
        Node node = node(path(inode)).orElse(null);
        if (node == null || node.content() == null) {
            throw new FsException.IsDirectory("a folder cannot be opened as a file");
        }
        return node;
    }

    /** @param node null of the tree itself */
    Stat stat(long inode, @Nullable Node node) {
        boolean folder = node == null || node.content() == null;
        long size = node == null || folder ? 4096 : node.size();
        Timestamp time = node == null ? started : node.time();
        return new Stat(
                inode,
                folder ? FileKind.DIRECTORY : FileKind.FILE,
                folder ? 0500 : 0400,
                folder ? 2 : 1,
                owner.uid(),
                owner.gid(),
                0,
                size,
                (size + 511) / 512,
                time,
                time,
                time);
    }

    List<DirectoryEntry> list(long inode) throws FsException {
        List<FileName> path = path(inode);
        List<DirectoryEntry> entries = new ArrayList<>();
        long above = path.isEmpty() ? ControlFolder.NUMBER : number(path.subList(0, path.size() - 1));
        entries.add(new DirectoryEntry(".", inode, FileKind.DIRECTORY, 0));
        entries.add(new DirectoryEntry("..", above, FileKind.DIRECTORY, 1));
        for (Node each : nodes(path)) {
            entries.add(new DirectoryEntry(
                    each.name().raw(),
                    number(child(path, each.name())),
                    each.content() == null ? FileKind.DIRECTORY : FileKind.FILE,
                    entries.size()));
        }
        return entries;
    }
}
