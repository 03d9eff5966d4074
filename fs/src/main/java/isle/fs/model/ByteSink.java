package isle.fs.model;

import java.util.Arrays;

/** Grows an array of bytes: numbers of variable length, and texts without loss. */
public final class ByteSink {

    private byte[] bytes = new byte[160];
    private int size;

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    public void putByte(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, size * 2);
        }
        bytes[size++] = (byte) value;
    }

    /** Seven bits a byte, lowest first; a negative number takes ten bytes. */
    public void putUnsigned(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            putByte(((int) rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        putByte((int) rest);
    }

    /** Small numbers of either sign are short. */
    public void putSigned(long value) {
        putUnsigned((value << 1) ^ (value >> 63));
    }

    /**
     * Twice the number of chars, plus one if any is above 0xff; then the chars, of one or of two bytes. Every string
     * comes back as it was, also one that is not well-formed Unicode.
     */
    public void putText(String text) {
        int length = text.length();
        boolean wide = false;
        for (int i = 0; i < length && !wide; i++) {
            wide = text.charAt(i) > 0xff;
        }
        putUnsigned(((long) length << 1) | (wide ? 1 : 0));
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (wide) {
                putByte(c >> 8);
            }
            putByte(c);
        }
    }
}
