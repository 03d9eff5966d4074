package isle.fs.fuse;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Memory of this process by address. Nothing is checked: a wrong address ends the process. */
final class Native {

    private static final MemoryIO MEMORY = MemoryIO.getInstance();

    /** Longest string that is read: the kernel sends names of at most 1024 bytes and targets of at most 4096. */
    private static final int MAX_STRING = 64 * 1024;

    private Native() {}

    static int getInt(long address) {
        return MEMORY.getInt(address);
    }

    static long getLong(long address) {
        return MEMORY.getLong(address);
    }

    static void putInt(long address, int value) {
        MEMORY.putInt(address, value);
    }

    static void putLong(long address, long value) {
        MEMORY.putLong(address, value);
    }

    static void putByte(long address, byte value) {
        MEMORY.putByte(address, value);
    }

    static void putDouble(long address, double value) {
        MEMORY.putDouble(address, value);
    }

    /** An integer of a C type that is 2, 4 or 8 bytes wide on this machine. */
    static void putInteger(long address, int width, long value) {
        if (width == Long.BYTES) {
            MEMORY.putLong(address, value);
        } else if (width == Integer.BYTES) {
            MEMORY.putInt(address, (int) value);
        } else {
            MEMORY.putShort(address, (short) value);
        }
    }

    static void zero(long address, int size) {
        MEMORY.setMemory(address, size, (byte) 0);
    }

    /** The string at an address up to its NUL: raw bytes, one char each. */
    static String string(long address) {
        int length = 0;
        while (length < MAX_STRING && MEMORY.getByte(address + length) != 0) {
            length++;
        }
        return string(address, length);
    }

    /** So many bytes at an address: raw, one char each. */
    static String string(long address, int length) {
        byte[] bytes = new byte[length];
        MEMORY.getByteArray(address, bytes, 0, length);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Puts raw bytes, one char each, without a NUL. */
    static void putString(long address, String raw) {
        putBytes(address, raw.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void putBytes(long address, byte[] bytes) {
        MEMORY.putByteArray(address, bytes, 0, bytes.length);
    }

    /** Address of a direct buffer's memory; it is good as long as the buffer is reachable. */
    static long address(ByteBuffer direct) {
        return MEMORY.getDirectBufferAddress(direct);
    }

    /** Zeroed memory, freed by {@link #free}. */
    static long allocate(int size) {
        long address = MEMORY.allocateMemory(size, true);
        if (address == 0) {
            throw new OutOfMemoryError("native memory, " + size + " bytes");
        }
        return address;
    }

    static void free(long address) {
        MEMORY.freeMemory(address);
    }
}
