package isle.fs.index;

/**
 * How inode numbers are made: 15 bits of volume number above 48 bits of counter, so that a number says where it
 * belongs and is never negative. The root of a volume has the counter {@link #FIRST}.
 */
public final class InodeNumbers {

    /** Counter of a volume's root; all others are higher. */
    public static final long FIRST = 1;

    /** The highest volume number. */
    public static final long MAX_VOLUME = 0x7fff;

    /** The highest counter. */
    public static final long MAX_COUNTER = (1L << 48) - 1;

    private static final int COUNTER_BITS = 48;

    private InodeNumbers() {}

    /** The number with this volume and counter. */
    public static long of(long volume, long counter) {
        if (volume < 0 || volume > MAX_VOLUME || counter < FIRST || counter > MAX_COUNTER) {
            throw new IllegalArgumentException("inode " + counter + " of volume " + volume);
        }
        return (volume << COUNTER_BITS) | counter;
    }

    /** Number of the volume that an inode belongs to. */
    public static long volumeOf(long inode) {
        return inode >>> COUNTER_BITS;
    }

    /** The counter of an inode within its volume. */
    public static long counterOf(long inode) {
        return inode & MAX_COUNTER;
    }

    /** Inode of the root of a volume. */
    public static long rootOf(long volume) {
        return of(volume, FIRST);
    }

    /** Whether an inode is the root of its volume. */
    public static boolean isRoot(long inode) {
        return counterOf(inode) == FIRST;
    }

    /** Whether a number can be an inode's. */
    static boolean isValid(long inode) {
        return inode > 0 && counterOf(inode) >= FIRST;
    }
}
