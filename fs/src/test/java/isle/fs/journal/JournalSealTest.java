package isle.fs.journal;

import static isle.fs.journal.Replayed.SMALL;
import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What only a sealed journal has to do. All else the other tests ask of both kinds. */
@ExtendWith(QuietLog.class)
class JournalSealTest {

    private static final String FIRST = SegmentHeader.fileName(1);
    private static final int PIECE = RecordSeal.PIECE_BYTES;
    private static final JournalSettings ROOMY = new JournalSettings(4 << 20, 64 << 20);

    private final TestSeal seal = new TestSeal(1);
    private final PowerLossDisk disk = new PowerLossDisk();

    private Journal open(Replayed into) throws FsException {
        return Journal.open(disk, ROOMY, seal, into);
    }

    private Replayed replay() throws FsException {
        Replayed replayed = new Replayed();
        open(replayed).close();
        return replayed;
    }

    @Test
    void shows_neither_bodies_nor_data_on_the_disk() throws Exception {
        String name = "quiddity-of-names-7261";
        String content = "quiddity-of-content-9915";
        try (Journal journal = open(new Replayed())) {
            journal.append(1, text("name " + name));
            journal.append(1, text(name), text(content.repeat(9000)));
            journal.force();
            disk.failForces(1);
            journal.append(1, text(name + " copied"), text(content));
            journal.force();
            journal.checkpoint(j -> j.append(2, text("state of " + name)));
            journal.append(1, text("after " + name), text(content));
        }
        for (String file : disk.list()) {
            String bytes = new String(disk.content(file), ISO_8859_1);
            for (String secret : List.of(name, content)) {
                assertFalse(bytes.contains(secret), file);
                assertFalse(bytes.contains(HexFormat.of().formatHex(secret.getBytes(UTF_8))), file);
                for (int skip = 0; skip < 3; skip++) {
                    String tail = secret.substring(skip, skip + 15);
                    assertFalse(bytes.contains(Base64.getEncoder().encodeToString(tail.getBytes(UTF_8))), file);
                }
            }
        }
        assertEquals(List.of("state of " + name, "after " + name), replay().bodies());
    }

    @Test
    void opens_no_more_than_the_pieces_that_a_read_touches() throws Exception {
        try (Journal journal = open(new Replayed())) {
            DataLocation at =
                    journal.append(1, text("big"), data(1, 20 * PIECE)).location();
            long before = seal.openedBytes();
            journal.read(at, 7 * PIECE + 100, ByteBuffer.allocate(4096));
            assertEquals(PIECE, seal.openedBytes() - before);
            before = seal.openedBytes();
            ByteBuffer across = ByteBuffer.allocate(2);
            journal.read(at, 8 * PIECE - 1, across);
            assertEquals(2 * PIECE, seal.openedBytes() - before);
            assertEquals(data(1, 20 * PIECE).slice(8 * PIECE - 1, 2), across.flip());
        }
        long before = seal.openedBytes();
        replay();
        assertTrue(seal.openedBytes() - before < 1000, "recovery checks data without opening it");
    }

    @Nested
    class Nonces {

        /** {@link TestSeal} fails when one comes twice; here all is done that makes the same place be written again. */
        @Test
        void never_come_twice() throws Exception {
            for (int run = 0; run < 20; run++) {
                Journal journal = Journal.open(disk, SMALL, seal, new Replayed());
                for (int i = 0; i < 30; i++) {
                    ByteBuffer data = data(run * 100L + i, 100 + i);
                    switch (i % 6) {
                        case 0 -> disk.failWrites(1);
                        case 1 -> disk.failForces(1);
                        case 2 -> disk.limit(disk.usedBytes() + 60);
                        default -> disk.limit(Long.MAX_VALUE);
                    }
                    try {
                        journal.append(1, text("record " + i), data);
                        journal.force();
                    } catch (FsException.NoSpace e) {
                        // The next one takes its number and its place.
                    }
                }
                disk.powerLoss(run);
            }
            assertTrue(seal.sealedParts() > 600, "sealed " + seal.sealedParts());
        }

