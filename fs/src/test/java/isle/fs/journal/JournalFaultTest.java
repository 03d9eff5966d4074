package isle.fs.journal;

import static isle.fs.journal.Replayed.SMALL;
import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Full disks, full journals, and disks that fail. */
@ExtendWith(QuietLog.class)
@ParameterizedClass
@EnumSource(Kept.class)
class JournalFaultTest {

    private final Kept kept;

    JournalFaultTest(Kept kept) {
        this.kept = kept;
    }

    private final PowerLossDisk disk = new PowerLossDisk();
    private final List<String> taken = new ArrayList<>();

    private void append(Journal journal, String body, int dataBytes) throws FsException {
        if (dataBytes == 0) {
            journal.append(1, text(body));
        } else {
            journal.append(1, text(body), data(1, dataBytes));
        }
        taken.add(body);
    }

    private void appendUntilFull(Journal journal, String name, int dataBytes) throws FsException {
        for (int i = 0; ; i++) {
            try {
                append(journal, name + i, dataBytes);
            } catch (FsException.NoSpace e) {
                return;
            }
        }
    }

    @Nested
    class AFullDisk {

        @Test
        void leaves_the_journal_whole_wherever_it_strikes() throws Exception {
            long reserve = SMALL.reserveBytes();
            for (long limit = reserve; limit < reserve + 9000; limit += 61) {
                PowerLossDisk small = new PowerLossDisk();
                taken.clear();
                small.limit(limit);
                Journal journal = kept.open(small);
                appendUntilFull(journal, "data", 700);
                appendUntilFull(journal, "small", 0);
                small.limit(Long.MAX_VALUE);
                append(journal, "room again", 700);
                small.powerLoss(limit);
                List<String> unforced = kept.replay(small).bodies();
                assertEquals(taken.subList(0, unforced.size()), unforced);

                Journal again = kept.open(small);
                taken.subList(unforced.size(), taken.size()).clear();
                append(again, "after the crash", 700);
                again.force();
                small.powerLoss(limit);
                assertEquals(taken, kept.replay(small).bodies());
            }
        }

        @Test
        void still_takes_small_records_and_a_checkpoint_from_the_reserve() throws Exception {
            disk.limit(SMALL.reserveBytes() + 20_000);
            Journal journal = kept.open(disk);
            journal.startAccounting(Map.of());
            appendUntilFull(journal, "data", 700);
            for (int i = 0; i < 100; i++) {
                append(journal, "committed " + i, 0);
            }
            assertThrows(FsException.NoSpace.class, () -> append(journal, "more data", 700));
            journal.force();
            journal.checkpoint(j -> j.append(2, text("all is in the store")));
            for (long segment = 1; segment < 30; segment++) {
                releaseAll(journal, segment);
            }
            journal.force();
            append(journal, "data again", 700);
            journal.close();
            assertEquals(
                    List.of("all is in the store", "data again"),
                    kept.replay(disk).bodies());
        }

        @Test
        void that_leaves_half_a_new_segment_does_not_hide_what_comes_after() throws Exception {
            for (long seed = 0; seed < 200; seed++) {
                PowerLossDisk small = new PowerLossDisk();
                taken.clear();
                Journal journal = kept.open(small);
                append(journal, "data", 2000);
                journal.force();
                small.limit(small.usedBytes() + SegmentHeader.BYTES / 2 + 100);
                assertThrows(FsException.NoSpace.class, () -> append(journal, "more data", 2000));
                small.limit(Long.MAX_VALUE);
                append(journal, "small", 0);
                journal.force();
                small.powerLoss(seed);
                Replayed replayed = kept.replay(small);
                assertEquals(taken, replayed.bodies());
                assertEquals(List.of(), replayed.damages);
            }
        }

        /** All appends of data were of 700 bytes. */
        private void releaseAll(Journal journal, long segment) {
            try {
                while (true) {
                    journal.release(segment, 700);
                    if (!disk.list().contains(SegmentHeader.fileName(segment))) {
                        return;
                    }
                }
            } catch (IllegalArgumentException e) {
                // Nothing left in this one.
            }
        }
    }

    @Nested
    class TheCap {

        @Test
        void refuses_data_first_and_then_all_but_a_checkpoint() throws Exception {
            JournalSettings settings = new JournalSettings(8192, 100_000);
            Journal journal = kept.open(disk, settings, new Replayed());
            journal.startAccounting(Map.of());
            appendUntilFull(journal, "data", 700);
            long afterData = journal.usedBytes();
            assertTrue(afterData > 90_000 && afterData <= settings.capBytes() - settings.reserveBytes());
            appendUntilFull(journal, "small", 0);
            assertTrue(journal.usedBytes() > afterData && journal.usedBytes() <= settings.capBytes());
            journal.checkpoint(j -> j.append(2, text("state")));
            assertEquals(100_000, journal.capBytes());
            journal.close();
            assertEquals(List.of("state"), kept.replay(disk).bodies());
        }
    }

