package isle.fs.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.Attributes;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.Volume;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a journal of format 1 says stays readable: one line of {@code records.hex}, written once, for each kind of record. */
class JournalFormatTest {

    private static final Timestamp TIME = new Timestamp(-5, 999_999_999);
    private static final Volume.Source OBJECT =
            new Volume.Source("folder/\u00fc", new EntryVersion("token", "content", 1L << 40));
    private static final Volume.Source FOLDER = new Volume.Source("folder/", null);

    /** As the file names them; "old operation" is what the first versions wrote. */
    private static Map<String, JournalRecord> records() {
        FileName name = FileName.of("n\u00e4me");
        Attributes attributes = new Attributes(
                FileKind.SYMLINK,
                0777,
                1000,
                1001,
                7,
                TIME,
                new Timestamp(5, 1),
                0x103,
                "target\u00ff",
                new TreeMap<>(Map.of("user.a", "\u0000\u00fe", "user.b", "")));
        JournalRecord.LinkState link = new JournalRecord.LinkState(1, name, 2, OBJECT, 77);
        Map<String, JournalRecord> records = new LinkedHashMap<>();
        records.put(
                "old operation",
                new JournalRecord.Operation(
                        List.of(new JournalRecord.InodeState(2, attributes, FOLDER, List.of("folder/"), 9)),
                        List.of(link)));
        records.put(
                "operation",
                new JournalRecord.Operation(
                        List.of(new JournalRecord.InodeState(2, attributes, FOLDER, List.of("old/", "older/"), 9)),
                        List.of(link, new JournalRecord.LinkState(1, name, 0, null, 0))));
        records.put("write", new JournalRecord.Write(2, 1L << 33, TIME));
        records.put("resize", new JournalRecord.Resize(2, 1L << 33, TIME));
        records.put("zero", new JournalRecord.Zero(2, 4096, 1L << 33, TIME));
        records.put("place", new JournalRecord.Place(2, "folder/\u00fc/"));
        records.put("attempt", new JournalRecord.Attempt(1, name, 2, "folder/name", "token"));
        records.put("attempt settled", JournalRecord.Attempt.settled(1, name));
        records.put("committed", new JournalRecord.Committed(1, name, 2, 3, 4, OBJECT, attributes, "old"));
        records.put("committed removal", new JournalRecord.Committed(1, name, 0, 3, 4, null, null, null));
        records.put("extent of data", new JournalRecord.Extent(2, 3, 4, 5, new DataLocation(6, 7, 8), null, 9));
        records.put("extent of an object", new JournalRecord.Extent(2, 3, 4, 5, null, OBJECT, 9));
        records.put("extent of zeros", new JournalRecord.Extent(2, 3, 4, 5, null, null, 0));
        records.put("base", new JournalRecord.Base(2, 3, List.of(new JournalRecord.Shrink(4, 5))));
        records.put("staged", new JournalRecord.Staged(2, 3, 4, 5, OBJECT));
        records.put("removed", new JournalRecord.Removed(2));
        return records;
    }

    private record Line(int type, String body) {}

    /** {@code NAME: TYPE BODY} in hexadecimal. */
    private static Map<String, Line> kept() throws IOException {
        Map<String, Line> lines = new LinkedHashMap<>();
        try (InputStream in = Objects.requireNonNull(JournalFormatTest.class.getResourceAsStream("records.hex"));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line : reader.lines().toList()) {
                String[] parts = line.split(": | (?=[0-9a-f]+$)", -1);
                lines.put(parts[0], new Line(Integer.parseInt(parts[1]), parts[2]));
            }
        }
        return lines;
    }

    @Test
    void everyKindOfRecordIsReadAsItWasWrittenOnce() throws IOException {
        Map<String, Line> kept = kept();
        Map<String, JournalRecord> records = records();
        assertEquals(records.keySet(), kept.keySet());
        for (Map.Entry<String, JournalRecord> entry : records.entrySet()) {
            Line line = Objects.requireNonNull(kept.get(entry.getKey()));
            ByteBuffer body = ByteBuffer.wrap(HexFormat.of().parseHex(line.body()));
            assertEquals(entry.getValue(), JournalRecordCodec.decode(line.type(), body), entry.getKey());
        }
    }

    @Test
    void everyKindOfRecordIsStillWrittenLikeThat() throws IOException {
        Map<String, Line> kept = kept();
        records().forEach((name, record) -> {
            if (!name.startsWith("old ")) {
                assertEquals(kept.get(name), lineOf(record), name);
            }
        });
    }

    private static Line lineOf(JournalRecord record) {
        ByteBuffer body = JournalRecordCodec.encode(record);
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        return new Line(JournalRecordCodec.typeOf(record), HexFormat.of().formatHex(bytes));
    }

    @Test
    void aCutRecordIsNoRecord() throws IOException {
        for (Line line : kept().values()) {
            byte[] whole = HexFormat.of().parseHex(line.body());
            for (int length = 0; length < whole.length; length++) {
                ByteBuffer cut = ByteBuffer.wrap(whole, 0, length);
                assertThrows(FsException.Corrupt.class, () -> JournalRecordCodec.decode(line.type(), cut));
            }
        }
    }
}
