package isle.fs.journal;

/**
 * Where the bulk data of one record lies. It stays valid until the owner has released the data, also over restarts.
 *
 * @param segment number of the segment, from 1
 * @param offset bytes from the start of the segment's file to the first byte of data
 * @param length bytes of data
 */
public record DataLocation(long segment, int offset, int length) {

    public DataLocation {
        if (segment < 1 || offset < 0 || length < 0) {
            throw new IllegalArgumentException("no such place: segment " + segment + ", " + offset + " + " + length);
        }
    }
}
