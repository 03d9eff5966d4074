package isle.fs.journal;

import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(Kept.class)
class JournalDamageTest {

    private final Kept kept;

    JournalDamageTest(Kept kept) {
        this.kept = kept;
    }

    private static final JournalSettings SETTINGS = new JournalSettings(1800, 1 << 20);

    /** What was appended: the data by body, or empty for none. */
    private final NavigableMap<String, ByteBuffer> appended = new TreeMap<>();

    private final PowerLossDisk disk = new PowerLossDisk();

    private void append(Journal journal, String body, int dataBytes) throws FsException {
        ByteBuffer data = data(body.hashCode(), dataBytes);
        appended.put(body, data);
        if (dataBytes == 0) {
            journal.append(1, text(body));
        } else {
            journal.append(1, text(body), data);
        }
    }

    /** Opens a journal and checks that whatever it replays was appended, in order and byte by byte. */
    private Replayed replay(PowerLossDisk from) throws FsException {
        Replayed replayed = new Replayed();
        try (Journal journal = kept.open(from, SETTINGS, replayed)) {
            long last = 0;
            for (Replayed.Item item : replayed.items) {
                assertTrue(item.sequence() > last);
                last = item.sequence();
                ByteBuffer data = appended.get(item.body());
                assertTrue(data != null, () -> "never appended: " + item);
                DataLocation location = item.data();
                assertEquals(data, location == null ? ByteBuffer.allocate(0) : read(journal, location));
            }
        }
        return replayed;
    }

    private static List<String> segments(PowerLossDisk disk) {
        return disk.list().stream().filter(name -> name.endsWith(".journal")).toList();
    }

    @Nested
    class AFlippedBit {

        @Test
        void costs_at_most_the_record_it_is_in_and_is_told() throws Exception {
            try (Journal journal = kept.open(disk, SETTINGS, new Replayed())) {
                for (int i = 0; i < 12; i++) {
                    append(journal, "record " + i, i % 3 == 0 ? 100 + i : 0);
                }
            }
            assertTrue(segments(disk).size() > 1);
            flipEveryByte(12);
        }

        @Test
        void costs_no_more_after_a_checkpoint() throws Exception {
            try (Journal journal = kept.open(disk, SETTINGS, new Replayed())) {
                journal.startAccounting(Map.of());
                append(journal, "before", 0);
                journal.checkpoint(j -> {
                    for (int i = 0; i < 12; i++) {
                        append(j, "state " + i, 0);
                    }
                });
                append(journal, "after 1", 50);
                append(journal, "after 2", 0);
            }
            flipEveryByte(14);
        }

        @Test
        void in_the_last_record_of_a_checkpoint_costs_nothing() throws Exception {
            Journal journal = kept.open(disk, SETTINGS, new Replayed());
            journal.startAccounting(Map.of());
            append(journal, "before", 0);
            journal.checkpoint(j -> append(j, "state", 0));
            disk.kill();
            flipEveryByte(1);
        }

        @Test
        void in_a_forced_record_is_not_taken_for_a_torn_end() throws Exception {
            Journal journal = kept.open(disk, SETTINGS, new Replayed());
            append(journal, "one", 10);
            append(journal, "two", 0);
            journal.force();
            append(journal, "three", 0);
            append(journal, "four", 0);
            disk.kill();
            String name = SegmentHeader.fileName(1);
            int secondAt = SegmentHeader.BYTES + (int) kept.recordBytes(3, 10);
            for (int at = SegmentHeader.BYTES; at < secondAt + RecordHeader.BYTES; at++) {
                if (!isPadding(disk.content(name), at)) {
                    Replayed replayed = replay(flipped(name, at));
                    assertEquals(3, replayed.items.size(), "byte " + at);
                    assertEquals("four", replayed.items.get(2).body());
                    assertEquals(1, replayed.damages.size());
                }
            }
        }

        private void flipEveryByte(int records) throws Exception {
            assertEquals(records, replay(disk.copy()).items.size());
            for (String name : segments(disk)) {
                byte[] content = disk.content(name);
                for (int at = 0; at < content.length; at++) {
                    String where = name + " byte " + at;
                    Replayed replayed = replay(flipped(name, at));
                    int lost = records - replayed.items.size();
                    assertTrue(lost == 0 || lost == 1, where + " cost " + lost);
                    if (lost == 1) {
                        assertEquals(1, replayed.damages.size(), where);
                        Damage damage = replayed.damages.get(0);
                        assertTrue(damage.from() <= at && at < damage.to(), where + " " + damage);
                        assertEquals(SegmentHeader.numberOf(name).getAsLong(), damage.segment());
                        assertFalse(damage.sentence().isBlank());
                    }
                }
            }
        }

