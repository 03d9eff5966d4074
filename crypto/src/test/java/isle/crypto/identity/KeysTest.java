package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class KeysTest {

    private static final SecureRandom RANDOM = Draws.of(21);
    private static final Id ANNA = Id.random(RANDOM);
    private static final UserKeys KEYS = UserKeys.random(ANNA, 2, RANDOM);
    private static final DeviceKeys DEVICE = DeviceKeys.random("anna-laptop", RANDOM);
    private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTEXT = {1, 2, 3};

    @Test
    void keysComeBackFromTheirBytes() throws Exception {
        UserKeys user = UserKeys.decode(KEYS.encode());
        assertEquals(ANNA, user.user());
        assertEquals(2, user.generation());
        assertEquals(KEYS.publicKeys(), user.publicKeys());
        assertArrayEquals(KEYS.encode(), user.encode());
        DeviceKeys device = DeviceKeys.decode(DEVICE.encode());
        assertEquals(DEVICE.device(), device.device());
        assertEquals("anna-laptop", device.hostName());
        assertTrue(DEVICE.publicKeys().verifies(device.sign(MESSAGE), MESSAGE));
        Octets sealed = DEVICE.publicKeys().seal(MESSAGE, CONTEXT);
        assertArrayEquals(MESSAGE, device.open(sealed, CONTEXT));
    }

    @Test
    void whatIsDamagedOrSomethingElseIsRefused() {
        byte[] bytes = KEYS.encode();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(FsException.Corrupt.class, () -> UserKeys.decode(cut), "cut to " + length);
        }
        assertThrows(FsException.Corrupt.class, () -> UserKeys.decode(Arrays.copyOf(bytes, bytes.length + 1)));
        assertThrows(FsException.Corrupt.class, () -> UserKeys.decode(DEVICE.encode()));
        byte[] newer = bytes.clone();
        newer[9] = 2;
        assertThrows(FsException.Unsupported.class, () -> UserKeys.decode(newer));
    }

    /** They lie behind a seal; but whatever is in there, the answer is keys or a typed error. */
    @Test
    void noChangedByteGivesAnythingElse() {
        byte[] bytes = KEYS.encode();
        for (int at = 0; at < bytes.length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= 0x55;
            try {
                UserKeys.decode(changed);
            } catch (FsException e) {
                assertTrue(e instanceof FsException.Corrupt || e instanceof FsException.Unsupported);
            }
        }
    }

    @Test
    void aSignatureIsGoodForItsMessageAndKeysOnly() {
        Octets signature = KEYS.sign(MESSAGE);
        assertEquals(HeaderRecord.SIGNATURE_BYTES, signature.size());
        assertTrue(KEYS.publicKeys().verifies(signature, MESSAGE));
        assertFalse(KEYS.publicKeys().verifies(signature, CONTEXT));
        assertFalse(DEVICE.publicKeys().verifies(signature, MESSAGE));
        assertFalse(KEYS.publicKeys().verifies(Octets.copyOf(new byte[64]), MESSAGE));
        assertFalse(KEYS.publicKeys().verifies(Octets.copyOf(new byte[3]), MESSAGE));
    }

    @Test
    void whatIsSealedToKeysOpensWithThemInItsContextOnly() throws Exception {
        Octets sealed = KEYS.publicKeys().seal(MESSAGE, CONTEXT);
        assertEquals(MESSAGE.length + 48, sealed.size());
        assertArrayEquals(MESSAGE, KEYS.open(sealed, CONTEXT));
        assertThrows(FsException.AccessDenied.class, () -> KEYS.open(sealed, MESSAGE));
        assertThrows(FsException.AccessDenied.class, () -> DEVICE.open(sealed, CONTEXT));
        for (int at = 0; at < sealed.size(); at++) {
            byte[] changed = sealed.toBytes();
            changed[at] ^= 1;
            assertThrows(FsException.AccessDenied.class, () -> KEYS.open(Octets.copyOf(changed), CONTEXT));
        }
        assertThrows(FsException.AccessDenied.class, () -> KEYS.open(Octets.copyOf(new byte[5]), CONTEXT));
    }

    /** X25519 with a public key of small order has a result that everybody knows. */
    @Test
    void nothingIsSealedToAKeyThatNobodyHas() {
        PublicKeys zero = new PublicKeys(DEVICE.publicKeys().signing(), Octets.copyOf(new byte[32]));
        assertThrows(FsException.Invalid.class, () -> zero.seal(MESSAGE, CONTEXT));
    }

    @Test
    void privateHalvesDoNotShowInALog() {
        String secret = HexFormat.of().formatHex(KEYS.encode()).substring(80, 120);
        assertFalse(KEYS.toString().contains(secret));
        assertEquals("keys 2 of user " + ANNA, KEYS.toString());
        assertFalse(DEVICE.toString().contains("anna"));
    }

    @Test
    void vaultKeysComeBackAndKeepEveryGeneration() throws Exception {
        VaultKeys first = VaultKeys.random(RANDOM);
        VaultKeys second = first.withNext(2, RANDOM);
        assertEquals(2, second.generations().size());
        assertEquals(second.generations(), VaultKeys.decode(second.encode()).generations());
        assertEquals(1, second.sealers(1).size());
        assertEquals(0, second.sealers(3).size());
        GenerationId newest = second.generations().last();
        assertEquals(2, newest.number());
        assertThrows(FsException.AccessDenied.class, () -> first.sealer(newest));
        assertFalse(second.toString().contains(newest.key().toString()));
    }

    @Test
    void twoGenerationsOfOneNumberAreBothKept() throws Exception {
        VaultKeys first = VaultKeys.random(RANDOM);
        VaultKeys both = first.withNext(2, RANDOM).and(first.withNext(2, RANDOM));
        assertEquals(3, both.generations().size());
        assertEquals(2, both.sealers(2).size());
        GenerationId newest = both.generations().last();
        assertTrue(newest.key().compareTo(both.generations().lower(newest).key()) < 0, "the smaller one seals");
        assertEquals(both.generations(), both.and(first).generations());
    }

    @Test
    void aCopyOpensForItsMemberVaultAndGenerationOnly() throws Exception {
        Id vault = Id.random(RANDOM);
        VaultKeys keys = VaultKeys.random(RANDOM).withNext(2, RANDOM);
        GenerationId newest = keys.generations().last();
        KeyCopy copy = keys.sealTo(vault, newest, new Member(ANNA, 2, KEYS.publicKeys()));
        assertEquals(
                keys.generations(), VaultKeys.open(vault, newest, copy, KEYS).generations());
        assertThrows(FsException.AccessDenied.class, () -> VaultKeys.open(Id.random(RANDOM), newest, copy, KEYS));
        assertThrows(
                FsException.AccessDenied.class,
                () -> VaultKeys.open(vault, keys.generations().first(), copy, KEYS));
        UserKeys other = UserKeys.random(ANNA, 2, RANDOM);
        assertThrows(FsException.AccessDenied.class, () -> VaultKeys.open(vault, newest, copy, other));
    }
}
