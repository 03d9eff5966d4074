package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left after an end in the middle is a state that was committed, whole. */
class IndexCrashTest {

    /** Of the bytes of a page in the log: headers are tried byte by byte. */
    private static final int STRIDE = Integer.getInteger("isle.index.stride", 509);

    private static final int LOG_HEADER = 32;
    private static final int FRAME_HEADER = 24;
    private static final int FRAME = FRAME_HEADER + 4096;

    @TempDir
    Path folder;

    private Index open(Path file) throws FsException {
        return Index.open(file, folder.resolve("lib"), () -> 77);
    }

    /** What a power loss leaves: a log that ends anywhere, or has bytes that were never written. */
    @Nested
    class APowerLoss {
        private final List<IndexModel> states = new ArrayList<>();
        private final List<Long> logAfter = new ArrayList<>();
        private final List<Long> logAfterGiving = new ArrayList<>();
        private final List<Long> given = new ArrayList<>();
        private byte[] file = new byte[0];
        private byte[] log = new byte[0];

        @BeforeEach
        void makeTransactions() throws Exception {
            Path path = folder.resolve("index.db");
            SplittableRandom random = new SplittableRandom(7);
            IndexModel model = new IndexModel();
            // What is in the file before the log begins.
            try (Index index = open(path)) {
                index.apply(model.randomChanges(random, 100));
            }
            try (Index index = open(path)) {
                states.add(model.copy());
                logAfter.add(0L);
                for (int i = 0; i < 40; i++) {
                    index.apply(model.randomChanges(random, 10));
                    states.add(model.copy());
                    logAfter.add(Files.size(Aside.beside(path, Aside.WAL)));
                    given.add(index.reserveInodes(1, 3) + 2);
                    logAfterGiving.add(Files.size(Aside.beside(path, Aside.WAL)));
                }
                file = Files.readAllBytes(path);
                log = Files.readAllBytes(Aside.beside(path, Aside.WAL));
            }
        }

        @Test
        void thatCutsTheLogLeavesTheTransactionsBeforeTheCut() throws Exception {
            SplittableRandom random = new SplittableRandom(8);
            for (int i = 0; i < 40; i++) {
                int length = random.nextInt(log.length + 1);
                int state = stateAfter(Arrays.copyOf(log, length), length);
                assertEquals(countUpTo(logAfter, length) - 1, state, "log of " + length + " bytes");
            }
        }

        @Test
        void thatGarblesTheLogLeavesSomeStateThatWas() throws Exception {
            SplittableRandom random = new SplittableRandom(9);
            for (int i = 0; i < 40; i++) {
                int start = random.nextInt(log.length);
                stateAfter(garbled(start, random), start);
            }
        }

        @Test
        void thatCutsTheLogAnywhereInTheLastTransactionLosesThatOne() throws Exception {
            int last = states.size() - 1;
            int begin = logAfterGiving.get(last - 1).intValue();
            int end = logAfter.get(last).intValue();
            for (int length = begin; length <= end; length += stepFrom(length)) {
                assertState(countUpTo(logAfter, length) - 1, Arrays.copyOf(log, length), length);
                byte[] zeros = Arrays.copyOf(Arrays.copyOf(log, length), log.length);
                if (length % FRAME == LOG_HEADER) {
                    assertState(countUpTo(logAfter, length) - 1, zeros, length);
                }
            }
        }

        @Test
        void thatTurnsABitOfAHeaderOfTheLogLeavesWhatCameBefore() throws Exception {
            for (int at = 0; at < LOG_HEADER; at++) {
                // A log that is none is not read.
                assertState(0, flipped(at), 0);
            }
            int frames = (log.length - LOG_HEADER) / FRAME;
            for (int frame = Math.max(0, frames - 8); frame < frames; frame++) {
                int start = LOG_HEADER + frame * FRAME;
                for (int at = start; at < start + FRAME; at += stepFrom(at)) {
                    assertState(countUpTo(logAfter, start) - 1, flipped(at), start);
                }
            }
        }

        private byte[] flipped(int at) {
            byte[] bytes = log.clone();
            bytes[at] ^= (byte) (1 << (at % 8));
            return bytes;
        }

