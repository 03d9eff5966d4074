package isle.crypto.seal;

import java.util.Arrays;

/**
 * Bytes as a value: they never change, and equal bytes are equal. For what anybody may see, such as public keys and
 * sealed bytes; secrets are held by types of their own.
 */
public final class Octets implements Comparable<Octets> {

    private final byte[] bytes;

    private Octets(byte[] bytes) {
        this.bytes = bytes;
    }

    public static Octets copyOf(byte[] bytes) {
        return new Octets(bytes.clone());
    }

    /** A copy. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    public int size() {
        return bytes.length;
    }

    /** By the first byte that differs, bytes taken as 0 to 255; what ends first comes first. */
    @Override
    public int compareTo(Octets other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Octets that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return bytes.length + " bytes";
    }
}
