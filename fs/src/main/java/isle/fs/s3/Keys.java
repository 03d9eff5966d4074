package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;

/** What this store asks of keys. */
final class Keys {

    /**
     * Longest key in bytes. Garage on LMDB cannot store a longer one and answers 503, which looks like an outage; the
     * limit is the same on every store, so that a volume can move from one to another.
     */
    static final int MAX_BYTES = 479;

    private static final int MAX_SHOWN = 200;

    private Keys() {}

    /** Refuses a key that is too long, before anything is sent. */
    static void check(ObjectKey key) throws FsException {
        int size = key.sizeBytes();
        if (size > MAX_BYTES) {
            throw new FsException.NameTooLong(
                    "the key " + shown(key.value()) + " has " + size + " bytes, the store takes " + MAX_BYTES);
        }
    }

    /**
     * Whether the key can be written in an XML document and read back the same: XML has no control characters, and its
     * parsers change line ends.
     */
    static boolean fitsXml(ObjectKey key) {
        return key.value().codePoints().allMatch(c -> c >= ' ' && c != 0x7f && c != 0xfffe && c != 0xffff);
    }

    /** For messages: on one line and not too long. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_SHOWN ? line : line.substring(0, MAX_SHOWN) + "…";
    }
}
