package isle.crypto.seal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R17: what is sealed opens in its place as it was, and else not at all. */
class SealerTest {

    private static final SecureRandom DRAWS = Draws.of(1);
    private static final byte[] KEY = Draws.bytes(DRAWS, Sealer.KEY_BYTES);
    private static final Sealer SEALER = new Sealer(KEY);
    private static final Binding PLACE =
            new Binding(Id.random(DRAWS), 3, Id.random(DRAWS), Id.random(DRAWS), Role.BLOCK);
    private static final int SEGMENT = Sealer.SEGMENT_BYTES - 16;

    private static byte[] seal(byte[] plain) {
        return toBytes(SEALER.seal(PLACE, ByteBuffer.wrap(plain)));
    }

    private static byte[] toBytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] open(byte[] sealed) throws FsException {
        return toBytes(SEALER.open(PLACE, ByteBuffer.wrap(sealed)));
    }

    private static void assertCorrupt(byte[] sealed, String how) {
        assertThrows(FsException.Corrupt.class, () -> open(sealed), how);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0,
                1,
                16,
                200,
                SEGMENT - 41,
                SEGMENT - 40,
                SEGMENT - 39,
                SEGMENT,
                2 * SEGMENT - 41,
                2 * SEGMENT - 40,
                2 * SEGMENT - 39,
                300_000
            })
    void whatIsSealedOpensAndHasTheSizeThatWasComputed(int size) throws Exception {
        byte[] plain = Draws.bytes(DRAWS, size);
        byte[] sealed = seal(plain);
        assertEquals(Sealer.sealedSize(size), sealed.length);
        assertEquals(size, Sealer.plainSize(sealed.length));
        assertArrayEquals(plain, open(sealed));
    }

    @Test
    void buffersOfAnyKindKeepTheirPosition() throws Exception {
        ByteBuffer plain = ByteBuffer.allocateDirect(100).position(10).limit(60);
        ByteBuffer sealed = SEALER.seal(PLACE, plain.asReadOnlyBuffer());
        assertEquals(10, plain.position());
        ByteBuffer moved = ByteBuffer.allocateDirect(1000).position(7);
        moved.put(sealed).limit(moved.position()).position(7);
        assertEquals(plain, SEALER.open(PLACE, moved.asReadOnlyBuffer()));
        assertEquals(7, moved.position());
    }

    @Test
    void sealedTwiceItIsDifferent() {
        byte[] plain = new byte[32];
        assertNotEquals(HexFormat.of().formatHex(seal(plain)), HexFormat.of().formatHex(seal(plain)));
    }

    @Test
    void aChangedBitIsNoticedWhereverItIs() {
        byte[] sealed = seal(Draws.bytes(DRAWS, 150));
        for (int at = 0; at < sealed.length; at++) {
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                byte[] changed = sealed.clone();
                changed[at] ^= (byte) (1 << bit);
                assertCorrupt(changed, "byte " + at + ", bit " + bit);
            }
        }
    }

    @Test
    void aCutIsNoticedAtEachLength() {
        byte[] sealed = seal(Draws.bytes(DRAWS, 150));
        for (int length = 0; length < sealed.length; length++) {
            assertCorrupt(Arrays.copyOf(sealed, length), "cut to " + length);
        }
    }

    @Test
    void aCutAtSegmentsIsNoticed() {
        byte[] sealed = seal(new byte[3 * SEGMENT]);
        for (int length : List.of(56, Sealer.SEGMENT_BYTES, 2 * Sealer.SEGMENT_BYTES, 3 * Sealer.SEGMENT_BYTES)) {
            assertCorrupt(Arrays.copyOf(sealed, length), "cut to " + length);
        }
    }

    @Test
    void anAdditionIsNoticed() {
        for (int size : List.of(0, 150, SEGMENT - 40)) {
            byte[] sealed = seal(new byte[size]);
            for (int more : List.of(1, 16, 17, 56, sealed.length, Sealer.SEGMENT_BYTES)) {
                assertCorrupt(Arrays.copyOf(sealed, sealed.length + more), size + " and " + more);
            }
        }
    }

    @Test
    void segmentsOutOfPlaceAreNoticed() {
        byte[] sealed = seal(new byte[4 * SEGMENT]);
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, Sealer.SEGMENT_BYTES, swapped, 2 * Sealer.SEGMENT_BYTES, Sealer.SEGMENT_BYTES);
        System.arraycopy(sealed, 2 * Sealer.SEGMENT_BYTES, swapped, Sealer.SEGMENT_BYTES, Sealer.SEGMENT_BYTES);
        assertCorrupt(swapped, "swapped");
        byte[] mixed = seal(new byte[4 * SEGMENT]);
        System.arraycopy(sealed, Sealer.SEGMENT_BYTES, mixed, Sealer.SEGMENT_BYTES, Sealer.SEGMENT_BYTES);
        assertCorrupt(mixed, "a segment of another version");
    }

    @Test
    void itOpensInNoOtherPlace() {
        byte[] sealed = seal(Draws.bytes(DRAWS, 150));
        List<Binding> others = new ArrayList<>();
        for (Role role : Role.values()) {
            if (role != PLACE.role()) {
                others.add(new Binding(PLACE.vault(), 3, PLACE.owner(), PLACE.object(), role));
            }
        }
        Id other = Id.random(DRAWS);
        others.add(new Binding(other, 3, PLACE.owner(), PLACE.object(), PLACE.role()));
        others.add(new Binding(PLACE.vault(), 4, PLACE.owner(), PLACE.object(), PLACE.role()));
        others.add(new Binding(PLACE.vault(), 3, other, PLACE.object(), PLACE.role()));
        others.add(new Binding(PLACE.vault(), 3, PLACE.owner(), other, PLACE.role()));
        for (Binding binding : others) {
            assertThrows(
                    FsException.Corrupt.class, () -> SEALER.open(binding, ByteBuffer.wrap(sealed)), binding.toString());
        }
        Sealer otherKey = new Sealer(Draws.bytes(DRAWS, Sealer.KEY_BYTES));
        assertThrows(FsException.Corrupt.class, () -> otherKey.open(PLACE, ByteBuffer.wrap(sealed)));
    }

    @Test
    void anyRangeOpensFromItsSegmentsAlone() throws Exception {
        long seed = 5;
        Random random = new Random(seed);
        byte[] plain = Draws.bytes(DRAWS, 5 * SEGMENT + 777);
        byte[] sealed = seal(plain);
        for (int i = 0; i < 300; i++) {
            int offset = random.nextInt(plain.length + 1);
            int length = i % 2 == 0
                    ? random.nextInt(plain.length - offset + 1)
                    : Math.min(random.nextInt(5000), plain.length - offset);
            List<Integer> asked = new ArrayList<>();
            Sealer.Source source = (from, count) -> {
                asked.add(count);
                return ByteBuffer.wrap(sealed, (int) from, count);
            };
            byte[] part = toBytes(SEALER.open(PLACE, plain.length, source, offset, length));
            String what = length + " at " + offset + ", seed " + seed;
            assertArrayEquals(Arrays.copyOfRange(plain, offset, offset + length), part, what);
            assertTrue(asked.size() <= 2, what);
            int most = (length / SEGMENT + 2) * Sealer.SEGMENT_BYTES + Sealer.HEADER_BYTES;
            assertTrue(asked.stream().mapToInt(Integer::intValue).sum() <= most, what);
        }
    }

    @Test
    void aRangeOfAChangedSegmentDoesNotOpenAndTheOthersDo() throws Exception {
        byte[] plain = Draws.bytes(DRAWS, 3 * SEGMENT);
        byte[] sealed = seal(plain);
        sealed[Sealer.SEGMENT_BYTES + 100] ^= 1;
        Sealer.Source source = (from, count) -> ByteBuffer.wrap(sealed, (int) from, count);
        assertThrows(FsException.Corrupt.class, () -> SEALER.open(PLACE, plain.length, source, SEGMENT, 10));
        assertArrayEquals(Arrays.copyOf(plain, 100), toBytes(SEALER.open(PLACE, plain.length, source, 0, 100)));
    }

    @Test
    void theEndOfAnObjectOfAnotherSizeDoesNotOpen() {
        byte[] longer = seal(new byte[3 * SEGMENT]);
        Sealer.Source source = (from, count) -> ByteBuffer.wrap(longer, (int) from, count);
        int claimed = 2 * SEGMENT - Sealer.HEADER_BYTES;
        assertThrows(FsException.Corrupt.class, () -> SEALER.open(PLACE, claimed, source, claimed - 10, 10));
    }

    @Test
    void whatTheSourceThrowsArrives() {
        FsException.Unavailable away = new FsException.Unavailable("away");
        Sealer.Source source = (from, count) -> {
            throw away;
        };
        assertSame(away, assertThrows(FsException.Unavailable.class, () -> SEALER.open(PLACE, 1000, source, 0, 10)));
        Sealer.Source half = (from, count) -> ByteBuffer.allocate(count / 2);
        assertThrows(FsException.Corrupt.class, () -> SEALER.open(PLACE, 1000, half, 0, 10));
    }

    @Test
    void aRangeOutsideIsTheCallersMistake() {
        Sealer.Source source = (from, count) -> ByteBuffer.allocate(count);
        assertThrows(IllegalArgumentException.class, () -> SEALER.open(PLACE, 1000, source, 999, 2));
        assertThrows(IllegalArgumentException.class, () -> SEALER.open(PLACE, 1000, source, -1, 2));
        assertThrows(IllegalArgumentException.class, () -> SEALER.open(PLACE, 1, source, 0, Integer.MAX_VALUE));
    }

    @Test
    void sizesAreEachOthersInverse() throws Exception {
        for (long size = 0; size < 3L * SEGMENT; size++) {
            assertEquals(size, Sealer.plainSize(Sealer.sealedSize(size)));
        }
        for (long none : List.of(-1L, 0L, 55L, Sealer.SEGMENT_BYTES + 1L, Sealer.SEGMENT_BYTES + 16L)) {
            assertThrows(FsException.Corrupt.class, () -> Sealer.plainSize(none), () -> "size " + none);
        }
    }

    @Test
    void paddedSizesShowInTheStore() {
        for (long size = 0; size < 6_000_000; size += size < 1000 ? 1 : 997) {
            long padded = Sealer.paddedPlainSize(size);
            assertTrue(padded >= size, "size " + size);
            assertEquals(Padding.padded(Sealer.sealedSize(size)), Sealer.sealedSize(padded), "size " + size);
            assertEquals(padded, Sealer.paddedPlainSize(padded), "size " + size);
        }
        assertEquals(4 << 20, Sealer.sealedSize(4_193_240), "a full block");
        assertEquals(4_193_240, Sealer.paddedPlainSize(4_193_240), "a full block");
    }

    @Test
    void anObjectOfFormatOneOpens() throws Exception {
        Vectors.Values vector = Vectors.values("sealed-object.txt");
        Binding binding = new Binding(
                Id.ofHex(vector.get("vault")),
                Integer.parseInt(vector.get("generation")),
                Id.ofHex(vector.get("owner")),
                Id.ofHex(vector.get("object")),
                Role.valueOf(vector.get("role")));
        Sealer sealer = new Sealer(HexFormat.of().parseHex(vector.get("key")));
        byte[] sealed = HexFormat.of().parseHex(vector.get("sealed"));
        assertEquals(
                vector.get("plain"), HexFormat.of().formatHex(toBytes(sealer.open(binding, ByteBuffer.wrap(sealed)))));
    }

    @Test
    void thePrewarmSealsAndStopsWhenInterrupted() {
        Prewarm whole = new Prewarm(Draws.of(2), 20);
        whole.run();
        assertEquals(20, whole.done());
        Prewarm stopped = new Prewarm(Draws.of(2), 20);
        Thread.currentThread().interrupt();
        stopped.run();
        assertTrue(Thread.interrupted(), "the interrupt is the thread's to see");
        assertEquals(0, stopped.done());
    }
}
