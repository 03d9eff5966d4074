package isle.crypto.identity;

import isle.fs.model.FsException;

/** The beginning that the formats of this room share: eight characters that say what it is, then the format's number. */
final class Formats {

    private Formats() {}

    /**
     * Reads both.
     *
     * @throws FsException.Unsupported if a newer isle wrote it
     * @throws FsException.Corrupt if it is something else
     */
    static void expect(FieldReader source, String domain, int format, String what) throws FsException {
        if (!source.takeDomain(domain)) {
            throw source.damaged("it begins with something else");
        }
        int found = source.getShort();
        if (found > format) {
            throw new FsException.Unsupported(what + " has format " + found
                    + ", which this program cannot read: it knows format " + format
                    + ". Use the version of isle that wrote it, or a newer one");
        }
        if (found != format) {
            throw source.damaged("it has no format");
        }
    }
}
