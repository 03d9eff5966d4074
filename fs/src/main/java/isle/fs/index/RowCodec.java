package isle.fs.index;

import isle.fs.model.Attributes;
import isle.fs.model.AttributesCodec;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The bytes of rows, and the checksum that each row carries over its key and its bytes. */
final class RowCodec {

    private static final int DESCRIBED = 1;
    private static final int HAS_VERSION = 2;

    private RowCodec() {}

    static byte[] encode(IndexEntry entry) {
        EntryVersion version = entry.version();
        ByteSink sink = new ByteSink();
        sink.putByte((entry.described() ? DESCRIBED : 0) | (version != null ? HAS_VERSION : 0));
        AttributesCodec.put(sink, entry.attributes());
        sink.putText(entry.ref());
        if (version != null) {
            sink.putText(version.token());
            sink.putText(version.contentId());
            sink.putUnsigned(version.size());
        }
        return sink.toBytes();
    }

    /** The entry of a row whose checksum is right; Corrupt when it was not made by {@link #encode}. */
    static IndexEntry decode(long parent, byte[] name, long inode, byte[] data) throws FsException {
        try {
            ByteSource source = new ByteSource(data);
            int flags = source.getByte();
            Attributes attributes = AttributesCodec.get(source);
            String ref = source.getText();
            EntryVersion version = (flags & HAS_VERSION) == 0 ? null : getVersion(source);
            source.expectEnd();
            FileName fileName = new FileName(new String(name, StandardCharsets.ISO_8859_1));
            return new IndexEntry(inode, parent, fileName, ref, version, attributes, (flags & DESCRIBED) != 0);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new FsException.Corrupt("the index has a row that does not decode", e);
        }
    }

    private static EntryVersion getVersion(ByteSource source) {
        return new EntryVersion(source.getText(), source.getText(), source.getUnsigned());
    }

    /** Checksum of an entry's row. */
    static long entryCrc(long parent, byte[] name, long inode, byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(bigEndian(parent));
        crc.update(bigEndian(inode));
        crc.update(name);
        crc.update(data);
        return crc.getValue();
    }

    /** Checksum of a row with a number as its key. */
    static long crc(long key, byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(bigEndian(key));
        crc.update(data);
        return crc.getValue();
    }

    /** Checksum of a row with bytes as its key. */
    static long crc(byte[] key, byte[] data) {
        CRC32C crc = new CRC32C();
        crc.update(bigEndian(key.length));
        crc.update(key);
        crc.update(data);
        return crc.getValue();
    }

    /** Corrupt unless both are the same. */
    static void check(long stored, long computed) throws FsException {
        if (stored != computed) {
            throw damaged("a row does not match its checksum");
        }
    }

    static FsException.Corrupt damaged(String how) {
        return new FsException.Corrupt("the index is damaged: " + how);
    }

    /** Bytes of a value that was stored with a row; Corrupt when the column has none. */
    static byte[] present(byte @Nullable [] value) throws FsException {
        if (value == null) {
            throw damaged("a row lacks a value");
        }
        return value;
    }

    private static byte[] bigEndian(long value) {
        byte[] bytes = new byte[Long.BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[i] = (byte) (value >>> (56 - 8 * i));
        }
        return bytes;
    }
}
