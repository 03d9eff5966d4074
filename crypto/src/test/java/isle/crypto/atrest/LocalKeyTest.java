package isle.crypto.atrest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.identity.DeviceFile;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.identity.LocalKeyFile;
import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalKeyTest {

    private static final BlockId BLOCK = new BlockId("a content", 3);

    @TempDir
    Path folder;

    private final SecureRandom random = Draws.of(71);
    private final DeviceKeys device = DeviceKeys.random("host", random);
    private final Id vault = Id.random(random);
    private final ByteBuffer plain = ByteBuffer.wrap(Draws.bytes(random, 300)).asReadOnlyBuffer();

    private Path file() {
        return folder.resolve("local.key");
    }

    @Test
    void isMadeOnceAndComesBack() throws Exception {
        ByteBuffer sealed = LocalKey.open(folder, device, random).blocks(vault).seal(BLOCK, plain);
        byte[] written = Files.readAllBytes(file());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        try (var list = Files.list(folder)) {
            assertEquals(List.of(file()), list.toList(), "no temporary file is left");
        }
        LocalKey again = LocalKey.open(folder, device, random);
        assertEquals(plain, again.blocks(vault).open(BLOCK, sealed));
        assertArrayEquals(written, Files.readAllBytes(file()));
    }

    @Test
    void isNotInTheFileInClear() throws Exception {
        SecureRandom draws = Draws.of(5);
        LocalKey.open(folder, device, draws);
        byte[] key = Draws.bytes(Draws.of(5), 32);
        byte[] written = Files.readAllBytes(file());
        for (int at = 0; at + key.length <= written.length; at++) {
            assertFalse(Arrays.equals(key, 0, 32, written, at, at + 32));
        }
    }

    @Test
    void isOfNoUseToAnotherDevice() throws Exception {
        ByteBuffer sealed = LocalKey.open(folder, device, random).blocks(vault).seal(BLOCK, plain);
        byte[] written = Files.readAllBytes(file());
        DeviceKeys other = DeviceKeys.random("other", random);
        assertThrows(FsException.AccessDenied.class, () -> new LocalKeyFile(folder).read(other));
        LocalKey fresh = LocalKey.open(folder, other, random);
        assertTrue(fresh.isNew());
        assertThrows(FsException.Corrupt.class, () -> fresh.blocks(vault).open(BLOCK, sealed.duplicate()));
        assertArrayEquals(written, Files.readAllBytes(folder.resolve("local.key.old")), "nothing is thrown away");
    }

    /** Recovered after it was revoked, a host has other keys, and what it had not sent yet waits in its journal. */
    @Test
    void goesOnWhenTheHostGetsOtherKeys() throws Exception {
        DeviceFile keys = new DeviceFile(folder);
        keys.write(device);
        ByteBuffer sealed = LocalKey.open(folder, device, random).blocks(vault).seal(BLOCK, plain);
        keys.putAside();
        DeviceKeys other = DeviceKeys.random("host", random);
        keys.write(other);
        LocalKey again = LocalKey.open(folder, other, random);
        assertFalse(again.isNew());
        assertEquals(plain, again.blocks(vault).open(BLOCK, sealed.duplicate()));
        assertEquals(plain, LocalKey.open(folder, other, random).blocks(vault).open(BLOCK, sealed));
    }

    @Test
    void isRefusedWhenOthersCouldReadIt() throws Exception {
        LocalKey.open(folder, device, random);
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThrows(FsException.AccessDenied.class, () -> LocalKey.open(folder, device, random));
    }

    @Test
    void saysThatItsFileIsDamagedAndLeavesIt() throws Exception {
        LocalKey.open(folder, device, random);
        byte[] written = Files.readAllBytes(file());
        for (int at = 0; at < written.length; at++) {
            byte[] damaged = written.clone();
            damaged[at] ^= (byte) (1 << (at % 8));
            Files.write(file(), damaged);
            assertThrows(FsException.Corrupt.class, () -> LocalKey.open(folder, device, random));
            Files.write(file(), Arrays.copyOf(written, at));
            assertThrows(FsException.Corrupt.class, () -> LocalKey.open(folder, device, random));
        }
        assertEquals(written.length - 1, Files.size(file()));
        Files.write(file(), written);
        LocalKey.open(folder, device, random);
    }

    @Test
    void opensABlockOnlyAsWhatItWasSealed() throws Exception {
        LocalKey key = LocalKey.open(folder, device, random);
        ByteBuffer sealed = key.blocks(vault).seal(BLOCK, plain);
        assertEquals(key.blocks(vault).sealedSize(300), sealed.remaining());
        assertEquals(plain, key.blocks(vault).open(BLOCK, sealed));
        assertFalse(sealed.equals(key.blocks(vault).seal(BLOCK, plain)), "a nonce of its own for each");
        for (BlockId other : List.of(new BlockId("a content", 4), new BlockId("b content", 3))) {
            assertThrows(FsException.Corrupt.class, () -> key.blocks(vault).open(other, sealed));
        }
        Id otherVault = Id.random(random);
        assertThrows(FsException.Corrupt.class, () -> key.blocks(otherVault).open(BLOCK, sealed));
        for (int at = 0; at < sealed.remaining(); at++) {
            byte[] changed = LocalSeal.bytes(sealed);
            changed[at] ^= 1;
            assertThrows(FsException.Corrupt.class, () -> key.blocks(vault).open(BLOCK, ByteBuffer.wrap(changed)));
            ByteBuffer cut = sealed.slice(0, at);
            assertThrows(FsException.Corrupt.class, () -> key.blocks(vault).open(BLOCK, cut));
        }
    }
}
