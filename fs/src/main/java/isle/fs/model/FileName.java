package isle.fs.model;

import java.nio.charset.StandardCharsets;

/**
 * One name in a directory, as the kernel gave it: bytes, compared as bytes, never normalised.
 *
 * @param raw the bytes of the name, one char each (ISO 8859-1), 1 to 255 of them, without NUL and slash, neither
 *     {@code "."} nor {@code ".."}
 */
public record FileName(String raw) implements Comparable<FileName> {

    /** Most bytes of one name (NAME_MAX of Linux file systems). */
    public static final int MAX_BYTES = 255;

    public FileName {
        if (raw.isEmpty() || raw.length() > MAX_BYTES || raw.equals(".") || raw.equals("..")) {
            throw new IllegalArgumentException("not a file name");
        }
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == 0 || c == '/' || c > 0xff) {
                throw new IllegalArgumentException("not a file name");
            }
        }
    }

    /** The name whose bytes are the UTF-8 form of {@code text}. */
    public static FileName of(String text) {
        return new FileName(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    /**
     * The name with these raw bytes (one char each), as it comes from the kernel.
     *
     * @throws FsException.NameTooLong over 255 bytes
     * @throws FsException.Invalid empty, dots or a forbidden byte
     */
    public static FileName parse(String raw) throws FsException {
        if (raw.length() > MAX_BYTES) {
            throw new FsException.NameTooLong("name of " + raw.length() + " bytes");
        }
        try {
            return new FileName(raw);
        } catch (IllegalArgumentException e) {
            throw new FsException.Invalid("not a file name", e);
        }
    }

    /** The bytes of the name. */
    public byte[] bytes() {
        return raw.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The name for people: decoded as UTF-8, with replacement characters where it is not UTF-8. */
    public String display() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Override
    public int compareTo(FileName other) {
        return raw.compareTo(other.raw);
    }

    @Override
    public String toString() {
        return display();
    }
}