        private PowerLossDisk flipped(String name, int at) throws Exception {
            PowerLossDisk copy = disk.copy();
            byte[] content = copy.content(name);
            content[at] ^= (byte) (1 << (at % 8));
            copy.setContent(name, content);
            return copy;
        }

        private boolean isPadding(byte[] content, int at) {
            int end = SegmentHeader.BYTES + RecordHeader.BYTES + 3 + 4 + 10 + 2 * kept.overhead();
            return at >= end && at < SegmentHeader.BYTES + kept.recordBytes(3, 10) && content[at] == 0;
        }
    }

    @Nested
    class ATornEnd {

        @Test
        void at_any_byte_is_cut_without_a_word_and_the_journal_goes_on() throws Exception {
            Journal journal = kept.open(disk, new JournalSettings(4096, 1 << 20), new Replayed());
            for (int i = 0; i < 6; i++) {
                append(journal, "record " + i, i % 2 == 0 ? 40 + i : 0);
            }
            disk.kill();
            String name = SegmentHeader.fileName(1);
            byte[] content = disk.content(name);
            for (int size = 0; size <= content.length; size++) {
                PowerLossDisk cut = disk.copy();
                cut.setContent(name, Arrays.copyOf(content, size));
                checkGoesOn(cut, wholeRecords(size));

                PowerLossDisk zeroed = disk.copy();
                zeroed.setContent(name, Arrays.copyOf(Arrays.copyOf(content, size), content.length));
                if (size >= SegmentHeader.BYTES) {
                    checkGoesOn(zeroed, -1);
                }
            }
        }

        private int wholeRecords(int size) {
            long end = SegmentHeader.BYTES;
            int whole = 0;
            for (Map.Entry<String, ByteBuffer> record : appended.entrySet()) {
                end += kept.recordBytes(
                        record.getKey().length(), record.getValue().remaining());
                whole += end <= size ? 1 : 0;
            }
            return whole;
        }

        private void checkGoesOn(PowerLossDisk torn, int expected) throws Exception {
            Replayed first = replay(torn);
            assertEquals(List.of(), first.damages);
            if (expected >= 0) {
                assertEquals(expected, first.items.size());
            }
            assertEquals(new ArrayList<>(appended.keySet()).subList(0, first.items.size()), first.bodies(), "a prefix");
            try (Journal journal = kept.open(torn, SETTINGS, new Replayed())) {
                journal.append(1, text("record 0"), data("record 0".hashCode(), 40));
            }
            torn.powerLoss(1);
            Replayed second = replay(torn);
            assertEquals(first.items.size() + 1, second.items.size());
            assertEquals(List.of(), second.damages);
        }
    }

    @Nested
    class AnUnfinishedCheckpoint {

        @Test
        void is_ignored_whatever_byte_it_ends_at() throws Exception {
            Journal journal = kept.open(disk, SETTINGS, new Replayed());
            append(journal, "gone", 300);
            journal.checkpoint(j -> append(j, "old state", 0));
            append(journal, "change", 100);
            journal.force();
            List<String> before = segments(disk);
            journal.checkpoint(j -> {
                for (int i = 0; i < 20; i++) {
                    append(j, "new state " + (char) ('a' + i), i % 5 == 0 ? 30 : 0);
                }
            });
            disk.kill();
            List<String> made = new ArrayList<>(segments(disk));
            made.removeAll(before);
            assertTrue(made.size() > 1, made::toString);
            for (int keep = 0; keep < made.size(); keep++) {
                byte[] content = disk.content(made.get(keep));
                for (int size = 0; size <= content.length; size++) {
                    PowerLossDisk crashed = disk.copy();
                    for (int i = keep + 1; i < made.size(); i++) {
                        crashed.delete(made.get(i));
                    }
                    crashed.setContent(made.get(keep), Arrays.copyOf(content, size));
                    boolean complete = keep == made.size() - 1 && size >= endOfRecords(content);
                    check(crashed, complete);
                }
            }
        }

