package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Draws;
import isle.crypto.seal.Id;
import isle.crypto.seal.Padding;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.v1.MarkCodec.SealedMark;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MarkCodecTest {

    private static final Id VAULT = new Id(11, 12);
    private static final Id DEVICE = new Id(13, 14);

    private final SecureRandom random = Draws.of(9);
    private final Sealer sealer = new Sealer(Draws.bytes(random, Sealer.KEY_BYTES));
    private final MarkCodec codec = new MarkCodec(sealer, VAULT, 1);

    private Mark mark(int objects) {
        long made = 1_800_000_000L;
        SortedMap<Spare, Long> since = new TreeMap<>();
        for (int i = 0; i < objects; i++) {
            since.put(
                    new Spare(Id.random(random), random.nextBoolean() ? 0 : 1 + random.nextInt(1 << 20)),
                    made - random.nextInt(10_000_000));
        }
        return new Mark(made - random.nextInt(1000), made, since);
    }

    private SealedMark sealed(Mark mark) {
        return codec.seal(DEVICE, Id.random(random), mark);
    }

    @Test
    void whatIsSealedIsOpened() throws FsException {
        for (int objects = 0; objects < 300; objects++) {
            Mark mark = mark(objects);
            SealedMark sealed = sealed(mark);
            MarkKey key = MarkKey.parse(sealed.key().key());
            assertEquals(sealed.key(), key);
            assertEquals(Padding.padded(key.bytes()), key.bytes());
            assertEquals(mark, codec.open(key, sealed.bytes()));
        }
    }

    @Test
    void aBitThatIsTurnedIsTold() {
        SealedMark sealed = sealed(mark(5));
        for (int i = 0; i < sealed.key().bytes(); i++) {
            ByteBuffer damaged = ByteBuffer.allocate(sealed.key().bytes())
                    .put(sealed.bytes().duplicate())
                    .flip();
            damaged.put(i, (byte) (damaged.get(i) ^ 1 << random.nextInt(8)));
            assertThrows(FsException.Corrupt.class, () -> codec.open(sealed.key(), damaged), "byte " + i);
        }
    }

    /** Nobody passes off the word of one device as that of another. */
    @Test
    void itIsBoundToItsDevice() {
        SealedMark sealed = sealed(mark(3));
        MarkKey key = sealed.key();
        for (MarkKey other : List.of(
                new MarkKey(new Id(1, 1), 1, key.mark(), key.bytes()),
                new MarkKey(key.device(), 1, new Id(1, 1), key.bytes()))) {
            assertThrows(FsException.Corrupt.class, () -> codec.open(other, sealed.bytes()));
        }
        MarkCodec ofAnother = new MarkCodec(sealer, new Id(1, 1), 1);
        assertThrows(FsException.Corrupt.class, () -> ofAnother.open(key, sealed.bytes()));
    }

    private ByteBuffer sealed(Id id, byte... plain) {
        return sealer.seal(new Binding(VAULT, 1, DEVICE, id, Role.MARK), PackCodec.padded(ByteBuffer.wrap(plain)));
    }

    @Test
    void aLaterFormatIsNoDamage() {
        Id id = new Id(18, 19);
        for (int format : new int[] {0, 2, 255}) {
            ByteBuffer bytes = sealed(id, (byte) format, (byte) 77, (byte) 77);
            MarkKey key = new MarkKey(DEVICE, 1, id, bytes.remaining());
            Class<? extends FsException> expected =
                    format == 0 ? FsException.Corrupt.class : FsException.Unsupported.class;
            assertThrows(expected, () -> codec.open(key, bytes), "format " + format);
        }
    }

    /** Whatever a member of the vault may have sealed: it is told as damage, not as any other error. */
    @Test
    void whatDoesNotDecodeIsDamage() {
        Id id = new Id(18, 19);
        for (byte[] plain : List.of(
                new byte[] {1},
                new byte[] {1, 5, 9, 0},
                new byte[] {1, 0, 0, 0},
                // two objects, the second one smaller
                new byte[] {1, 9, 1, 2, 7},
                // since before time began
                new byte[] {1, 9, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10},
                new byte[] {1, 9, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f})) {
            ByteBuffer bytes = sealed(id, plain);
            MarkKey key = new MarkKey(DEVICE, 1, id, bytes.remaining());
            assertThrows(FsException.Corrupt.class, () -> codec.open(key, bytes));
        }
    }

    @Test
    void keysOfNoMarkAreRefused() {
        String id = VAULT.toString();
        for (String key : List.of(
                "m/" + id + "/1." + id + ".256x",
                "m/" + id + "/0." + id + ".256",
                "m/" + id + "/1." + id + ".0",
                "m/" + id + "/1." + id,
                "p/" + id + "/1." + id + ".256")) {
            assertThrows(FsException.Corrupt.class, () -> MarkKey.parse(new ObjectKey(key)), key);
        }
        for (String key : List.of("b/" + id + ".", "b/" + id + ".x", "b/" + id + ".0", "b/x", "d/" + id)) {
            assertThrows(FsException.Corrupt.class, () -> Spare.parse(new ObjectKey(key)), key);
        }
        ObjectKey longest = new MarkKey(VAULT, 999_999_999, VAULT, 999_999_999).key();
        assertTrue(longest.value().length() <= 90, longest.value());
    }
}
