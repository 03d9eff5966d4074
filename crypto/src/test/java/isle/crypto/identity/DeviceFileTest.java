package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.fs.model.FsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFileTest {

    private static final PassphraseCost CHEAP = new PassphraseCost(64, 1, 1);

    @TempDir
    Path folder;

    private final SecureRandom random = Draws.of(61);
    private final DeviceKeys keys = DeviceKeys.random("host", random);
    private DeviceFile file = new DeviceFile(Path.of("/"));
    private Path path = Path.of("/");

    @BeforeEach
    void place() {
        file = new DeviceFile(folder);
        path = folder.resolve("device.key");
    }

    @Test
    void keysComeBackAndOnlyTheOwnerReadsThem() throws Exception {
        assertFalse(file.exists());
        assertThrows(FsException.NotFound.class, () -> file.read(null));
        file.write(keys);
        assertTrue(file.exists());
        assertFalse(file.isLocked());
        assertEquals(keys.publicKeys(), file.read(null).publicKeys());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        try (var list = Files.list(folder)) {
            assertEquals(List.of(path), list.toList(), "no temporary file is left");
        }
    }

    @Test
    void aWriteReplacesWhatIsThere() throws Exception {
        Files.writeString(folder.resolve("device.key.new"), "left by a crash");
        file.write(keys);
        DeviceKeys next = DeviceKeys.random("host", random);
        file.write(next);
        assertEquals(next.publicKeys(), file.read(null).publicKeys());
    }

    @Test
    void aPassphraseLocksIt() throws Exception {
        char[] passphrase = "correct horse".toCharArray();
        file.write(keys, passphrase, CHEAP, random);
        assertTrue(file.isLocked());
        assertEquals(keys.publicKeys(), file.read(passphrase).publicKeys());
        assertEquals("correct horse", new String(passphrase));
        assertThrows(FsException.AccessDenied.class, () -> file.read(null));
        assertThrows(FsException.AccessDenied.class, () -> file.read("wrong".toCharArray()));
    }

    @Test
    void aFileThatOthersReadIsRefused() throws Exception {
        file.write(keys);
        for (String rights : List.of("rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
            FsException.AccessDenied refused =
                    assertThrows(FsException.AccessDenied.class, () -> file.read(null), rights);
            assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600 " + path), refused.getMessage());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--------"));
        assertEquals(keys.publicKeys(), file.read(null).publicKeys());
    }

    @Test
    void damageIsNoticed() throws Exception {
        file.write(keys, "x".toCharArray(), CHEAP, random);
        byte[] bytes = Files.readAllBytes(path);
        for (int at = 0; at < bytes.length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= 4;
            Files.write(path, changed);
            assertThrows(FsException.Corrupt.class, () -> file.read("x".toCharArray()), "byte " + at);
            Files.write(path, Arrays.copyOf(bytes, at));
            assertThrows(FsException.Corrupt.class, () -> file.read("x".toCharArray()), "cut to " + at);
        }
    }
}
