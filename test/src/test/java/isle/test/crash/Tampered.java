package isle.test.crash;

/** What somebody makes of bytes that are in a store. */
final class Tampered {

    private static final int SEGMENT = 64 << 10;

    private Tampered() {}

    static byte[] flipped(byte[] bytes, int at) {
        byte[] changed = bytes.clone();
        changed[at] ^= 16;
        return changed;
    }

    static byte[] segmentsSwapped(byte[] bytes) {
        byte[] changed = bytes.clone();
        System.arraycopy(bytes, SEGMENT, changed, 2 * SEGMENT, SEGMENT);
        System.arraycopy(bytes, 2 * SEGMENT, changed, SEGMENT, SEGMENT);
        return changed;
    }
}
