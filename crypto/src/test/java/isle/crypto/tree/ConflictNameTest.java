package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.tree.EntryRecord.Gone;
import isle.crypto.tree.EntryRecord.Origin;
import isle.fs.model.FileName;
import isle.fs.model.Timestamp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever a record says, there is a name for it: one that cannot be named would hide its whole directory. */
class ConflictNameTest {

    private static final String LONGEST = "x".repeat(FileName.MAX_BYTES);

    private static EntryRecord by(String host, long seconds) {
        Dot dot = new Dot(-1, Long.MAX_VALUE);
        Origin made = new Origin(1, host, new Timestamp(seconds, 0));
        return new EntryRecord(dot, "f", made, new Gone(null), dot, List.of(), List.of());
    }

    @Test
    void namesTheHostAndTheTime() {
        assertEquals(
                "a (conflict B\u00c3\u00bcro 2027-01-15 08.00.00).txt",
                ConflictName.of("a.txt", by("B\u00fcro", 1_800_000_000L), 1));
    }

    @Test
    void everyHostAndTimeGivesAName() {
        List<String> hosts = List.of(
                "", "a/b", "a\0b", "\u00e4".repeat(300), "\ud83d\ude00".repeat(100), "\ud83d", "x".repeat(100_000));
        List<Long> times = List.of(0L, -1L, Long.MIN_VALUE, Long.MAX_VALUE, -99_999_999_999L, 1L << 40);
        for (String host : hosts) {
            for (long time : times) {
                for (String name : List.of(
                        "a", ".a", "a.", "a.txt", LONGEST, "a." + LONGEST.substring(2), "\u00c3\u00bc".repeat(127))) {
                    for (int attempt = 1; attempt < 8; attempt++) {
                        String named = ConflictName.of(name, by(host, time), attempt);
                        assertEquals(named, new FileName(named).raw());
                        assertTrue(named.contains("(conflict "), named);
                        assertNotEquals(named, ConflictName.of(name, by(host, time), attempt + 1));
                    }
                }
            }
        }
    }
}
