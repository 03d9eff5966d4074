package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealedKeysTest {

    private static final PassphraseCost CHEAP = new PassphraseCost(64, 1, 1);

    private final SecureRandom random = Draws.of(31);
    private final UserKeys keys = UserKeys.random(Id.random(random), 3, random);
    private final DeviceKeys device = DeviceKeys.random("host", random);
    private final Code recovery = Code.random(Code.Purpose.RECOVERY, random);
    private final Code link = Code.random(Code.Purpose.LINK, random);

    private List<SealedKeys> all() throws FsException {
        return List.of(
                SealedKeys.toDevice(keys, device.device(), device.publicKeys()),
                SealedKeys.byCode(keys, recovery, random),
                SealedKeys.byCode(keys, link, random),
                SealedKeys.byPassphrase(keys, "correct horse".toCharArray(), CHEAP, random));
    }

    private UserKeys open(SealedKeys sealed) throws FsException {
        if (sealed.lock() instanceof Lock.ToDevice) {
            return sealed.open(device);
        }
        if (sealed.lock() instanceof Lock.ByLinkCode) {
            return sealed.open(link);
        }
        if (sealed.lock() instanceof Lock.ToRecoveryCode) {
            return sealed.open(recovery);
        }
        return sealed.open("correct horse".toCharArray());
    }

    @Test
    void everyLockOpensWithItsOwnKeyAndComesBackFromItsBytes() throws Exception {
        for (SealedKeys sealed : all()) {
            FieldWriter sink = new FieldWriter();
            sealed.write(sink);
            FieldReader source = new FieldReader(sink.toBytes(), "it");
            SealedKeys read = SealedKeys.read(source);
            source.expectEnd();
            assertEquals(sealed, read);
            assertEquals(keys.publicKeys(), open(read).publicKeys());
        }
    }

    /** What was sealed to a recovery code once, later keys can be sealed to without anybody who knows it. */
    @Test
    void laterKeysAreSealedToTheSameRecoveryCode() throws Exception {
        SealedKeys first = SealedKeys.byCode(keys, recovery, random);
        UserKeys next = UserKeys.random(keys.user(), 4, random);
        SealedKeys second = SealedKeys.toRecoveryCode(next, (Lock.ToRecoveryCode) first.lock());
        assertEquals(next.publicKeys(), second.open(recovery).publicKeys());
        assertThrows(FsException.AccessDenied.class, () -> second.open(Code.random(Code.Purpose.RECOVERY, random)));
        assertThrows(FsException.Invalid.class, () -> second.open(link));
    }

    @Test
    void noOtherKeyOpensIt() throws Exception {
        List<SealedKeys> all = all();
        DeviceKeys other = DeviceKeys.random("other", random);
        assertThrows(FsException.AccessDenied.class, () -> all.get(0).open(other));
        Code otherCode = Code.random(Code.Purpose.RECOVERY, random);
        assertThrows(FsException.AccessDenied.class, () -> all.get(1).open(otherCode));
        assertThrows(FsException.AccessDenied.class, () -> all.get(3).open("wrong".toCharArray()));
        assertThrows(FsException.Invalid.class, () -> all.get(0).open(recovery));
        assertThrows(FsException.Invalid.class, () -> all.get(1).open(link));
        assertThrows(FsException.Invalid.class, () -> all.get(1).open(device));
        assertThrows(FsException.Invalid.class, () -> all.get(2).open("x".toCharArray()));
    }

    @Test
    void noCopyPassesAsAnother() throws Exception {
        for (SealedKeys sealed : all()) {
            Octets bytes = sealed.sealed();
            assertDenied(new SealedKeys(Id.random(random), 3, sealed.lock(), bytes));
            assertDenied(new SealedKeys(sealed.user(), 4, sealed.lock(), bytes));
            for (int at = 0; at < bytes.size(); at += 7) {
                byte[] changed = bytes.toBytes();
                changed[at] ^= 1;
                assertDenied(new SealedKeys(sealed.user(), 3, sealed.lock(), Octets.copyOf(changed)));
            }
        }
        SealedKeys sealed = all().get(0);
        Lock otherLock = new Lock.ToDevice(Id.random(random));
        assertDenied(new SealedKeys(sealed.user(), 3, otherLock, sealed.sealed()));
    }

    private void assertDenied(SealedKeys sealed) {
        assertThrows(FsException.AccessDenied.class, () -> open(sealed));
    }

    @Test
    void aLockThatAsksForTooMuchIsRefusedBeforeAnythingIsComputed() {
        for (int[] cost :
                new int[][] {{1024 * 1024 + 1, 1, 1}, {64, 21, 1}, {1024, 1, 17}, {Integer.MAX_VALUE, 1, 1}}) {
            byte[] bytes = new FieldWriter()
                    .putInt(cost[0])
                    .putInt(cost[1])
                    .putInt(cost[2])
                    .toBytes();
            assertThrows(FsException.Invalid.class, () -> PassphraseCost.read(new FieldReader(bytes, "it")));
        }
        for (int[] cost : new int[][] {{7, 1, 1}, {64, 0, 1}, {64, 1, 0}, {-1, 1, 1}}) {
            byte[] bytes = new FieldWriter()
                    .putInt(cost[0])
                    .putInt(cost[1])
                    .putInt(cost[2])
                    .toBytes();
            assertThrows(FsException.Corrupt.class, () -> PassphraseCost.read(new FieldReader(bytes, "it")));
        }
    }

    /** The reference implementation's own test (phc-winner-argon2, src/test.c). */
    @Test
    void argon2idIsTheReferences() {
        Octets salt = Octets.copyOf("somesalt".getBytes(StandardCharsets.US_ASCII));
        byte[] key = Passphrase.key("password".toCharArray(), new PassphraseCost(64 * 1024, 2, 1), salt);
        assertEquals(
                "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7",
                HexFormat.of().formatHex(key));
    }

    @Test
    void aPassphraseIsTheSameHoweverItsAccentsAreComposed() {
        Octets salt = Octets.copyOf(new byte[32]);
        Octets composed = Octets.copyOf(Passphrase.key("\u00e9t\u00e9".toCharArray(), CHEAP, salt));
        Octets apart = Octets.copyOf(Passphrase.key("e\u0301te\u0301".toCharArray(), CHEAP, salt));
        assertEquals(composed, apart);
        char[] kept = "abc".toCharArray();
        assertEquals(32, Passphrase.key(kept, CHEAP, salt).length);
        assertTrue(new String(kept).equals("abc"), "it is the caller's to wipe");
    }
}