        /**
         * The last record ends with a number that is not zero, or with what sealed it; zeros that were written ahead may
         * follow.
         */
        private int endOfRecords(byte[] content) {
            int end = content.length;
            while (content[end - 1] == 0) {
                end--;
            }
            return (end + RecordHeader.ALIGNMENT - 1) & -RecordHeader.ALIGNMENT;
        }

        private void check(PowerLossDisk crashed, boolean complete) throws Exception {
            Replayed replayed = replay(crashed);
            assertEquals(List.of(), replayed.damages);
            if (complete) {
                assertEquals(20, replayed.items.size());
                return;
            }
            assertEquals(List.of("old state", "change"), replayed.bodies());
            try (Journal journal = kept.open(crashed, SETTINGS, new Replayed())) {
                journal.startAccounting(Map.of(2L, 100L));
                append(journal, "later", 10);
            }
            Replayed later = replay(crashed);
            assertEquals(List.of("old state", "change", "later"), later.bodies());
            assertEquals(List.of(), later.damages);
        }
    }

    @Nested
    class LostData {

        @Test
        void is_told_with_the_record_that_it_belonged_to() throws Exception {
            try (Journal journal = kept.open(disk, SETTINGS, new Replayed())) {
                append(journal, "whose", 100);
                append(journal, "next", 0);
            }
            String name = SegmentHeader.fileName(1);
            byte[] content = disk.content(name);
            content[SegmentHeader.BYTES + RecordHeader.BYTES + 5 + kept.overhead() + 4 + 50] ^= 1;
            disk.setContent(name, content);
            Replayed replayed = replay(disk);
            assertEquals(List.of("next"), replayed.bodies());
            Damage.LostData lost =
                    Objects.requireNonNull(replayed.damages.get(0).lostData());
            assertEquals(text("whose"), lost.body());
            assertEquals(1, lost.type());
            assertEquals(100, lost.data().length());
        }
    }

    @Nested
    class MissingSegments {

        @Test
        void are_told_and_the_rest_is_replayed() throws Exception {
            try (Journal journal = kept.open(disk, SETTINGS, new Replayed())) {
                for (int i = 0; i < 10; i++) {
                    append(journal, "record " + i, 600);
                }
            }
            disk.delete(SegmentHeader.fileName(3));
            Replayed replayed = replay(disk);
            assertEquals(9, replayed.items.size());
            assertEquals(1, replayed.damages.size());
            assertEquals(3, replayed.damages.get(0).segment());
        }

        @Test
        void without_a_header_are_told_and_the_rest_is_replayed() throws Exception {
            try (Journal journal = kept.open(disk, SETTINGS, new Replayed())) {
                for (int i = 0; i < 10; i++) {
                    append(journal, "record " + i, 600);
                }
            }
            String name = SegmentHeader.fileName(3);
            byte[] content = disk.content(name);
            Arrays.fill(content, 0, SegmentHeader.BYTES, (byte) 0);
            disk.setContent(name, content);
            Replayed replayed = replay(disk);
            assertEquals(9, replayed.items.size());
            assertEquals(1, replayed.damages.size());
            assertEquals(3, replayed.damages.get(0).segment());
        }
    }

    /** A journal's own segment may be copied into it as the content of a user's file. */
    @Test
    void records_inside_data_are_never_replayed() throws Exception {
        JournalSettings roomy = new JournalSettings(1 << 20, 1 << 24);
        Journal journal = kept.open(disk, roomy, new Replayed());
        appended.put("real", ByteBuffer.allocate(0));
        journal.append(1, text("real"));
        byte[] own = disk.content(SegmentHeader.fileName(1));
        int dataAt = SegmentHeader.BYTES + (int) kept.recordBytes(4, 0) + RecordHeader.BYTES + 4 + kept.overhead() + 4;
        int padding = (8 - dataAt % 8) % 8;
        ByteBuffer data = ByteBuffer.allocate(padding + own.length)
                .put(new byte[padding])
                .put(own)
                .flip();
        appended.put("copy", data);
        Appended copy = journal.append(1, text("copy"), data);
        assertEquals(0, (copy.location().offset() + padding) % 8);
        appended.put("last", ByteBuffer.allocate(0));
        journal.append(1, text("last"));
        journal.close();
        byte[] content = disk.content(SegmentHeader.fileName(1));
        int header = copy.location().offset() - 4 - 4 - kept.overhead() - RecordHeader.BYTES;
        content[header + 3] ^= 1;
        disk.setContent(SegmentHeader.fileName(1), content);
        assertEquals(List.of("real", "last"), replay(disk).bodies());
    }
}