        @Test
        void of_a_record_in_the_place_of_a_failed_one_are_others() throws Exception {
            Journal journal = open(new Replayed());
            journal.append(1, text("first"));
            long before = disk.usedBytes();
            disk.limit(before + 100);
            assertThrows(FsException.NoSpace.class, () -> journal.append(1, text("second"), data(2, 200)));
            disk.limit(Long.MAX_VALUE);
            DataLocation at = journal.append(1, text("second"), data(2, 200)).location();
            journal.close();
            byte[] once = disk.content(FIRST);

            PowerLossDisk other = new PowerLossDisk();
            Journal.open(other, ROOMY, seal, new Replayed()).close();
            assertEquals(1, at.segment());
            assertEquals(data(2, 200), readAgain(at));
            assertEquals(once.length, disk.content(FIRST).length);
        }

        private ByteBuffer readAgain(DataLocation at) throws FsException {
            try (Journal journal = open(new Replayed())) {
                return read(journal, at);
            }
        }

        @Test
        void of_a_file_whose_name_comes_again_go_with_another_key() throws Exception {
            Journal journal = open(new Replayed());
            journal.append(1, text("lost"));
            byte[] lost = disk.content(FIRST);
            disk.delete(FIRST);
            disk.kill();
            open(new Replayed()).append(1, text("kept"));
            byte[] kept = disk.content(FIRST);
            assertNotEquals(ByteBuffer.wrap(lost, 96, 76), ByteBuffer.wrap(kept, 96, 76));
            assertTrue(Arrays.equals(lost, 0, 8, kept, 0, 8));
        }
    }

    @Nested
    class AnotherKey {

        @Test
        void is_refused_and_touches_nothing() throws Exception {
            try (Journal journal = open(new Replayed())) {
                journal.append(1, text("x"), data(1, 100));
            }
            PowerLossDisk copy = disk.copy();
            assertThrows(
                    FsException.AccessDenied.class, () -> Journal.open(copy, ROOMY, new TestSeal(2), new Replayed()));
            assertThrows(FsException.AccessDenied.class, () -> Journal.open(copy, ROOMY, new Replayed()));
            assertEquals(disk.list(), copy.list());
            assertEquals(List.of("x"), replay().bodies());
        }

        @Test
        void is_not_needed_where_nothing_is_sealed_and_no_such_journal_is_believed() throws Exception {
            try (Journal journal = Journal.open(disk, ROOMY, new Replayed())) {
                journal.append(1, text("planted"));
            }
            assertThrows(FsException.Unsupported.class, () -> open(new Replayed()));
        }

        @Test
        void in_one_segment_costs_that_segment_and_is_told() throws Exception {
            for (int i = 0; i < 3; i++) {
                try (Journal journal = open(new Replayed())) {
                    journal.append(1, text("record " + i), data(i, 100));
                }
            }
            PowerLossDisk foreign = new PowerLossDisk();
            try (Journal journal = Journal.open(foreign, ROOMY, new TestSeal(2), new Replayed())) {
                journal.append(1, text("planted"));
            }
            byte[] planted = foreign.content(FIRST);
            String second = SegmentHeader.fileName(2);
            ByteBuffer.wrap(planted).putLong(16, 2).putLong(512 + 16, 2);
            setCheck(planted, 0, 92, 92);
            setCheck(planted, 512, 92, 512 + 92);
            disk.setContent(second, planted);
            Replayed replayed = replay();
            assertEquals(List.of("record 0", "record 2"), replayed.bodies());
            assertEquals(2, replayed.damages.get(0).segment());
        }
    }

    /** Changes whose checks are right: somebody who knows the format made them. */
    @Nested
    class AForgery {

        private long secondAt;

        private void make() throws FsException {
            try (Journal journal = open(new Replayed())) {
                journal.append(1, text("one"), data(1, 100));
                secondAt = journal.usedBytes();
                journal.append(1, text("two"), data(2, 100));
                journal.append(1, text("six"), data(3, 100));
                journal.force();
            }
        }

        private byte[] content() throws IOException {
            return disk.content(FIRST);
        }

