package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A folder of {@code .isle} that somebody else fills. */
class ControlTreeTest {

    private static final FileName FOLDER = FileName.of("folder");
    private static final FileName FILE = FileName.of("file");

    private final SimulatedClock clock = new SimulatedClock();
    private final List<List<FileName>> asked = new ArrayList<>();
    private boolean away;

    private final ReadOnlyTree tree = path -> {
        asked.add(path);
        if (away) {
            throw new FsException.Unavailable("away");
        }
        Timestamp time = new Timestamp(5, 0);
        if (path.isEmpty()) {
            return List.of(new Node(FOLDER, null, 0, time));
        } else if (path.equals(List.of(FOLDER))) {
            byte[] bytes = "content".getBytes(StandardCharsets.UTF_8);
            return List.of(new Node(
                    FILE, (offset, into) -> into.put(bytes, (int) offset, into.remaining()), bytes.length, time));
        }
        throw new FsException.NotFound("no folder");
    };

    private final ControlFolder control = new ControlFolder(
            Map.<String, Supplier<byte[]>>of("status", () -> new byte[] {1}),
            Map.of("tree", tree),
            clock.clock(),
            new Ownership(Ownership.Mode.MOUNTER, 7, 8, Set.of()));

    private Stat top() throws FsException {
        return control.lookup(ControlFolder.NUMBER, FileName.of("tree"));
    }

    @Test
    void itIsListedLookedUpAndRead() throws FsException {
        Stat top = top();
        assertEquals(FileKind.DIRECTORY, top.kind());
        assertEquals(0500, top.permissions());
        Stat folder = control.lookup(top.inode(), FOLDER);
        Stat file = control.lookup(folder.inode(), FILE);
        assertEquals(FileKind.FILE, file.kind());
        assertEquals(0400, file.permissions());
        assertEquals(7, file.size());
        assertEquals(7, file.uid());
        assertEquals(file, control.stat(file.inode()));
        List<DirectoryEntry> listed = control.list(folder.inode());
        assertEquals(
                List.of(".", "..", "file"),
                listed.stream().map(DirectoryEntry::rawName).toList());
        assertEquals(
                List.of(folder.inode(), top.inode(), file.inode()),
                listed.stream().map(DirectoryEntry::inode).toList());
        ControlFolder.Opened opened = control.open(file.inode());
        ByteBuffer into = ByteBuffer.allocate(20).position(1);
        assertEquals(4, opened.read(3, into));
        assertEquals(20, into.limit());
        assertEquals("tent", new String(into.array(), 1, 4, StandardCharsets.UTF_8));
        assertEquals(0, opened.read(7, into));
        assertEquals(0, opened.read(Long.MAX_VALUE, into));
        assertTrue(control.list(ControlFolder.NUMBER).stream().anyMatch(each -> each.inode() == top.inode()));
    }

    @Test
    void whatIsNotThereIsAnError() throws FsException {
        long top = top().inode();
        long folder = control.lookup(top, FOLDER).inode();
        assertThrows(FsException.NotFound.class, () -> control.lookup(top, FILE));
        assertThrows(FsException.NotFound.class, () -> control.lookup(folder, FOLDER));
        assertThrows(FsException.IsDirectory.class, () -> control.open(folder));
        assertThrows(FsException.IsDirectory.class, () -> control.open(top));
        long file = control.lookup(folder, FILE).inode();
        control.forget(file);
        assertThrows(FsException.Stale.class, () -> control.stat(file));
        assertEquals(file, control.lookup(folder, FILE).inode());
        control.forget(top);
        assertEquals(folder, control.lookup(top, FOLDER).inode());
    }

    @Test
    void aListIsAskedForOnceInAWhile_andAFailureIsNotKept() throws FsException {
        long top = top().inode();
        away = true;
        assertThrows(FsException.Unavailable.class, () -> control.list(top));
        away = false;
        asked.clear();
        for (int i = 0; i < 10; i++) {
            control.list(top);
            control.lookup(top, FOLDER);
        }
        assertEquals(1, asked.size());
        clock.advanceMillis(6000);
        control.list(top);
        assertEquals(2, asked.size());
    }

    @Test
    void noNumberOfAVolumeIsOneOfIts() throws FsException {
        long top = top().inode();
        assertTrue(ControlTree.has(top));
        assertEquals(0, InodeNumbers.volumeOf(top));
        assertFalse(ControlTree.has(InodeNumbers.of(3, InodeNumbers.counterOf(top))));
        assertFalse(ControlTree.has(ControlFolder.NUMBER));
        assertNotEquals(top, control.lookup(top, FOLDER).inode());
    }
}
