package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes the fields of the formats of this room: numbers big-endian, bytes behind their count. */
final class FieldWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

    /** ASCII as it is, without a count: what a format begins with. */
    FieldWriter putDomain(String domain) {
        bytes.writeBytes(domain.getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    FieldWriter putByte(int value) {
        bytes.write(value);
        return this;
    }

    FieldWriter putShort(int value) {
        bytes.write(value >>> 8);
        bytes.write(value);
        return this;
    }

    FieldWriter putInt(int value) {
        bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
        return this;
    }

    FieldWriter putLong(long value) {
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
        return this;
    }

    FieldWriter putId(Id id) {
        ByteBuffer buffer = ByteBuffer.allocate(Id.BYTES);
        id.put(buffer);
        bytes.writeBytes(buffer.array());
        return this;
    }

    /** Bytes of a length that the format fixes. */
    FieldWriter putRaw(byte[] value) {
        bytes.writeBytes(value);
        return this;
    }

    /** Four bytes of count, and the bytes. */
    FieldWriter putBytes(byte[] value) {
        return putInt(value.length).putRaw(value);
    }

    FieldWriter putBytes(Octets value) {
        return putBytes(value.toBytes());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
