package isle.crypto.seal;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * Names a vault, a user, a device, a directory, an object: 128 random bits, drawn once. Not secret; it says nothing
 * about what it names. The order is that of the bytes.
 *
 * @param high the first eight bytes, big-endian
 * @param low the last eight bytes
 */
public record Id(long high, long low) implements Comparable<Id> {

    /** How many bytes an id takes. */
    public static final int BYTES = 16;

    private static final Comparator<Id> ORDER = Comparator.<Id, Long>comparing(Id::high, Long::compareUnsigned)
            .thenComparing(Id::low, Long::compareUnsigned);

    public static Id random(SecureRandom random) {
        return new Id(random.nextLong(), random.nextLong());
    }

    /** Takes the next 16 bytes. */
    public static Id get(ByteBuffer source) {
        return new Id(source.getLong(), source.getLong());
    }

    /**
     * Reads what {@link #toString()} gave.
     *
     * @throws IllegalArgumentException unless it is 32 hexadecimal digits
     */
    public static Id ofHex(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("an id has " + BYTES + " bytes, not " + bytes.length);
        }
        return get(ByteBuffer.wrap(bytes));
    }

    /** Appends the 16 bytes. */
    public void put(ByteBuffer sink) {
        sink.putLong(high).putLong(low);
    }

    @Override
    public int compareTo(Id other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }
}