    @Nested
    class AFailingWrite {

        @Test
        void goes_on_in_a_new_segment() throws Exception {
            Journal journal = kept.open(disk);
            append(journal, "one", 100);
            disk.failWrites(1);
            append(journal, "two", 100);
            append(journal, "three", 0);
            disk.failWrites(1);
            disk.failTruncates(1);
            append(journal, "four", 100);
            journal.force();
            disk.powerLoss(3);
            Replayed replayed = kept.replay(disk);
            assertEquals(taken, replayed.bodies());
            assertEquals(List.of(), replayed.damages);
        }

        @Test
        void that_lasts_is_told_and_leaves_nothing() throws Exception {
            Journal journal = kept.open(disk);
            append(journal, "one", 100);
            disk.failWrites(10);
            assertThrows(FsException.Failed.class, () -> append(journal, "two", 100));
            disk.failWrites(0);
            append(journal, "three", 100);
            journal.close();
            assertEquals(List.of("one", "three"), kept.replay(disk).bodies());
        }
    }

    @Nested
    class AFailingForce {

        @Test
        void writes_the_records_anew_and_only_then_succeeds() throws Exception {
            Journal journal = kept.open(disk);
            DataLocation first = journal.append(1, text("one"), data(1, 500)).location();
            journal.force();
            DataLocation second = journal.append(1, text("two"), data(2, 500)).location();
            disk.failForces(1);
            journal.force();
            assertEquals(data(1, 500), read(journal, first));
            assertEquals(data(2, 500), read(journal, second));
            disk.powerLoss(5);
            Replayed replayed = new Replayed();
            Journal again = kept.open(disk, SMALL, replayed);
            assertEquals(List.of("one", "two"), replayed.bodies());
            assertEquals(data(2, 500), read(again, second));
        }

        @Test
        void that_cannot_be_mended_now_is_told_until_it_can() throws Exception {
            Journal journal = kept.open(disk);
            append(journal, "one", 100);
            disk.failForces(4);
            assertThrows(FsException.Failed.class, journal::force);
            assertTrue(journal.hasUnforced());
            assertThrows(FsException.Failed.class, () -> append(journal, "two", 0));
            assertThrows(FsException.Failed.class, journal::force);
            disk.failForces(0);
            journal.force();
            append(journal, "three", 0);
            journal.force();
            disk.powerLoss(1);
            assertEquals(taken, kept.replay(disk).bodies());
        }

        @Test
        void whose_pages_are_gone_is_never_called_a_success_again() throws Exception {
            Journal journal = kept.open(disk);
            append(journal, "one", 100);
            journal.force();
            append(journal, "two", 100);
            disk.failForces(2);
            assertThrows(FsException.Failed.class, journal::force);
            disk.forgetLostPages();
            for (int i = 0; i < 3; i++) {
                assertThrows(FsException.Failed.class, journal::force);
                assertThrows(FsException.Failed.class, () -> append(journal, "three", 0));
                assertThrows(FsException.Failed.class, () -> journal.checkpoint(j -> {}));
            }
            assertThrows(FsException.Failed.class, journal::close);
            disk.kill();
            assertEquals(List.of("one"), kept.replay(disk).bodies());
        }

        @Test
        void before_a_kill_is_not_forgotten_by_the_next_run() throws Exception {
            Journal journal = kept.open(disk);
            append(journal, "one", 100);
            disk.failForces(2);
            assertThrows(FsException.Failed.class, journal::force);
            disk.kill();
            Replayed replayed = new Replayed();
            Journal again = kept.open(disk, SMALL, replayed);
            assertEquals(List.of("one"), replayed.bodies(), "it could still be read");
            again.force();
            disk.powerLoss(0);
            assertEquals(List.of("one"), kept.replay(disk).bodies(), "so it must now be safe");
        }

        @Test
        void at_the_end_of_a_segment_or_checkpoint_is_mended_too() throws Exception {
            Journal journal = kept.open(disk);
            for (int i = 0; i < 40; i++) {
                disk.failForces(1);
                append(journal, "record " + i, 600);
            }
            disk.failForces(1);
            journal.force();
            disk.powerLoss(9);
            assertEquals(taken, kept.replay(disk).bodies());
        }
    }

    @Test
    void a_closed_journal_says_so() throws Exception {
        Journal journal = kept.open(disk);
        DataLocation location = journal.append(1, text("x"), data(1, 10)).location();
        journal.close();
        journal.close();
        assertThrows(FsException.Unavailable.class, () -> append(journal, "y", 0));
        assertThrows(FsException.Unavailable.class, () -> read(journal, location));
        assertThrows(FsException.Unavailable.class, () -> journal.checkpoint(j -> {}));
        assertThrows(FsException.Unavailable.class, () -> journal.startAccounting(Map.of()));
        assertEquals(1, kept.replay(disk).items.size());
        assertEquals(ByteBuffer.allocate(0), text(""));
    }
}
