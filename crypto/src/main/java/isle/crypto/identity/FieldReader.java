package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads what {@link FieldWriter} wrote. Bytes that it cannot have written give {@link FsException.Corrupt}; a count is
 * checked against what is left before anything is made of that size.
 */
final class FieldReader {

    private final ByteBuffer bytes;
    private final String what;

    /** @param what names the thing that is read, for messages */
    FieldReader(byte[] bytes, String what) {
        this(ByteBuffer.wrap(bytes), what);
    }

    private FieldReader(ByteBuffer bytes, String what) {
        this.bytes = bytes;
        this.what = what;
    }

    FsException.Corrupt damaged(String how) {
        return new FsException.Corrupt(what + " is damaged: " + how);
    }

    /** True if the next bytes are these; they are taken then. */
    boolean takeDomain(String domain) {
        byte[] expected = domain.getBytes(StandardCharsets.US_ASCII);
        if (bytes.remaining() < expected.length
                || !bytes.slice(bytes.position(), expected.length).equals(ByteBuffer.wrap(expected))) {
            return false;
        }
        bytes.position(bytes.position() + expected.length);
        return true;
    }

    int getByte() throws FsException {
        return take(1).get() & 0xff;
    }

    int getShort() throws FsException {
        return take(Short.BYTES).getShort() & 0xffff;
    }

    int getInt() throws FsException {
        return take(Integer.BYTES).getInt();
    }

    /** A number from {@code lowest} to {@code highest}. */
    int getInt(int lowest, int highest) throws FsException {
        int value = getInt();
        if (value < lowest || value > highest) {
            throw damaged("a number is out of its range");
        }
        return value;
    }

    long getLong() throws FsException {
        return take(Long.BYTES).getLong();
    }

    Id getId() throws FsException {
        return Id.get(take(Id.BYTES));
    }

    byte[] getRaw(int length) throws FsException {
        byte[] value = new byte[length];
        take(length).get(value);
        return value;
    }

    /** How many things follow, each of at least so many bytes. */
    int getCount(int bytesEach) throws FsException {
        int count = getInt();
        if (count < 0 || count > bytes.remaining() / bytesEach) {
            throw damaged("it ends early");
        }
        return count;
    }

    byte[] getBytes() throws FsException {
        return getRaw(getCount(1));
    }

    Octets getOctets() throws FsException {
        return Octets.copyOf(getBytes());
    }

    /** The next bytes behind their count, as something to read from. */
    FieldReader getPart() throws FsException {
        return new FieldReader(take(getCount(1)), what);
    }

    void expectEnd() throws FsException {
        if (bytes.hasRemaining()) {
            throw damaged("it is too long");
        }
    }

    private ByteBuffer take(int length) throws FsException {
        try {
            ByteBuffer taken = bytes.slice(bytes.position(), length);
            bytes.position(bytes.position() + length);
            return taken;
        } catch (IndexOutOfBoundsException e) {
            throw damaged("it ends early");
        }
    }
}
