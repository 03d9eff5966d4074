package isle.fs.plain;

import isle.fs.spi.Volume.Part;

/**
 * Where the parts of a large file begin and end. They are small at its start and larger further on, so that 10 000 of
 * them, the most that S3 takes, are enough for 2 TiB, and a file that grows keeps the parts it has.
 *
 * @param smallBytes size of the first ones
 */
record Parts(long smallBytes) {
    /** Eight of Garage's blocks. */
    static final Parts STANDARD = new Parts(8L << 20);

    private static final int SMALL_PARTS = 4000;
    private static final int MEDIUM_PARTS = 4000;
    private static final int LARGE_PARTS = 2000;

    private static final int MEDIUM = 8;
    private static final int LARGE = 128;

    private long mediumStart() {
        return smallBytes * SMALL_PARTS;
    }

    private long largeStart() {
        return mediumStart() + smallBytes * MEDIUM * MEDIUM_PARTS;
    }

    /** The longest file: behind it there is no part that S3 takes. */
    long mostBytes() {
        return largeStart() + smallBytes * LARGE * LARGE_PARTS;
    }

    /** Files from this size on go up in parts. */
    long leastBytes() {
        return 2 * smallBytes;
    }

    /** The part that an offset is in. */
    Part at(long offset) {
        if (offset < mediumStart()) {
            return at(offset, 0, smallBytes);
        }
        return offset < largeStart()
                ? at(offset, mediumStart(), smallBytes * MEDIUM)
                : at(offset, largeStart(), smallBytes * LARGE);
    }

    private static Part at(long offset, long from, long size) {
        long start = from + (offset - from) / size * size;
        return new Part(start, start + size);
    }
}
