package isle.fs.model;

import java.nio.charset.StandardCharsets;

/** Reads what {@link ByteSink} wrote. Bytes that it cannot have written give an IllegalArgumentException. */
public final class ByteSource {

    private final byte[] bytes;
    private int position;

    public ByteSource(byte[] bytes) {
        this.bytes = bytes;
    }

    public int getByte() {
        if (position >= bytes.length) {
            throw new IllegalArgumentException("record ends early");
        }
        return bytes[position++] & 0xff;
    }

    public long getUnsigned() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = getByte();
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("number too long");
    }

    public long getSigned() {
        long value = getUnsigned();
        return (value >>> 1) ^ -(value & 1);
    }

    public int getSignedInt() {
        return Math.toIntExact(getSigned());
    }

    public String getText() {
        long header = getUnsigned();
        boolean wide = (header & 1) != 0;
        long length = header >>> 1;
        if (length > (bytes.length - position) >> (wide ? 1 : 0)) {
            throw new IllegalArgumentException("text ends early");
        }
        int chars = (int) length;
        if (!wide) {
            String text = new String(bytes, position, chars, StandardCharsets.ISO_8859_1);
            position += chars;
            return text;
        }
        char[] text = new char[chars];
        for (int i = 0; i < chars; i++) {
            text[i] = (char) ((getByte() << 8) | getByte());
        }
        return new String(text);
    }

    /** How many bytes have not been read. */
    public int remaining() {
        return bytes.length - position;
    }

    public void expectEnd() {
        if (position != bytes.length) {
            throw new IllegalArgumentException("record is too long");
        }
    }
}
