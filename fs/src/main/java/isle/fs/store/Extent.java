package isle.fs.store;

/**
 * A range of a content file. The content of an object is its extents one after the other.
 *
 * @param file which of the object's content files, from 0 on
 * @param offset where the range begins in the file, in bytes
 * @param length bytes of the range
 * @param fileLength content bytes in the whole file, checksums not counted
 */
record Extent(int file, long offset, long length, long fileLength) {

    Extent {
        boolean inside = file >= 0
                && offset >= 0
                && length > 0
                && fileLength > 0
                && length <= fileLength
                && offset <= fileLength - length;
        if (!inside) {
            throw new IllegalArgumentException(
                    "extent " + file + ": " + length + " bytes from " + offset + " of " + fileLength);
        }
    }
}
