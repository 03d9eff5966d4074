package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernel may remember for an hour here: without being told it would answer wrongly all the time. */
@Tag("fuse")
class InvalidationTest {

    private static final int ROUNDS = 500;

    private MountRig rig;

    @BeforeEach
    void mount() throws IOException {
        rig = MountRig.mount("long");
    }

    @AfterEach
    void unmount() throws IOException {
        rig.close();
    }

    private static String text(int round) {
        return String.format("content %06d", round);
    }

    @Test
    void aRememberedFileIsStaleUntilTheKernelIsTold() throws IOException {
        Path file = rig.folder().resolve("f");
        Files.writeString(file, text(0));
        assertEquals(text(0), Files.readString(file));
        rig.order("foreign-content f " + text(1));
        // Shows that the rest of this class tests anything.
        assertEquals(text(0), Files.readString(file));
        rig.order("tell-content f");
        rig.order("settle");
        assertEquals(text(1), Files.readString(file));
    }

    @Test
    void toldContentIsNeverStale() throws IOException {
        Path file = rig.folder().resolve("f");
        Files.writeString(file, text(0));
        int stale = 0;
        try (FileChannel open = FileChannel.open(file)) {
            for (int round = 1; round <= ROUNDS; round++) {
                rig.order("foreign-content f " + text(round));
                rig.order("tell-content f");
                rig.order("settle");
                ByteBuffer bytes = ByteBuffer.allocate(100);
                open.read(bytes, 0);
                String byHandle = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
                if (!byHandle.equals(text(round)) || !Files.readString(file).equals(text(round))) {
                    stale++;
                }
            }
        }
        assertEquals(0, stale);
    }

    @Test
    void toldNamesAreNeverStale() throws IOException {
        Files.createDirectory(rig.folder().resolve("d"));
        Path name = rig.folder().resolve("d/n");
        int stale = 0;
        for (int round = 0; round < ROUNDS; round++) {
            stale += Files.exists(name) ? 1 : 0;
            rig.order("foreign-mkdir d/n");
            rig.order("tell-name d/n");
            rig.order("settle");
            stale += Files.isDirectory(name) ? 0 : 1;
            rig.order("foreign-unlink-dir d/n");
            rig.order("tell-name d/n");
            rig.order("settle");
        }
        assertEquals(0, stale);
    }

    @Test
    void aFolderThatMovedElsewhereIsFoundThere() throws IOException {
        Files.createDirectories(rig.folder().resolve("a/x"));
        Files.createDirectory(rig.folder().resolve("b"));
        Files.writeString(rig.folder().resolve("a/x/f"), "content");
        assertFalse(Files.exists(rig.folder().resolve("b/y")));
        rig.order("foreign-rename a/x b/y");
        rig.order("tell-name a/x");
        rig.order("tell-name b/y");
        rig.order("settle");
        assertEquals("content", Files.readString(rig.folder().resolve("b/y/f")));
        assertFalse(Files.exists(rig.folder().resolve("a/x")));
    }

    @Test
    void everythingCanBeForgottenAtOnce() throws IOException {
        Path folder = Files.createDirectories(rig.folder().resolve("a/b"));
        Path file = Files.writeString(folder.resolve("f"), text(0));
        assertEquals(text(0), Files.readString(file));
        Path top = Files.writeString(rig.folder().resolve("top"), text(0));
        assertEquals(text(0), Files.readString(top));
        assertFalse(Files.exists(folder.resolve("later")));
        try (FileChannel open = FileChannel.open(file)) {
            rig.order("foreign-content a/b/f " + text(1));
            rig.order("foreign-content top " + text(1));
            rig.order("foreign-mkdir a/b/later");
            rig.order("everything");
            rig.order("settle");
            assertEquals(text(1), Files.readString(file));
            assertEquals(text(1), Files.readString(top));
            assertTrue(Files.exists(folder.resolve("later")));
            ByteBuffer bytes = ByteBuffer.allocate(100);
            open.read(bytes, 0);
            assertEquals(text(1), StandardCharsets.UTF_8.decode(bytes.flip()).toString());
        }
    }

    @Test
    void aNameThatWentUnnoticedHealsWhenItsInodeIsAskedFor() throws IOException {
        Path file = Files.writeString(rig.folder().resolve("f"), text(0));
        long size = Files.size(file);
        rig.order("released");
        rig.order("tell-content f");
        rig.order("settle");
        rig.order("foreign-unlink f");
        // The kernel still knows the name. Asked for the inode behind it, we say ESTALE, and it looks the name up
        // again.
        assertFalse(Files.exists(file), "was " + size);
        Files.writeString(file, text(1));
        assertEquals(text(1), Files.readString(file));
    }

    @Test
    void tellingWhileProgramsChangeTheSameFolderHangsNobody() throws IOException {
        Path folder = Files.createDirectory(rig.folder().resolve("d"));
        Files.createDirectory(folder.resolve("kept"));
        Process worker = new ProcessBuilder(
                        "sh", "-c", "i=0; while [ $i -lt 300 ]; do mkdir w && mv w v && rmdir v; i=$((i+1)); done")
                .directory(folder.toFile())
                .start();
        while (worker.isAlive()) {
            rig.order("tell-name d/v");
            rig.order("tell-name d/w");
            rig.order("tell-name d/kept");
            rig.order("settle");
        }
        assertEquals(0, worker.exitValue());
    }

    @Test
    void timeOutsChangeWhileMounted() throws IOException, InterruptedException {
        Path file = Files.writeString(rig.folder().resolve("f"), text(0));
        rig.order("short");
        rig.order("everything");
        rig.order("settle");
        assertEquals(text(0), Files.readString(file));
        rig.order("foreign-unlink f");
        assertTrue(eventuallyGone(file));
    }

    private static boolean eventuallyGone(Path file) throws InterruptedException {
        for (int i = 0; i < 50; i++) {
            if (!Files.exists(file)) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
    }
}
