package isle.crypto.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PaddingTest {

    private static final long LONGEST = 1L << 61;

    @Test
    void nothingIsShorterThan256() {
        for (int length = 0; length <= 256; length++) {
            assertEquals(256, Padding.padded(length));
        }
        assertEquals(272, Padding.padded(257));
    }

    @Test
    void theVectorsHold() throws Exception {
        int count = 0;
        for (String[] line : Vectors.lines("padding.txt")) {
            assertEquals(Long.parseLong(line[1]), Padding.padded(Long.parseLong(line[0])), line[0]);
            count++;
        }
        assertTrue(count >= 15);
    }

    @Test
    void everyLengthUpToAMebibyteGrowsByAtMost12PercentAndNeverShrinks() {
        long before = 0;
        for (long length = 0; length <= 1 << 20; length++) {
            long padded = Padding.padded(length);
            assertGood(length, padded);
            assertTrue(padded >= before, () -> "shorter than its predecessor");
            before = padded;
        }
    }

    @Test
    void soDoLongLengths() {
        long seed = 11;
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            long length = random.nextLong() >>> (3 + random.nextInt(50));
            long padded = Padding.padded(length);
            assertGood(length, padded);
            if (length < LONGEST) {
                assertTrue(Padding.padded(length + 1) >= padded, () -> "length " + length + ", seed " + seed);
            }
        }
        assertEquals(LONGEST, Padding.padded(LONGEST));
    }

    private static void assertGood(long length, long padded) {
        assertTrue(padded >= length, () -> "cut: " + length);
        assertTrue(padded - length <= 0.12 * length || padded == 256, () -> "too much: " + length);
        assertEquals(padded, Padding.padded(padded), () -> "not idempotent: " + length);
    }

    @Test
    void noOtherLengthIsPadded() {
        assertThrows(IllegalArgumentException.class, () -> Padding.padded(-1));
        assertThrows(IllegalArgumentException.class, () -> Padding.padded(LONGEST + 1));
    }
}
