package isle.crypto.identity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.identity.TestVault.Person;
import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.crypto.seal.Vectors;
import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderCodecTest {

    private final TestVault world = new TestVault(51);
    private final Person anna = world.person();

    /** A record with every statement and every lock. */
    private HeaderRecord everything() throws FsException {
        Octets salt = Octets.copyOf(Draws.bytes(world.random, Lock.SALT_BYTES));
        Octets sealed = Octets.copyOf(new byte[] {1, 2, 3});
        List<Statement> statements = new ArrayList<>(List.of(
                new Statement.VaultMade(anna.user(), new Policy(30)),
                anna.member(),
                world.device(anna.user(), anna.device()),
                world.generation(1, anna),
                new Statement.MemberRemoved(Id.random(world.random), List.of(Id.random(world.random))),
                new Statement.DeviceRevoked(anna.user(), Id.random(world.random), 2, List.of()),
                new Policy(Integer.MAX_VALUE)));
        for (Lock lock : List.of(
                new Lock.ToDevice(anna.device().device()),
                new Lock.ToRecoveryCode(salt, Octets.copyOf(new byte[32])),
                new Lock.ByLinkCode(salt),
                new Lock.ByPassphrase(PassphraseCost.USUAL, salt))) {
            statements.add(new Statement.UserKeysSealed(new SealedKeys(anna.user(), 1, lock, sealed)));
        }
        return world.record(anna.device(), anna.device().device(), 7, statements.toArray(Statement[]::new));
    }

    @Test
    void aRecordComesBack() throws Exception {
        HeaderRecord record = everything();
        assertEquals(record, HeaderCodec.decode(HeaderCodec.encode(record)));
        assertTrue(record.isSignedBy(anna.device().publicKeys()));
        HeaderRecord byUser = world.record(anna.keys(), anna.device().device(), 0);
        assertEquals(byUser, HeaderCodec.decode(HeaderCodec.encode(byUser)));
        assertTrue(byUser.isSignedBy(anna.keys().publicKeys()));
        assertFalse(byUser.isSignedBy(anna.device().publicKeys()));
    }

    /** A changed byte gives a typed error or a record that nobody signed, and no two byte strings are one record. */
    @Test
    void noChangedByteIsSigned() throws Exception {
        byte[] bytes = HeaderCodec.encode(everything());
        PublicKeys keys = anna.device().publicKeys();
        for (int at = 0; at < bytes.length; at++) {
            byte[] changed = bytes.clone();
            changed[at] ^= (byte) (1 << at % Byte.SIZE);
            try {
                HeaderRecord record = HeaderCodec.decode(changed);
                assertArrayEquals(changed, HeaderCodec.encode(record), "byte " + at);
                assertFalse(record.isSignedBy(keys), "byte " + at);
            } catch (FsException.Corrupt | FsException.Unsupported | FsException.Invalid e) {
                // refused, and said why
            }
        }
    }

    @Test
    void aCutOrAnAdditionIsCorrupt() throws Exception {
        byte[] bytes = HeaderCodec.encode(everything());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThrows(FsException.Corrupt.class, () -> HeaderCodec.decode(cut), "cut to " + length);
        }
        assertThrows(FsException.Corrupt.class, () -> HeaderCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)));
    }

    @Test
    void aNewerFormatIsSaidToBeNewer() throws Exception {
        byte[] bytes = HeaderCodec.encode(everything());
        bytes[9] = 2;
        FsException.Unsupported newer = assertThrows(FsException.Unsupported.class, () -> HeaderCodec.decode(bytes));
        assertTrue(String.valueOf(newer.getMessage()).contains("format 2"), newer.getMessage());
        bytes[9] = 0;
        assertThrows(FsException.Corrupt.class, () -> HeaderCodec.decode(bytes));
    }

    @Test
    void aCountThatPromisesTooMuchTakesNoMemory() throws Exception {
        byte[] bytes = HeaderCodec.encode(everything());
        for (int at = 0; at + Integer.BYTES <= bytes.length; at++) {
            byte[] changed = bytes.clone();
            Arrays.fill(changed, at, at + Integer.BYTES, (byte) 0x7f);
            try {
                HeaderCodec.decode(changed);
            } catch (FsException e) {
                // whatever it is, it is typed, and came soon
            }
        }
    }

    /** Written by isle when format 1 was new. */
    @Test
    void aRecordOfFormatOneOpens() throws Exception {
        Vectors.Values vector = Vectors.values("header-record.txt");
        byte[] bytes = HexFormat.of().parseHex(vector.get("record"));
        HeaderRecord record = HeaderCodec.decode(bytes);
        assertArrayEquals(bytes, HeaderCodec.encode(record));
        Id vault = Id.ofHex(vector.get("vault"));
        VaultHeader header = HeaderJoin.join(vault, List.of(record), null);
        assertEquals(Id.ofHex(vector.get("founder")), header.members().firstKey());
        assertEquals(new Policy(30), header.policy());
        Code code = Code.parse(Code.Purpose.RECOVERY, vector.get("code"));
        UserKeys keys = header.userKeys().iterator().next().open(code);
        KeyCopy copy = header.copiesFor(keys.user()).iterator().next();
        VaultKeys opened = VaultKeys.open(vault, header.newest(), copy, keys);
        assertEquals(vector.get("keys"), HexFormat.of().formatHex(opened.encode()));
    }
}
