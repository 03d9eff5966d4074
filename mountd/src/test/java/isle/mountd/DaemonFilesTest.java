package isle.mountd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.EntryReport;
import isle.mountd.api.FailureKind;
import isle.mountd.api.Transfer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Files over the socket: what the commands ls, cat, put, get, mkdir, mv and rm do, without any mount. */
class DaemonFilesTest {

    private static final Instant TIME = Instant.parse("2020-02-03T04:05:06.789012345Z");

    @TempDir
    private Path temp;

    /** Gives so many bytes, then does something once, then goes on. */
    private static final class EndingStream extends InputStream {

        private interface Event {
            void happen() throws IOException;
        }

        private final int bytes;
        private final Event event;
        private int count;

        EndingStream(int bytes, Event event) {
            this.bytes = bytes;
            this.event = event;
        }

        @Override
        public int read() throws IOException {
            if (++count == bytes) {
                event.happen();
            }
            return 'x';
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            for (int i = 0; i < length; i++) {
                into[offset + i] = (byte) read();
            }
            return length;
        }
    }

    private DaemonRig rig;
    private DaemonClient client;

    @BeforeEach
    void start() throws Exception {
        rig = new DaemonRig(temp.resolve("profile"));
        client = rig.connect();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        rig.close();
    }

    private void write(String path, String content) throws IOException {
        client.write(
                path,
                new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)),
                EntryReport.wanted(0640, TIME));
    }

    private String read(String path) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.read(path, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private List<String> list(String path, boolean recursive) throws IOException {
        List<String> names = names(path, recursive, false);
        assertEquals(names, names(path, recursive, true));
        return names;
    }

    private List<String> names(String path, boolean recursive, boolean details) throws IOException {
        List<String> names = new ArrayList<>();
        client.list(path, recursive, details, entry -> names.add(entry.path()));
        return names;
    }

    private static DaemonException fails(FailureKind kind, Executable call) {
        DaemonException e = assertThrows(DaemonException.class, call);
        assertEquals(kind, e.kind(), e.sentence());
        return e;
    }

    @Test
    void theRootHasTheVolumes() throws Exception {
        assertEquals(
                List.of("protected", "public"),
                list("", false).stream().sorted().toList());
        assertEquals(
                List.of("protected", "public"),
                list("/", false).stream().sorted().toList());
    }

    @Test
    void aFileComesBackWithPermissionsAndTime() throws Exception {
        write("public/notes.txt", "hello");
        assertEquals("hello", read("public/notes.txt"));
        EntryReport entry = client.stat("public/notes.txt", true).orElseThrow();
        assertEquals("file", entry.kind());
        assertEquals(0640, entry.permissions());
        assertEquals(5, entry.size());
        assertEquals(TIME, Instant.ofEpochSecond(entry.mtimeSeconds(), entry.mtimeNanos()));
        assertEquals(List.of("notes.txt"), list("public", false));
    }

    @Test
    void aLargeFileIsReplacedInOneStep() throws Exception {
        byte[] content = new byte[5_000_001];
        new Random(1).nextBytes(content);
        write("public/big", "old");
        client.write("public/big", new ByteArrayInputStream(content), EntryReport.wanted(0600, TIME));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        client.read("public/big", out);
        assertArrayEquals(content, out.toByteArray());
        assertEquals(List.of("big"), list("public", false));
    }

    @Test
    void aSourceThatFailsInTheMiddleLeavesWhatWasThere() throws Exception {
        write("public/file", "old");
        InputStream broken = new EndingStream(1_000_000, () -> {
            throw new IOException("the disk failed");
        });
        IOException e = assertThrows(
                IOException.class, () -> client.write("public/file", broken, EntryReport.wanted(0600, TIME)));
        assertEquals("the disk failed", e.getMessage());
        assertEquals("old", read("public/file"));
        assertEquals(List.of("file"), list("public", false));
    }

    @Test
    void aCallerThatGoesInTheMiddleLeavesWhatWasThere() throws Exception {
        write("public/file", "old");
        DaemonClient other = rig.connect();
        InputStream endless = new EndingStream(700_000, other::close);
        assertThrows(IOException.class, () -> other.write("public/file", endless, EntryReport.wanted(0600, TIME)));
        long end = System.nanoTime() + 10_000_000_000L;
        while (names("public", false, false).size() > 1 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(List.of("file"), list("public", false));
        assertEquals("old", read("public/file"));
    }

    @Test
    void foldersAreMadeListedMovedAndRemoved() throws Exception {
        client.makeDirectory("public/a/b", true);
        client.makeDirectory("public/a/b", true);
        write("public/a/b/file", "1");
        write("public/a/.hidden", "2");
        fails(FailureKind.FAILED, () -> client.makeDirectory("public/a", false));
        fails(FailureKind.FAILED, () -> client.makeDirectory("public/x/y", false));
        assertEquals(List.of(".hidden", "b", "b/file"), list("public/a", true));
        client.move("public/a", "public/c", false, text -> {});
        assertEquals(List.of("c", "c/.hidden", "c/b", "c/b/file"), list("public", true));
        fails(FailureKind.FAILED, () -> client.remove("public/c", false, false, text -> {}));
        client.remove("public/c", true, false, text -> {});
        assertEquals(List.of(), list("public", true));
        fails(FailureKind.FAILED, () -> client.remove("public/c", true, false, text -> {}));
        client.remove("public/c", true, true, text -> {});
    }

    @Test
    void aTreeMovesToAnotherVolume() throws Exception {
        client.makeDirectory("public/tree/sub", true);
        write("public/tree/sub/file", "content");
        client.makeSymlink("public/tree/link", "sub/file");
        assertFalse(client.beginFolder("public/tree/sub"));
        client.completeFolder("public/tree/sub", EntryReport.wanted(0710, TIME));
        client.move("public/tree", "protected", true, text -> {});
        assertEquals(List.of("tree", "tree/link", "tree/sub", "tree/sub/file"), list("protected", true));
        assertEquals("content", read("protected/tree/link"));
        assertEquals(List.of(), list("public", true));
        assertEquals(
                TIME.getEpochSecond(),
                client.stat("protected/tree/sub/file", true).orElseThrow().mtimeSeconds());
        EntryReport folder = client.stat("protected/tree/sub", true).orElseThrow();
        assertEquals(0710, folder.permissions());
        assertEquals(TIME.getEpochSecond(), folder.mtimeSeconds());
    }

    @Test
    void symlinksAreFollowedInsideAndNotOutOfIsle() throws Exception {
        client.makeDirectory("public/a", false);
        write("public/a/file", "x");
        client.makeSymlink("public/a/up", "../a/file");
        client.makeSymlink("public/dir", "a");
        client.makeSymlink("public/out", "/etc/passwd");
        client.makeSymlink("public/higher", "../../../etc/passwd");
        client.makeSymlink("public/self", "self");
        assertEquals("x", read("public/dir/up"));
        assertEquals(
                Optional.of("a"), client.stat("public/dir", false).orElseThrow().target());
        assertTrue(client.stat("public/dir", true).orElseThrow().isDirectory());
        for (String path : List.of("public/out", "public/higher", "public/self")) {
            assertThrows(DaemonException.class, () -> read(path), path);
        }
        client.makeSymlink("public/dir", "a/file");
        assertEquals("x", read("public/dir"));
    }

    @Test
    void whatCannotBeIsSaidWithThePath() throws Exception {
        write("public/file", "x");
        assertTrue(fails(FailureKind.FAILED, () -> read("public/no")).sentence().contains("'public/no'"));
        fails(FailureKind.FAILED, () -> read("public/file/below"));
        fails(FailureKind.FAILED, () -> read("public"));
        fails(FailureKind.USAGE, () -> read("../etc/passwd"));
        fails(FailureKind.FAILED, () -> client.makeDirectory("public/" + "x".repeat(300), false));
        assertThrows(DaemonException.class, () -> write("public", "x"));
        assertThrows(DaemonException.class, () -> write("top-level", "x"));
        fails(FailureKind.FAILED, () -> client.move("public/file", "public/no/where", false, text -> {}));
        fails(FailureKind.FAILED, () -> client.move("public/file", "public/no", true, text -> {}));
        client.makeDirectory("public/d", false);
        fails(FailureKind.FAILED, () -> client.move("public/d", "public/d/e", false, text -> {}));
        assertEquals(Optional.empty(), client.stat("public/no", true));
        assertEquals("x", read("public/file"), "the connection goes on after errors");
    }

    @Test
    void aTreeOfThisMachineGoesInAndComesOutAsItIs() throws Exception {
        Path source = temp.resolve("source");
        Files.createDirectories(source.resolve("sub"));
        Path odd = Path.of(URI.create("file://" + source.toUri().getRawPath() + "sub/odd%ff%0aname"));
        Files.writeString(odd, "odd");
        Files.writeString(source.resolve("ä.txt"), "umlaut");
        Files.setPosixFilePermissions(source.resolve("ä.txt"), PosixFilePermissions.fromString("r-xr-----"));
        Files.setLastModifiedTime(source.resolve("ä.txt"), FileTime.from(TIME));
        Files.createSymbolicLink(source.resolve("link"), Path.of("sub/../ä.txt"));
        Files.setPosixFilePermissions(source.resolve("sub"), PosixFilePermissions.fromString("rwx--x---"));
        Files.setLastModifiedTime(source.resolve("sub"), FileTime.from(TIME));
        List<String> told = new ArrayList<>();
        Transfer transfer = new Transfer(client, told::add);
        fails(FailureKind.FAILED, () -> transfer.put(source, "public", false, false));
        transfer.put(source, "public", false, true);
        assertEquals(2, told.size());
        Path target = temp.resolve("target");
        Files.createDirectories(target);
        fails(FailureKind.FAILED, () -> transfer.get("public/source", target, false, false));
        transfer.get("public/source", target, false, true);
        Path copy = target.resolve("source");
        assertEquals(
                "odd",
                Files.readString(Path.of(URI.create("file://" + copy.toUri().getRawPath() + "sub/odd%ff%0aname"))));
        assertEquals("umlaut", Files.readString(copy.resolve("ä.txt")));
        assertEquals("r-xr-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("ä.txt"))));
        assertEquals(FileTime.from(TIME), Files.getLastModifiedTime(copy.resolve("ä.txt")));
        assertEquals(Path.of("sub/../ä.txt"), Files.readSymbolicLink(copy.resolve("link")));
        assertEquals("rwx--x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.resolve("sub"))));
        assertEquals(FileTime.from(TIME), Files.getLastModifiedTime(copy.resolve("sub")));
        assertEquals(Files.getPosixFilePermissions(source), Files.getPosixFilePermissions(copy));
        transfer.get("public/source/sub", temp.resolve("above/it"), false, true);
        assertEquals(Files.getPosixFilePermissions(target), Files.getPosixFilePermissions(temp.resolve("above")));
    }

    @Test
    void targetsAreFoldersOrNames() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "x");
        Transfer transfer = new Transfer(client, line -> {});
        transfer.put(file, "public/", false, false);
        transfer.put(file, "public/renamed", false, false);
        fails(FailureKind.USAGE, () -> transfer.put(file, "public/none/", false, false));
        fails(FailureKind.USAGE, () -> transfer.put(file, "public/none", true, false));
        assertEquals(List.of("file", "renamed"), list("public", false));
        fails(FailureKind.USAGE, () -> transfer.get("public/file", temp.resolve("none"), true, false));
        transfer.get("public/file", temp.resolve("copy"), false, false);
        assertEquals("x", Files.readString(temp.resolve("copy")));
        assertFalse(Files.exists(temp.resolve("none")));
    }
}
