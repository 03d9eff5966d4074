package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/** The bytes of a {@link Header}, as the package page tells them. */
final class HeaderCodec {

    /** "ISLEOBJ" and the format version. */
    private static final long MAGIC = 0x49534c454f424a01L;

    /** Magic and length, which say how much there is to read. */
    static final int PREFIX_BYTES = Long.BYTES + Integer.BYTES;

    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int MIN_BYTES = PREFIX_BYTES + Entry.BYTES + CHECKSUM_BYTES;

    /** Far above what the largest object can need; a length beyond it is damage. */
    private static final int MAX_BYTES = 64 * 1024 * 1024;

    private HeaderCodec() {}

    static byte[] encode(Header header) {
        Writer out = new Writer();
        out.putLong(MAGIC);
        out.putInt(0);
        putEntry(out, header.entry());
        out.putText(header.key().value());
        out.putText(header.metadata().contentType());
        out.putMap(header.metadata().user());
        out.putMap(header.metadata().headers());
        out.putInt(header.checksum());
        out.putInt(header.extents().size());
        for (Extent extent : header.extents()) {
            out.putInt(extent.file());
            out.putLong(extent.offset());
            out.putLong(extent.length());
            out.putLong(extent.fileLength());
        }
        out.putInt(0);
        byte[] bytes = out.toByteArray();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(Long.BYTES, bytes.length);
        buffer.putInt(bytes.length - CHECKSUM_BYTES, checksum(buffer, bytes.length));
        return bytes;
    }

    /**
     * How long the header is that begins with these bytes.
     *
     * @throws FsException.Corrupt it is no header
     */
    static int length(ByteBuffer start) throws FsException {
        if (start.limit() < PREFIX_BYTES || start.getLong(0) != MAGIC) {
            throw new FsException.Corrupt("not a header of this format");
        }
        int length = start.getInt(Long.BYTES);
        if (length < MIN_BYTES || length > MAX_BYTES) {
            throw new FsException.Corrupt("impossible length " + length);
        }
        return length;
    }

    /** Decodes the header at the start of the buffer, of which {@code length} bytes are there. */
    static Header decode(ByteBuffer buffer, int length) throws FsException {
        if (buffer.getInt(length - CHECKSUM_BYTES) != checksum(buffer, length)) {
            throw new FsException.Corrupt("wrong checksum");
        }
        ByteBuffer in = buffer.duplicate().position(PREFIX_BYTES).limit(length - CHECKSUM_BYTES);
        try {
            Entry entry = getEntry(in);
            ObjectKey key = new ObjectKey(getText(in));
            String contentType = getText(in);
            Map<String, String> user = getMap(in);
            Map<String, String> headers = getMap(in);
            int checksum = in.getInt();
            int count = in.getInt();
            List<Extent> extents = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                extents.add(new Extent(in.getInt(), in.getLong(), in.getLong(), in.getLong()));
            }
            if (in.hasRemaining()) {
                throw new FsException.Corrupt(in.remaining() + " bytes too many");
            }
            return new Header(key, entry, new ObjectMetadata(user, contentType, headers), checksum, extents);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new FsException.Corrupt("its fields make no sense", e);
        }
    }

    /** The key and the entry in a header that is damaged: a guess, to be held against the name of the file. */
    static Optional<Map.Entry<ObjectKey, Entry>> guess(ByteBuffer damaged) {
        ByteBuffer in = damaged.duplicate();
        try {
            in.position(PREFIX_BYTES);
            Entry entry = getEntry(in);
            return Optional.of(Map.entry(new ObjectKey(getText(in)), entry));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static Entry getEntry(ByteBuffer in) {
        return new Entry(
                in.getLong(), in.getLong(), in.getInt(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    static void putEntry(Writer out, Entry entry) {
        out.putLong(entry.serial());
        out.putLong(entry.content());
        out.putInt(entry.files());
        out.putLong(entry.etagHigh());
        out.putLong(entry.etagLow());
        out.putLong(entry.lastModifiedMillis());
        out.putLong(entry.size());
    }

    private static int checksum(ByteBuffer buffer, int length) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.duplicate().position(0).limit(length - CHECKSUM_BYTES));
        return (int) crc.getValue();
    }

    private static Map<String, String> getMap(ByteBuffer in) {
        int count = Short.toUnsignedInt(in.getShort());
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < count; i++) {
            map.put(getText(in), getText(in));
        }
        return map;
    }

    private static String getText(ByteBuffer in) {
        byte[] bytes = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A buffer that grows. Big-endian. */
    static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(256);

        void putShort(int value) {
            out.write(value >>> 8);
            out.write(value);
        }

        void putInt(int value) {
            putShort(value >>> 16);
            putShort(value);
        }

        void putLong(long value) {
            putInt((int) (value >>> 32));
            putInt((int) value);
        }

        void putText(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            if (bytes.length > 0xffff) {
                throw new IllegalArgumentException("a text of " + bytes.length + " bytes");
            }
            putShort(bytes.length);
            putBytes(bytes);
        }

        void putBytes(byte[] bytes) {
            out.write(bytes, 0, bytes.length);
        }

        /** Sorted, so that equal headers are equal bytes. */
        void putMap(Map<String, String> map) {
            putShort(map.size());
            map.entrySet().stream()
                    .sorted(Comparator.comparing(Map.Entry::getKey))
                    .forEach(entry -> {
                        putText(entry.getKey());
                        putText(entry.getValue());
                    });
        }

        byte[] toByteArray() {
            return out.toByteArray();
        }
    }
}
