package isle.fs.vfs;

import isle.fs.journal.Journal;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One host of several: a whole VFS with a state, a journal and a clock of its own. Contents begin with what tells them apart. */
final class SimulatedHost implements AutoCloseable {
    static final String DIRECTORY = "/";

    /** What tells contents apart has so many bytes, at the beginning of each. */
    static final int MARK = 12;

    private static final int MOST_HELD = 3;
    private static final int MOST_LOOKS = 10;

    final String name;
    final VfsRig rig;
    final SimulatedClock clock;
    final List<Held> held = new ArrayList<>();

    /** Whether it has no way to the store. */
    boolean away;

    /** Whether its committer is at work: then what it asks of the store may be disturbed. */
    boolean committing;

    /**
     * Whether somebody does something there while its committer is at work. What a look then has done in the background
     * is done with its locks held, on this one thread: nobody else comes in between.
     */
    boolean acting;

    boolean killed;
    boolean withoutPower;

    record Held(long handle, long inode) {}

    SimulatedHost(String name, VfsRig rig, SimulatedClock clock) {
        this.name = name;
        this.rig = rig;
        this.clock = clock;
    }

    /** What it shows: paths to contents, that of directories {@link #DIRECTORY}. */
    NavigableMap<String, String> look() throws FsException {
        for (int attempt = 0; ; attempt++) {
            try {
                NavigableMap<String, String> found = new TreeMap<>();
                walk("", found);
                return found;
            } catch (FsException.NotFound e) {
                // What was old was listed again by the look at it, and something had gone.
                if (attempt == MOST_LOOKS) {
                    throw e;
                }
            }
        }
    }

    private void walk(String path, NavigableMap<String, String> found) throws FsException {
        for (String each : rig.list(path)) {
            String below = path.isEmpty() ? each : path + "/" + each;
            if (rig.stat(below).kind() == FileKind.DIRECTORY) {
                found.put(below, DIRECTORY);
                walk(below, found);
            } else {
                byte[] bytes = rig.read(below);
                found.put(below, markOf(bytes) + (bytes.length > MARK ? " and " + Arrays.hashCode(bytes) : ""));
            }
        }
    }

    /** Names of one kind, as far as they are known; "" is the root. */
    List<String> paths(boolean directories) {
        List<String> found = new ArrayList<>();
        if (directories) {
            found.add("");
        }
        collect("", directories, found);
        return found;
    }

    private void collect(String path, boolean directories, List<String> found) {
        try {
            for (String each : rig.list(path)) {
                String below = path.isEmpty() ? each : path + "/" + each;
                boolean directory = rig.stat(below).kind() == FileKind.DIRECTORY;
                if (directory == directories) {
                    found.add(below);
                }
                if (directory) {
                    collect(below, directories, found);
                }
            }
        } catch (FsException.Unavailable | FsException.NotFound e) {
            // The store is away, or a name went while it was looked at.
            return;
        } catch (FsException e) {
            throw new AssertionError(name + " cannot list " + path, e);
        }
    }

    /** What tells the content under this path apart; null if there is no file. Asks nothing of directories. */
    @Nullable String shown(String path) throws FsException {
        long inode;
        try {
            inode = rig.number(path);
            if (rig.vfs.getattr(inode).kind() != FileKind.FILE) {
                return null;
            }
        } catch (FsException.NotFound | FsException.NotDirectory | FsException.Unavailable e) {
            return null;
        }
        return markOf(inode);
    }

    /** A person had it before their eyes, whether or not the store is away now. */
    private String markOf(long inode) throws FsException {
        rig.connection.away(false);
        try {
            long handle = rig.vfs.open(inode, VfsRig.READ, VfsRig.ME);
            try {
                return markOf(rig.read(handle, MARK));
            } finally {
                rig.vfs.release(handle);
            }
        } finally {
            rig.connection.away(away);
        }
    }

    static String markOf(byte[] content) {
        return new String(content, 0, Math.min(MARK, content.length), StandardCharsets.UTF_8);
    }

    /** Opens a file for writing. */
    void hold(String path) throws FsException {
        if (held.size() == MOST_HELD) {
            rig.vfs.release(held.remove(0).handle());
        } else {
            long handle = rig.open(path);
            held.add(new Held(handle, rig.vfs.getattrOf(handle).inode()));
        }
    }

    /** What a handle shows. */
    String shown(Held one) throws FsException {
        rig.connection.away(false);
        try {
            return markOf(rig.read(one.handle(), MARK));
        } finally {
            rig.connection.away(away);
        }
    }

    void write(Held one, String mark) throws FsException {
        rig.vfs.write(one.handle(), 0, ByteBuffer.wrap(mark.getBytes(StandardCharsets.UTF_8)));
    }

    boolean hasName(Held one) throws FsException {
        return rig.vfs.getattrOf(one.handle()).links() > 0;
    }

    void releaseAll() throws FsException {
        for (Held one : held) {
            rig.vfs.release(one.handle());
        }
        held.clear();
    }

    /** Whether its journal, which is small, takes something large now. */
    boolean hasRoom() {
        Journal journal = rig.vfs.parts(FileName.of("v")).tree.journal();
        return journal.usedBytes() < journal.capBytes() / 2;
    }

    static String dump(SimulatedHost host) {
        try {
            return host.rig.dump();
        } catch (FsException e) {
            return e.toString();
        }
    }

    boolean isStored() throws FsException {
        return rig.vfs.awaitStored(Optional.empty(), Duration.ZERO);
    }

    @Override
    public void close() {
        rig.close();
    }

    @Override
    public String toString() {
        return name;
    }
}
