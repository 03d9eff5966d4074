package isle.fs.model;

import java.nio.charset.StandardCharsets;

/**
 * The key of an object in a bucket: any Unicode text of 1 to 1024 bytes in UTF-8 (the limit of S3). What a given store
 * takes may be less: {@code ObjectStore.Capabilities.maxKeyBytes}. Keys order by their UTF-8 bytes, as S3 lists them.
 */
public record ObjectKey(String value) implements Comparable<ObjectKey> {

    /** The limit of S3 itself. */
    public static final int MAX_BYTES = 1024;

    public ObjectKey {
        int size = utf8Length(value);
        if (size == 0 || size > MAX_BYTES) {
            throw new IllegalArgumentException("object key of " + size + " bytes");
        }
    }

    /** Bytes of the key in UTF-8. */
    public int sizeBytes() {
        return utf8Length(value);
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Order of UTF-8 bytes, which is the order of code points (UTF-16 order differs beyond the basic plane). */
    @Override
    public int compareTo(ObjectKey other) {
        return compareUtf8(value, other.value);
    }

    /** Compares two texts as their UTF-8 bytes would. */
    public static int compareUtf8(String a, String b) {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xs = Character.isSurrogate(x);
                boolean ys = Character.isSurrogate(y);
                return xs == ys ? Character.compare(x, y) : xs ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    @Override
    public String toString() {
        return value;
    }
}