        @Test
        void of_any_byte_of_a_record_is_found() throws Exception {
            make();
            byte[] content = content();
            int size = (int) Kept.SEALED.recordBytes(3, 100);
            int dataAt = RecordHeader.BYTES + 3 + seal.overhead() + RecordHeader.CHECK_BYTES;
            for (int at = 0; at < dataAt + 100 + seal.overhead(); at++) {
                boolean reserved = (at >= 40 && at < 47) || (at >= 48 && at < 56);
                if (reserved || (at >= dataAt - RecordHeader.CHECK_BYTES && at < dataAt)) {
                    continue;
                }
                byte[] forged = content.clone();
                forged[(int) secondAt + at] ^= 1;
                fixChecks(forged, (int) secondAt, dataAt);
                disk.setContent(FIRST, forged);
                try {
                    checkNothingForged(at < dataAt, size);
                } catch (AssertionError e) {
                    throw new AssertionError("byte " + at, e);
                }
            }
        }

        private void checkNothingForged(boolean inBody, int size) throws Exception {
            Replayed replayed = new Replayed();
            try (Journal journal = open(replayed)) {
                for (Replayed.Item item : replayed.items) {
                    int number = List.of("one", "two", "six").indexOf(item.body()) + 1;
                    DataLocation at = Objects.requireNonNull(item.data());
                    if (number == 2) {
                        assertFalse(inBody, "a changed body of " + size + " bytes was replayed");
                        assertThrows(FsException.Corrupt.class, () -> read(journal, at));
                    } else {
                        assertEquals(data(number, 100), read(journal, at));
                    }
                }
            }
            assertTrue(replayed.bodies().containsAll(List.of("one", "six")) || !replayed.damages.isEmpty());
            if (!replayed.bodies().contains("two")) {
                assertFalse(replayed.damages.isEmpty());
            }
        }

        /** Makes the checks of a record right, as far as its lengths still make sense. */
        private void fixChecks(byte[] content, int at, int dataAt) {
            setCheck(content, at + dataAt, 100 + seal.overhead(), at + dataAt - RecordHeader.CHECK_BYTES);
            setCheck(content, at + RecordHeader.BYTES, dataAt - RecordHeader.BYTES, at + 40);
            setCheck(content, at, 52, at + 52);
        }

        @Test
        void by_exchange_of_records_is_found() throws Exception {
            make();
            byte[] content = content();
            int size = (int) Kept.SEALED.recordBytes(3, 100);
            byte[] forged = content.clone();
            System.arraycopy(content, (int) secondAt + size, forged, (int) secondAt, size);
            System.arraycopy(content, (int) secondAt, forged, (int) secondAt + size, size);
            disk.setContent(FIRST, forged);
            Replayed replayed = replay();
            assertEquals(List.of("one"), replayed.bodies());
        }

        @Test
        void by_exchange_of_data_gives_no_wrong_bytes() throws Exception {
            make();
            byte[] content = content();
            int size = (int) Kept.SEALED.recordBytes(3, 100);
            int dataAt = RecordHeader.BYTES + 3 + seal.overhead() + RecordHeader.CHECK_BYTES;
            byte[] forged = content.clone();
            int at = (int) secondAt;
            System.arraycopy(content, at + size + dataAt, forged, at + dataAt, 100 + seal.overhead());
            fixChecks(forged, at, dataAt);
            disk.setContent(FIRST, forged);
            checkNothingForged(false, size);
        }

        @Test
        void by_leaving_a_record_out_is_found() throws Exception {
            make();
            byte[] content = content();
            int size = (int) Kept.SEALED.recordBytes(3, 100);
            byte[] forged = new byte[content.length - size];
            System.arraycopy(content, 0, forged, 0, (int) secondAt);
            System.arraycopy(content, (int) secondAt + size, forged, (int) secondAt, forged.length - (int) secondAt);
            disk.setContent(FIRST, forged);
            assertEquals(List.of("one"), replay().bodies());
        }

        @Test
        void of_a_header_is_found() throws Exception {
            for (int i = 0; i < 2; i++) {
                make();
            }
            byte[] content = content();
            for (int at = 16; at < 72; at++) {
                byte[] forged = content.clone();
                for (int copy : new int[] {0, 512}) {
                    forged[copy + at] ^= 1;
                    setCheck(forged, copy, 92, copy + 92);
                }
                disk.setContent(FIRST, forged);
                Replayed replayed = replay();
                assertEquals(1, replayed.damages.get(0).segment(), "byte " + at);
            }
        }
    }

    private static void setCheck(byte[] content, int from, int length, int at) {
        CRC32C check = new CRC32C();
        check.update(content, from, length);
        ByteBuffer.wrap(content).putInt(at, (int) check.getValue());
    }
}
