package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.Pack;
import isle.crypto.v1.IndexCodec.Section;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IndexCodecTest {

    private static final int PACKS = 2000;

    private static PackKey key(Pack pack) {
        return new PackKey(pack.directory(), 0, 1, pack.id(), 1);
    }

    @Test
    void whatIsWrittenIsRead() throws FsException {
        for (long seed = 0; seed < PACKS; seed++) {
            Pack pack = new RandomPacks(seed).next();
            Section section = new Section(pack, 1, seed);
            byte[] bytes = IndexCodec.encode(section);
            assertEquals(section, IndexCodec.decode(bytes, key(pack)), "seed " + seed);
            byte[] padded = Arrays.copyOf(bytes, bytes.length + 100);
            assertEquals(section, IndexCodec.decode(padded, key(pack)), "seed " + seed);
        }
    }

    /** A cut is damage; a changed bit, of which the seal would tell, is no other error than damage, or a later format. */
    @Test
    void damagedBytesAreCorruptOrDecode() {
        for (long seed = 0; seed < 60; seed++) {
            Pack pack = new RandomPacks(seed).next();
            Section section = new Section(pack, 1, seed);
            byte[] bytes = IndexCodec.encode(section);
            for (int at = 0; at < bytes.length; at++) {
                byte[] shorter = Arrays.copyOf(bytes, at);
                assertThrows(FsException.Corrupt.class, () -> IndexCodec.decode(shorter, key(pack)));
                byte[] turned = bytes.clone();
                turned[at] ^= (byte) (1 << (at % 8));
                try {
                    IndexCodec.decode(turned, key(pack));
                } catch (FsException e) {
                    Class<?> expected =
                            at == 0 && turned[0] > bytes[0] ? FsException.Unsupported.class : FsException.Corrupt.class;
                    assertEquals(expected, e.getClass());
                }
            }
        }
    }

    /** What a later isle has written is not taken for damage, whatever comes behind its format. */
    @Test
    void aLaterFormatIsNoDamage() {
        Pack pack = new RandomPacks(1).next();
        for (int format : new int[] {2, 3, 127, 255}) {
            byte[] later = {(byte) format, 77, 77};
            assertThrows(FsException.Unsupported.class, () -> IndexCodec.decode(later, key(pack)));
        }
        assertThrows(FsException.Corrupt.class, () -> IndexCodec.decode(new byte[] {0, 77}, key(pack)));
    }

    @Test
    void paddingIsZero() {
        Pack pack = new RandomPacks(1).next();
        byte[] bytes = IndexCodec.encode(new Section(pack, 1, 0));
        byte[] padded = Arrays.copyOf(bytes, bytes.length + 9);
        padded[bytes.length + 4] = 1;
        assertThrows(FsException.Corrupt.class, () -> IndexCodec.decode(padded, key(pack)));
    }

    @Test
    void aSmallFileTakesLessThanThreeHundredBytes() {
        Id pack = new Id(1, 2);
        Timestamp time = new Timestamp(1_800_000_000L, 123_456_789);
        List<EntryRecord> records = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            Dot dot = new Dot(0x123456789abcdefL, 1 + i);
            Attributes attributes = Attributes.of(FileKind.FILE, 0644, 1000, 1000, 4096, time);
            Here here = new Here(new Id(i, -i), attributes, new Content.Packed(new Id(3, 4), pack, 1, 4096L * i, 4096));
            String name = String.format(Locale.ROOT, "picture-%06d.jpg", i);
            records.add(new EntryRecord(dot, name, new Origin(i, "laptop", time), here, dot, List.of(), List.of()));
        }
        byte[] bytes = IndexCodec.encode(
                new Section(new Pack(pack, new Id(3, 4), records, null, null, Map.of()), 1, 4096 * 1000));
        assertTrue(bytes.length < 100 * 1000, bytes.length + " bytes for 1 000 files");
    }

    @Test
    void equalSectionsHaveEqualBytes() {
        assertArrayEquals(
                IndexCodec.encode(new Section(new RandomPacks(7).next(), 1, 7)),
                IndexCodec.encode(new Section(new RandomPacks(7).next(), 1, 7)));
    }

    /** No object is that long: who believes it computes with numbers that do not fit. */
    @Test
    void aPayloadLongerThanAnyObjectIsCorrupt() {
        Pack pack = new RandomPacks(1).next();
        for (long bytes : new long[] {1L << 31, 1L << 61, Long.MAX_VALUE}) {
            byte[] section = IndexCodec.encode(new Section(pack, 1, bytes));
            assertThrows(FsException.Corrupt.class, () -> IndexCodec.decode(section, key(pack)));
        }
    }

    /** Whatever bytes a member seals: damage, or a section. */
    @Test
    void randomBytesAreCorruptOrDecode() {
        Random random = new Random(5);
        for (int i = 0; i < 300_000; i++) {
            Pack pack = new RandomPacks(i % 200).next();
            byte[] bytes = IndexCodec.encode(new Section(pack, 1, i));
            for (int n = 1 + random.nextInt(6); n > 0; n--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
            }
            try {
                IndexCodec.decode(bytes, key(pack));
            } catch (FsException e) {
                assertEquals(
                        Byte.toUnsignedInt(bytes[0]) > IndexCodec.FORMAT
                                ? FsException.Unsupported.class
                                : FsException.Corrupt.class,
                        e.getClass());
            }
        }
    }
}
