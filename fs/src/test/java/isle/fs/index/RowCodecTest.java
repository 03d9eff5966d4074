package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The bytes of format 1. What these tests expect may never change: indexes with these bytes exist. */
class RowCodecTest {

    private static final long PARENT = InodeNumbers.rootOf(1);
    private static final long INODE = InodeNumbers.of(1, 300);
    private static final byte[] NAME = "n\u00e4".getBytes(StandardCharsets.ISO_8859_1);

    private static final IndexEntry ENTRY = new IndexEntry(
            INODE,
            PARENT,
            new FileName("n\u00e4"),
            "r\u20ac",
            new EntryVersion("t", "cc", 128),
            new Attributes(
                    FileKind.FILE,
                    0644,
                    1000,
                    -1,
                    300,
                    new Timestamp(-2, 5),
                    new Timestamp(3, 999_999_999),
                    0,
                    "",
                    new TreeMap<>(Map.of("user.a", "\u00ff"))),
            true);

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void anEntryHasTheBytesOfFormatOne() throws Exception {
        byte[] data = RowCodec.encode(ENTRY);
        assertEquals("0301a403d00f01ac02030506ff93ebdc030000010c757365722e6102ff05007220ac02740463638001", hex(data));
        assertEquals(0xd0b82197L, RowCodec.entryCrc(PARENT, NAME, INODE, data));
        assertEquals(ENTRY, RowCodec.decode(PARENT, NAME, INODE, data));
    }

    @Test
    void aDirectoryHasTheBytesOfFormatOne() throws Exception {
        DirectoryRow row = DirectoryRow.EMPTY
                .with(new DirectoryState(INODE, 300, true))
                .withChildren(new Fingerprint(2, 1L << 32));
        byte[] data = row.encode();
        assertEquals("03ac02048080808020", hex(data));
        assertEquals(0x89801515L, RowCodec.crc(INODE, data));
        assertEquals(row, DirectoryRow.decode(INODE, RowCodec.crc(INODE, data), data));
    }

    @Test
    void countersHaveTheBytesOfFormatOne() throws Exception {
        Counters counters = new Counters();
        counters.raise(1, 999, () -> 0);
        counters.count(ENTRY, 7, 1);
        counters.meta = new Fingerprint(1, 2);
        counters.clean = true;
        byte[] data = counters.encode();
        assertEquals("01020ed804000002040101e80701ac02", hex(data));
        assertEquals(hex(data), hex(Counters.decode(RowCodec.crc(0, data), data).encode()));
    }

    @Test
    void aMetaRowHasItsKeyInItsChecksum() {
        byte[] key = Reader.Text.encode("key");
        assertEquals("066b6579", hex(key));
        assertEquals(0xc581389cL, RowCodec.crc(key, Reader.Text.encode("v\u20ac")));
    }

    @Test
    void bytesThatNobodyWroteAreCorruptAndNothingElse() {
        byte[] data = RowCodec.encode(ENTRY);
        for (int length = 0; length < data.length; length++) {
            byte[] cut = Arrays.copyOf(data, length);
            assertThrows(FsException.Corrupt.class, () -> RowCodec.decode(PARENT, NAME, INODE, cut));
        }
        byte[] longer = Arrays.copyOf(data, data.length + 1);
        assertThrows(FsException.Corrupt.class, () -> RowCodec.decode(PARENT, NAME, INODE, longer));
    }
}
