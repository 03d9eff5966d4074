package isle.fs.journal;

import static isle.fs.journal.Replayed.SMALL;
import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(QuietLog.class)
@ParameterizedClass
@EnumSource(Kept.class)
class JournalTest {

    private final Kept kept;

    JournalTest(Kept kept) {
        this.kept = kept;
    }

    private static final int PIECE = RecordHeader.CHECKED_BYTES;

    private final PowerLossDisk disk = new PowerLossDisk();

    @Nested
    class Records {

        @Test
        void are_replayed_in_order_with_type_body_and_data() throws Exception {
            Appended appended;
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("one"));
                appended = journal.append(2, text("two"), data(2, 300));
                journal.append(0, text(""));
            }
            Replayed replayed = kept.replay(disk);
            assertEquals(List.of("one", "two", ""), replayed.bodies());
            assertEquals(
                    List.of(1, 2, 0),
                    replayed.items.stream().map(Replayed.Item::type).toList());
            assertEquals(appended.sequence(), replayed.items.get(1).sequence());
            assertEquals(appended.location(), replayed.items.get(1).data());
            assertEquals(List.of(), replayed.damages);
        }

        @Test
        void of_a_killed_process_are_all_there() throws Exception {
            Journal journal = kept.open(disk);
            for (int i = 0; i < 500; i++) {
                journal.append(1, text("record " + i));
            }
            disk.kill();
            assertEquals(500, kept.replay(disk).items.size());
        }

        @Test
        void of_the_largest_size_fit_also_into_small_segments() throws Exception {
            ByteBuffer body = data(1, Journal.MAX_BODY_BYTES);
            ByteBuffer data = data(2, Journal.MAX_DATA_BYTES);
            JournalSettings roomy = new JournalSettings(4096, 64 << 20);
            List<ByteBuffer> bodies = new ArrayList<>();
            try (Journal journal = kept.open(disk, roomy, new Replayed())) {
                DataLocation location = journal.append(1, body, data).location();
                journal.append(2, text("next"));
                assertEquals(data, read(journal, location));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> journal.append(1, ByteBuffer.allocate(Journal.MAX_BODY_BYTES + 1)));
                assertThrows(
                        IllegalArgumentException.class,
                        () -> journal.append(1, text(""), ByteBuffer.allocate(Journal.MAX_DATA_BYTES + 1)));
                assertThrows(IllegalArgumentException.class, () -> journal.append(-1, text("")));
            }
            kept.open(disk, roomy, new Journal.Recovery() {
                        @Override
                        public void record(long sequence, int type, ByteBuffer found, @Nullable DataLocation location) {
                            bodies.add(found);
                        }

                        @Override
                        public void damaged(Damage damage) {
                            throw new AssertionError(damage);
                        }
                    })
                    .close();
            assertEquals(List.of(body, text("next")), bodies);
        }

        @Test
        void leave_the_buffers_of_the_caller_alone() throws Exception {
            ByteBuffer body = text("__body__").position(2).limit(6);
            ByteBuffer data = data(1, 100).position(10).limit(20);
            try (Journal journal = kept.open(disk)) {
                DataLocation location = journal.append(1, body, data).location();
                assertEquals(data.slice(), read(journal, location));
            }
            assertEquals(2, body.position());
            assertEquals(10, data.position());
            assertEquals(List.of("body"), kept.replay(disk).bodies());
        }

        @Test
        void are_never_numbered_like_ones_that_were_lost() throws Exception {
            List<Long> numbers = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Journal journal = kept.open(disk);
                for (int j = 0; j < 3; j++) {
                    numbers.add(journal.append(1, text("lost")));
                }
                disk.powerLoss(0);
            }
            Journal journal = kept.open(disk);
            numbers.add(journal.append(1, text("kept")));
            assertEquals(numbers.size(), numbers.stream().distinct().count());
            assertEquals(numbers, numbers.stream().sorted().toList());
        }

        @Test
        void go_into_new_segments_when_one_is_full() throws Exception {
            try (Journal journal = kept.open(disk)) {
                for (int i = 0; i < 300; i++) {
                    journal.append(1, text("record " + i));
                }
            }
            List<String> names = disk.list();
            assertTrue(names.size() > 5, names::toString);
            for (String name : names) {
                assertTrue(disk.content(name).length <= SMALL.segmentBytes());
            }
            assertEquals(300, kept.replay(disk).items.size());
        }
    }

    @Nested
    class Data {

        @Test
        void is_read_from_any_byte_to_any_byte() throws Exception {
            int[] marks = {0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 777};
            ByteBuffer data = data(1, 2 * PIECE + 777);
            try (Journal journal = kept.open(disk)) {
                DataLocation location = journal.append(1, text("big"), data).location();
                for (int from : marks) {
                    for (int to : marks) {
                        if (from <= to) {
                            ByteBuffer into = ByteBuffer.allocate(10 + to - from);
                            into.position(5).limit(5 + to - from);
                            journal.read(location, from, into);
                            assertFalse(into.hasRemaining());
                            assertEquals(data.slice(from, to - from), into.slice(5, to - from));
                        }
                    }
                }
                assertThrows(
                        IllegalArgumentException.class,
                        () -> journal.read(location, 1, ByteBuffer.allocate(location.length())));
            }
        }

        @Test
        void of_old_segments_and_earlier_runs_is_read_too() throws Exception {
            List<DataLocation> locations = new ArrayList<>();
            try (Journal journal = kept.open(disk)) {
                for (int i = 0; i < 50; i++) {
                    locations.add(journal.append(1, text("x"), data(i, 500)).location());
                }
            }
            try (Journal journal = kept.open(disk)) {
                for (int i = 0; i < 50; i++) {
                    assertEquals(data(i, 500), read(journal, locations.get(i)));
                }
            }
        }

        @Test
        void that_rots_while_the_journal_is_open_is_never_handed_out() throws Exception {
            Journal journal = kept.open(disk);
            DataLocation location =
                    journal.append(1, text("x"), data(1, 3 * PIECE)).location();
            journal.close();
            String name = SegmentHeader.fileName(location.segment());
            Journal again = kept.open(disk);
            byte[] content = disk.content(name);
            content[location.offset() + PIECE + kept.overhead() + 5] ^= 1;
            disk.open(name).write(0, ByteBuffer.wrap(content));
            assertThrows(FsException.Corrupt.class, () -> read(again, location));
            ByteBuffer firstPiece = ByteBuffer.allocate(PIECE);
            again.read(location, 0, firstPiece);
            assertEquals(data(1, 3 * PIECE).limit(PIECE), firstPiece.flip());
        }
    }

    @Nested
    class Checkpoints {

        @Test
        void replace_what_was_before_them() throws Exception {
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("before"));
                journal.checkpoint(j -> j.append(2, text("state")));
                assertEquals(0, journal.bytesSinceCheckpoint());
                assertFalse(journal.hasUnforced());
                journal.append(1, text("after"));
                assertTrue(journal.bytesSinceCheckpoint() > 0);
            }
            assertEquals(List.of("state", "after"), kept.replay(disk).bodies());
        }

        @Test
        void may_take_several_segments() throws Exception {
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("before"));
                journal.checkpoint(j -> {
                    for (int i = 0; i < 200; i++) {
                        j.append(2, text("state " + i));
                    }
                });
                journal.append(1, text("after"));
            }
            Replayed replayed = kept.replay(disk);
            assertEquals(201, replayed.items.size());
            assertEquals("state 0", replayed.bodies().get(0));
            assertEquals("after", replayed.bodies().get(200));
        }

        @Test
        void that_fail_change_nothing() throws Exception {
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("before"));
                assertThrows(
                        FsException.Busy.class,
                        () -> journal.checkpoint(j -> {
                            j.append(2, text("state"));
                            throw new FsException.Busy("not now");
                        }));
                journal.append(1, text("after"));
                assertThrows(
                        IllegalStateException.class,
                        () -> journal.checkpoint(j -> {
                            j.append(2, text("half"));
                            j.force();
                        }));
                assertThrows(IllegalStateException.class, () -> journal.checkpoint(j -> j.checkpoint(inner -> {})));
                journal.append(1, text("last"));
            }
            assertEquals(List.of("before", "after", "last"), kept.replay(disk).bodies());
        }
    }

    @Nested
    class FailedCheckpoints {

        @Test
        void of_several_segments_leave_no_trace() throws Exception {
            Journal journal = kept.open(disk);
            journal.startAccounting(Map.of());
            journal.append(1, text("before"));
            long used = journal.usedBytes();
            assertThrows(
                    FsException.Busy.class,
                    () -> journal.checkpoint(j -> {
                        for (int i = 0; i < 200; i++) {
                            j.append(2, text("state " + i), data(i, 10));
                        }
                        throw new FsException.Busy("not now");
                    }));
            assertEquals(used, journal.usedBytes());
            journal.append(1, text("after"));
            disk.kill();
            Replayed replayed = kept.replay(disk);
            assertEquals(List.of("before", "after"), replayed.bodies());
            assertEquals(List.of(), replayed.damages);
        }
    }

    @Nested
    class Accounting {

        @Test
        void deletes_segments_before_the_checkpoint_when_their_data_is_released() throws Exception {
            Journal journal = kept.open(disk);
            journal.startAccounting(Map.of());
            DataLocation first = journal.append(1, text("a"), data(1, 3000)).location();
            DataLocation second = journal.append(1, text("b"), data(2, 3000)).location();
            assertTrue(first.segment() < second.segment());
            long full = journal.usedBytes();
            journal.release(first.segment(), 3000);
            assertEquals(full, journal.usedBytes(), "before a checkpoint nothing goes");

            journal.checkpoint(j -> j.append(2, text("b lives at " + second)));
            assertThrows(FsException.Stale.class, () -> read(journal, first));
            assertEquals(data(2, 3000), read(journal, second));
            assertTrue(journal.usedBytes() < full);

            journal.release(second.segment(), 500);
            assertEquals(List.of(), journal.halfDeadSegments());
            journal.release(second.segment(), 1500);
            assertEquals(List.of(second.segment()), journal.halfDeadSegments());
            journal.release(second.segment(), 1000);
            assertThrows(FsException.Stale.class, () -> read(journal, second));
            assertEquals(List.of(), journal.halfDeadSegments());
        }

        @Test
        void waits_for_the_force_of_what_gave_the_data_up() throws Exception {
            Journal journal = kept.open(disk);
            journal.startAccounting(Map.of());
            DataLocation location = journal.append(1, text("a"), data(1, 100)).location();
            journal.checkpoint(j -> j.append(2, text("a lives")));
            journal.append(3, text("a is gone"));
            journal.release(location.segment(), 100);
            assertEquals(data(1, 100), read(journal, location));
            journal.force();
            assertThrows(FsException.Stale.class, () -> read(journal, location));
        }

        @Test
        void starts_with_what_recovery_found() throws Exception {
            Journal journal = kept.open(disk);
            DataLocation needed = journal.append(1, text("a"), data(1, 3000)).location();
            DataLocation dead = journal.append(1, text("b"), data(2, 3000)).location();
            journal.checkpoint(j -> j.append(2, text("a lives")));
            assertEquals(data(2, 3000), read(journal, dead), "nothing goes before the accounting starts");
            journal.close();

            Journal again = kept.open(disk);
            assertEquals(data(2, 3000), read(again, dead));
            again.startAccounting(Map.of(needed.segment(), 3000L));
            assertThrows(FsException.Stale.class, () -> read(again, dead));
            assertEquals(data(1, 3000), read(again, needed));
            assertThrows(IllegalStateException.class, () -> again.startAccounting(Map.of()));
            assertThrows(IllegalArgumentException.class, () -> again.release(needed.segment(), 3001));
            again.release(needed.segment(), 3000);
            assertThrows(FsException.Stale.class, () -> read(again, needed));
        }
    }

    @Nested
    class NeededData {

        @Test
        void whose_segment_is_missing_is_called_damaged_and_not_released() throws Exception {
            DataLocation needed;
            try (Journal journal = kept.open(disk)) {
                needed = journal.append(1, text("a"), data(1, 100)).location();
                journal.checkpoint(j -> j.append(2, text("a lives")));
            }
            disk.delete(SegmentHeader.fileName(needed.segment()));
            Journal again = kept.open(disk);
            again.startAccounting(Map.of(needed.segment(), 100L));
            assertThrows(FsException.Corrupt.class, () -> read(again, needed));
        }

        @Test
        void of_segments_begun_since_the_opening_is_counted_once() throws Exception {
            Journal journal = kept.open(disk);
            DataLocation location = journal.append(1, text("a"), data(1, 100)).location();
            journal.startAccounting(Map.of(location.segment(), 100L));
            journal.checkpoint(j -> j.append(2, text("nothing lives")));
            journal.release(location.segment(), 100);
            assertThrows(FsException.Stale.class, () -> read(journal, location));
        }
    }

    @Nested
    class Format {

        @Test
        void of_a_newer_version_is_refused_by_a_sentence_that_names_both() throws Exception {
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("x"));
            }
            String name = SegmentHeader.fileName(1);
            ByteBuffer content = ByteBuffer.wrap(disk.content(name));
            for (int at : new int[] {0, 512}) {
                content.putInt(at + 8, 7);
                CRC32C check = new CRC32C();
                check.update(content.slice(at, 92));
                content.putInt(at + 92, (int) check.getValue());
            }
            disk.setContent(name, content.array());
            FsException.Unsupported refused = assertThrows(FsException.Unsupported.class, () -> kept.open(disk));
            String sentence = Objects.requireNonNull(refused.getMessage());
            assertTrue(sentence.contains("format 7") && sentence.contains("format 1"), sentence);
            assertEquals(List.of(name), disk.list(), "and nothing was touched");
        }

        @Test
        void passes_over_files_that_are_not_its_own() throws Exception {
            for (String name :
                    List.of("notes.txt", "1.journal", "000000000000000g.journal", "000000000000000A.journal")) {
                disk.setContent(name, new byte[] {1});
            }
            disk.setContent("0000000000000001.journal.new", new byte[] {1});
            try (Journal journal = kept.open(disk)) {
                journal.append(1, text("x"));
            }
            assertEquals(List.of("x"), kept.replay(disk).bodies());
            assertEquals(5, disk.list().size(), disk.list()::toString);
        }
    }

    @Nested
    class OnARealDisk {

        @TempDir
        Path folder;

        @Test
        void everything_comes_back() throws Exception {
            RealDisk real = RealDisk.at(folder.resolve("journal"));
            DataLocation location;
            try (Journal journal = kept.open(real)) {
                journal.append(1, text("one"));
                location = journal.append(1, text("two"), data(1, 200_000)).location();
                journal.force();
                journal.checkpoint(j -> j.append(2, text("two lives")));
                journal.append(1, text("three"));
            }
            Replayed replayed = new Replayed();
            try (Journal journal = kept.open(RealDisk.at(folder.resolve("journal")), SMALL, replayed)) {
                assertEquals(data(1, 200_000), read(journal, location));
            }
            assertEquals(List.of("two lives", "three"), replayed.bodies());
        }

        @Test
        void others_see_nothing() throws Exception {
            try (Journal journal = kept.open(RealDisk.at(folder.resolve("journal")))) {
                journal.append(1, text("x"), data(1, 10));
            }
            assertEquals(
                    "rwx------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("journal"))));
            try (var files = Files.list(folder.resolve("journal"))) {
                for (Path file : files.toList()) {
                    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                }
            }
        }

        @Test
        void interrupted_threads_do_no_harm() throws Exception {
            try (Journal journal = kept.open(RealDisk.at(folder.resolve("journal")))) {
                Thread.currentThread().interrupt();
                DataLocation location =
                        journal.append(1, text("x"), data(1, 10)).location();
                journal.force();
                assertEquals(data(1, 10), read(journal, location));
                journal.checkpoint(j -> j.append(1, text("y")));
                assertTrue(Thread.interrupted());
                journal.append(1, text("z"));
            }
            assertEquals(
                    List.of("y", "z"),
                    kept.replay(RealDisk.at(folder.resolve("journal"))).bodies());
        }
    }
}
