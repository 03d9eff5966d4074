package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.seal.Padding;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackCodecTest {

    private static final Id VAULT = new Id(11, 12);

    private final Random random = new Random(3);
    private final Sealer sealer = new Sealer(bytes(Sealer.KEY_BYTES));
    private final PackCodec codec = new PackCodec(sealer, VAULT, 1);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static ByteBuffer index(SealedPack sealed) {
        return sealed.bytes().slice(0, sealed.key().indexBytes());
    }

    private static Sealer.Source payload(SealedPack sealed) {
        return (offset, length) -> sealed.bytes().slice(sealed.key().indexBytes() + (int) offset, length);
    }

    @Test
    void whatIsSealedIsOpened() throws FsException {
        for (long seed = 0; seed < 50; seed++) {
            Pack pack = new RandomPacks(seed).next();
            byte[] content = bytes(random.nextInt(200_000));
            SealedPack sealed = codec.seal(pack, 0, ByteBuffer.wrap(content));
            PackKey key = PackKey.parse(sealed.key().key());
            assertEquals(sealed.key(), key);
            assertEquals(Padding.padded(key.indexBytes()), key.indexBytes());
            IndexCodec.Section section = codec.openIndex(key, index(sealed));
            assertEquals(new IndexCodec.Section(pack, 1, content.length), section, "seed " + seed);
            int offset = random.nextInt(content.length + 1);
            int length = random.nextInt(content.length - offset + 1);
            ByteBuffer part = codec.openPayload(
                    key.directory(), pack.id(), section.payloadBytes(), payload(sealed), offset, length);
            byte[] found = new byte[length];
            part.get(found);
            assertArrayEquals(java.util.Arrays.copyOfRange(content, offset, offset + length), found, "seed " + seed);
        }
    }

    @Test
    void anotherPacksBytesAreCorrupt() throws FsException {
        Pack one = new RandomPacks(1).next();
        Pack sameDirectory =
                new Pack(new Id(5, 5), one.directory(), one.records(), one.cover(), one.root(), one.seen());
        Pack otherDirectory = new Pack(one.id(), new Id(6, 6), one.records(), one.cover(), one.root(), one.seen());
        SealedPack sealed = codec.seal(one, 0, ByteBuffer.wrap(bytes(100)));
        for (Pack other : new Pack[] {sameDirectory, otherDirectory}) {
            SealedPack wrong = codec.seal(other, 0, ByteBuffer.wrap(bytes(100)));
            assertCorrupt(() -> codec.openIndex(sealed.key(), index(wrong)));
            IndexCodec.Section section = codec.openIndex(sealed.key(), index(sealed));
            assertCorrupt(
                    () -> codec.openPayload(one.directory(), one.id(), section.payloadBytes(), payload(wrong), 0, 100));
        }
        PackCodec later = new PackCodec(sealer, VAULT, 2);
        assertCorrupt(() -> later.openIndex(sealed.key(), index(sealed)));
        PackCodec elsewhere = new PackCodec(sealer, new Id(1, 1), 1);
        assertCorrupt(() -> elsewhere.openIndex(sealed.key(), index(sealed)));
    }

    @Test
    void indexAndPayloadCannotBeExchanged() throws FsException {
        Pack pack = new RandomPacks(2).next();
        byte[] content = IndexCodec.encode(new IndexCodec.Section(pack, 1, 0));
        SealedPack sealed = codec.seal(pack, 0, ByteBuffer.wrap(content));
        ByteBuffer payload = sealed.bytes()
                .slice(
                        sealed.key().indexBytes(),
                        sealed.bytes().remaining() - sealed.key().indexBytes());
        PackKey key = new PackKey(pack.directory(), 0, 1, pack.id(), payload.remaining());
        assertCorrupt(() -> codec.openIndex(key, payload));
    }

    @Test
    void contentThatIsNotThereIsCorrupt() throws FsException {
        Pack pack = new RandomPacks(2).next();
        SealedPack sealed = codec.seal(pack, 0, ByteBuffer.wrap(bytes(100)));
        assertCorrupt(() -> codec.openPayload(pack.directory(), pack.id(), 100, payload(sealed), 50, 51));
        assertCorrupt(() -> codec.openPayload(pack.directory(), pack.id(), 100, payload(sealed), Long.MAX_VALUE, 1));
    }

    private static void assertCorrupt(org.junit.jupiter.api.function.Executable action) {
        assertThrows(FsException.Corrupt.class, action);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d/00000000000000000000000000000001/0.1.00000000000000000000000000000002.0",
                "d/00000000000000000000000000000001/0.0.00000000000000000000000000000002.9",
                "d/00000000000000000000000000000001/g.1.00000000000000000000000000000002.9",
                "d/0000000000000000000000000000001/0.1.00000000000000000000000000000002.9",
                "d/00000000000000000000000000000001/0.1.00000000000000000000000000000002.9x",
                "D/00000000000000000000000000000001/0.1.00000000000000000000000000000002.9",
                "d/00000000000000000000000000000001/0.1.00000000000000000000000000000002"
            })
    void noPackHasSuchAKey(String key) {
        assertCorrupt(() -> PackKey.parse(new ObjectKey(key)));
    }

    @Test
    void keysAreShort() {
        PackKey longest = new PackKey(new Id(-1, -1), 15, 999_999_999, new Id(-1, -1), 999_999_999);
        assertTrue(longest.key().value().length() <= 90, longest.key().value());
    }
}
