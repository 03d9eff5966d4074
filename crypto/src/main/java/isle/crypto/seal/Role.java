package isle.crypto.seal;

/** What a sealed object is there for. A block passed off as a leaf does not open. */
public enum Role {
    /** The index section of a pack. */
    INDEX(1),
    /** The payload section of a pack. */
    PAYLOAD(2),
    /** A block of a large file. */
    BLOCK(3),
    /** A leaf of a large manifest. */
    LEAF(4),
    /** A record of the local journal. */
    JOURNAL(5),
    /** A sealed value inside a header record. */
    HEADER(6),
    /** A history pack. */
    HISTORY(7),
    /** The root of a large manifest: it names leaves. */
    ROOT(8),
    /** What a device does not need any more. */
    MARK(9);

    private final int code;

    Role(int code) {
        this.code = code;
    }

    /** Its byte in the format; never changed, never used again. */
    public int code() {
        return code;
    }
}