        /** Every byte of a frame's header and of the page's begin, some of the rest. */
        private static int stepFrom(int at) {
            int inFrame = Math.floorMod(at - LOG_HEADER, FRAME);
            return inFrame < FRAME_HEADER + 8 || inFrame >= FRAME - 2 ? 1 : Math.min(STRIDE, FRAME - 2 - inFrame);
        }

        private void assertState(int expected, byte[] damagedLog, int goodBytes) throws Exception {
            Path path = Files.createTempDirectory(folder, "state").resolve("index.db");
            Files.write(path, file);
            Files.write(Aside.beside(path, Aside.WAL), damagedLog);
            try (Index index = open(path)) {
                index.checkInvariants();
                assertTrue(has(index, states.get(expected)), "log good for " + goodBytes + " bytes");
                int durable = countUpTo(logAfterGiving, goodBytes);
                if (durable > 0) {
                    assertTrue(index.reserveInodes(1, 1) > given.get(durable - 1), "given again");
                }
            }
        }

        private static int countUpTo(List<Long> sizes, int length) {
            return (int) sizes.stream().filter(size -> size <= length).count();
        }

        private byte[] garbled(int start, RandomGenerator random) {
            byte[] bytes = log.clone();
            if (random.nextBoolean()) {
                bytes[start] ^= (byte) (1 << random.nextInt(8));
            } else {
                Arrays.fill(bytes, start, Math.min(bytes.length, start + 4096), (byte) 0);
            }
            return bytes;
        }

        /** Opens the index with a log that is good so far; returns which state it has, and makes sure that it works. */
        private int stateAfter(byte[] damagedLog, int goodBytes) throws Exception {
            Path path = Files.createTempDirectory(folder, "after").resolve("index.db");
            Files.write(path, file);
            Files.write(Aside.beside(path, Aside.WAL), damagedLog);
            try (Index index = open(path)) {
                index.checkInvariants();
                int state = 0;
                while (!has(index, states.get(state))) {
                    state++;
                }
                int durable = countUpTo(logAfterGiving, goodBytes);
                if (durable > 0) {
                    assertTrue(index.reserveInodes(1, 1) > given.get(durable - 1), "given again");
                }
                index.apply(states.get(state).copy().randomChanges(new SplittableRandom(1), 20));
                index.checkInvariants();
                return state;
            }
        }

        private static boolean has(Index index, IndexModel state) throws Exception {
            try {
                state.assertAnswers(index);
                long entries = 0;
                for (long volume : IndexModel.VOLUMES) {
                    entries += index.totals(InodeNumbers.rootOf(volume)).entries();
                }
                return entries == state.entries.size();
            } catch (AssertionError e) {
                return false;
            }
        }
    }

    @Test
    void aKilledProcessLosesNothingThatWasApplied() throws Exception {
        Path file = folder.resolve("index.db");
        SplittableRandom random = new SplittableRandom(11);
        long given = 0;
        for (int round = 0; round < 4; round++) {
            List<String> lines = runAndKill(file, 1 + random.nextInt(60));
            String[] last = lines.get(lines.size() - 1).split(" ", -1);
            try (Index index = open(file)) {
                index.checkInvariants();
                long applied = Long.parseLong(index.meta(IndexVictim.KEY).orElse("-1"));
                assertTrue(applied >= Long.parseLong(last[0]), "lost what was applied");
                long children = index.children(IndexVictim.ROOT).size();
                assertEquals((applied + 1) * IndexVictim.BATCH, children, "half a transaction");
                given = Math.max(given, Long.parseLong(last[1]));
                long next = index.reserveInodes(1, 1);
                assertTrue(next > given, "given again");
                given = next;
            }
        }
    }

    private List<String> runAndKill(Path file, int lineCount) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java,
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IndexVictim.class.getName(),
                        file.toString(),
                        folder.resolve("lib").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
                if (lines.size() == lineCount) {
                    // Process.destroyForcibly would close the stream that we read.
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor();
        // The last line may be cut.
        return lines.size() > lineCount ? lines.subList(0, lineCount) : lines;
    }
}
