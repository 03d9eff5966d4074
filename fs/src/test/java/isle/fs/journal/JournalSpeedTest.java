package isle.fs.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints what the journal costs beside plain files, in the same run on the same disk. It fails for no speed. */
@Tag("alone")
class JournalSpeedTest {

    private static final JournalSettings SETTINGS = JournalSettings.withCap(4L << 30);
    private static final int RECORDS = 1_000_000;
    private static final int BODY_BYTES = 40;

    @TempDir
    Path folder;

    private interface Work {
        void run(int round) throws Exception;
    }

    /** Median nanoseconds of each work. They take turns, so that what else the machine does strikes all alike. */
    private static long[] medians(int rounds, Work... works) throws Exception {
        long[][] times = new long[works.length][rounds];
        for (int round = -rounds / 4; round < rounds; round++) {
            for (int work = 0; work < works.length; work++) {
                long start = System.nanoTime();
                works[work].run(round);
                if (round >= 0) {
                    times[work][round] = System.nanoTime() - start;
                }
            }
        }
        return Stream.of(times).mapToLong(JournalSpeedTest::median).toArray();
    }

    private static long median(long[] times) {
        Arrays.sort(times);
        return times[times.length / 2];
    }

    @Test
    void append_and_force_beside_write_and_force() throws Exception {
        for (int bytes : new int[] {128, 4 << 10, 128 << 10, 1 << 20}) {
            int rounds = bytes >= 1 << 20 ? 60 : 200;
            ByteBuffer data = ByteBuffer.allocateDirect(bytes);
            ByteBuffer body = ByteBuffer.allocate(BODY_BYTES);
            Path journalFolder = folder.resolve("journal" + bytes);
            try (FileChannel plain = create("plain" + bytes);
                    FileChannel ahead = create("ahead" + bytes);
                    Journal journal = Journal.open(RealDisk.at(journalFolder), SETTINGS, new Replayed())) {
                zeros(ahead, (long) bytes * (rounds + rounds / 4));
                long[] medians = medians(
                        rounds, round -> writeAndForce(plain, data), round -> writeAndForce(ahead, data), round -> {
                            journal.append(1, body, data);
                            journal.force();
                        });
                System.out.printf(
                        "%7d bytes and a force: plain file %d us, over zeros written ahead %.2f of it, journal %.2f%n",
                        bytes, medians[0] / 1000, (double) medians[1] / medians[0], (double) medians[2] / medians[0]);
            }
        }
    }

    private static void writeAndForce(FileChannel file, ByteBuffer data) throws IOException {
        file.write(data.duplicate());
        file.force(false);
    }

    @Test
    void append_beside_write() throws Exception {
        ByteBuffer body = ByteBuffer.allocate(BODY_BYTES);
        ByteBuffer same = ByteBuffer.allocateDirect((int) RecordHeader.recordBytes(BODY_BYTES, 0));
        ByteBuffer large = ByteBuffer.allocateDirect(128 << 10);
        try (FileChannel plain = create("plain");
                Journal journal = Journal.open(RealDisk.at(folder.resolve("j")), SETTINGS, new Replayed())) {
            long[] medians = medians(100_000, round -> plain.write(same.duplicate()), round -> journal.append(1, body));
            System.out.printf(
                    "small record: plain write %d ns, journal %.2f of it%n",
                    medians[0], (double) medians[1] / medians[0]);
            medians = medians(2000, round -> plain.write(large.duplicate()), round -> journal.append(1, body, large));
            System.out.printf(
                    "128 KiB of data: plain write %d us, journal %.2f of it%n",
                    medians[0] / 1000, (double) medians[1] / medians[0]);
        }
    }

    private static void zeros(FileChannel file, long bytes) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
        for (long at = 0; at < bytes; at += zeros.capacity()) {
            file.write(zeros.duplicate(), at);
        }
        file.force(true);
    }

    private FileChannel create(String name) throws IOException {
        return FileChannel.open(
                folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Test
    void replay_of_a_million_records_beside_reading_the_files() throws Exception {
        Path journalFolder = folder.resolve("journal");
        long appended;
        try (Journal journal = Journal.open(RealDisk.at(journalFolder), SETTINGS, new Replayed())) {
            ByteBuffer body = ByteBuffer.allocate(BODY_BYTES);
            long start = System.nanoTime();
            for (int i = 0; i < RECORDS; i++) {
                journal.append(1, body.putInt(0, i));
            }
            appended = System.nanoTime() - start;
        }
        long[] count = {0};
        Journal.Recovery counting = new Journal.Recovery() {
            @Override
            public void record(long sequence, int type, ByteBuffer body, @Nullable DataLocation data) {
                count[0]++;
            }

            @Override
            public void damaged(Damage damage) {
                throw new AssertionError(damage);
            }
        };
        long[] medians = medians(5, round -> readFiles(journalFolder), round -> Journal.open(
                        RealDisk.at(journalFolder), SETTINGS, counting)
                .close());
        assertEquals(6L * RECORDS, count[0]);
        System.out.printf(
                "%d records appended in %d ms; replayed in %d ms, %.1f times a plain read of the files (%d ms)%n",
                RECORDS,
                appended / 1_000_000,
                medians[1] / 1_000_000,
                (double) medians[1] / medians[0],
                medians[0] / 1_000_000);
    }

    private static void readFiles(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.toList();
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        for (Path path : files) {
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                while (file.read(buffer.clear()) >= 0) {
                    // only the reading counts
                }
            }
        }
    }
}
