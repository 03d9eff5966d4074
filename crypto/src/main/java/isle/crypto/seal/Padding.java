package isle.crypto.seal;

/**
 * Lengths that tell little: Padmé, from Nikitin, Barman, Lueks, Underwood, Hubaux, Ford, <em>Reducing Metadata Leakage
 * from Encrypted Files and Communication with PURBs</em> (PoPETs 2019). Only as many leading bits of a length stay as
 * its floating-point form would have with a mantissa no longer than the exponent: O(log log L) bits leak, where the
 * length itself leaks O(log L).
 */
public final class Padding {

    /** Nothing is shorter. */
    public static final int SMALLEST = 256;

    /** The longest length that is padded. */
    private static final long LONGEST = 1L << 61;

    private Padding() {}

    /**
     * The length to pad to: never less than the length, at most 12 % more from {@link #SMALLEST} on, growing with it,
     * and its own padded length.
     *
     * @param length in bytes, from 0 to 2^61
     */
    public static long padded(long length) {
        if (length < 0 || length > LONGEST) {
            throw new IllegalArgumentException("a length of " + length);
        }
        if (length <= SMALLEST) {
            return SMALLEST;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(length);
        int mantissa = Integer.SIZE - Integer.numberOfLeadingZeros(exponent);
        long mask = (1L << (exponent - mantissa)) - 1;
        return (length + mask) & ~mask;
    }
}
