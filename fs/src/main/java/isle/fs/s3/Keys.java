package isle.fs.s3;

import isle.fs.model.ObjectKey;

/** Keys in XML and in messages. */
final class Keys {

    private static final int MAX_SHOWN = 200;

    private Keys() {}

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
