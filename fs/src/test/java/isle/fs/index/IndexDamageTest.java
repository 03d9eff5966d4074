package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file is either found damaged, or makes no difference to any answer. */
class IndexDamageTest {

    private static final int SECTOR = 512;
    private static final int FILE_HEADER = 100;
    private static final int PAGE_HEADER = 12;
    private static final int ROUNDS = Integer.getInteger("isle.index.rounds", 30);

    @TempDir
    Path folder;

    private final IndexModel model = new IndexModel();
    private byte[] whole = new byte[0];

    @BeforeEach
    void makeAnIndex() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        try (Index index = open("whole.db", Long.MAX_VALUE)) {
            for (int i = 0; i < 40; i++) {
                index.apply(model.randomChanges(random, 40));
            }
            long volume = IndexModel.VOLUMES.get(0);
            long root = InodeNumbers.rootOf(volume);
            for (int i = 0; i < 500; i++) {
                long inode = InodeNumbers.of(volume, 500_000 + i);
                IndexChange put = new IndexChange.Put(IndexModel.file(inode, root, "file" + i, i));
                index.apply(List.of(put));
                model.apply(List.of(put));
            }
            model.assertAnswers(index);
        }
        whole = Files.readAllBytes(folder.resolve("whole.db"));
    }

    private Index open(String name, long checkBytes) throws FsException {
        return Index.open(folder.resolve(name), folder.resolve("lib"), () -> 77, checkBytes);
    }

    private interface Damage {
        byte[] to(byte[] bytes, RandomGenerator random);
    }

    /** Damages the index in many ways; returns how often that was found. */
    private int damage(long checkBytes, Damage damage) throws Exception {
        return damage(checkBytes, ROUNDS, damage);
    }

    private int damage(long checkBytes, int rounds, Damage damage) throws Exception {
        int found = 0;
        for (int seed = 0; seed < rounds; seed++) {
            byte[] damaged = damage.to(whole.clone(), new SplittableRandom(seed));
            Files.write(folder.resolve("damaged.db"), damaged);
            try (Index index = open("damaged.db", checkBytes)) {
                found += questions(index, seed);
            } catch (FsException.Corrupt e) {
                found++;
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            Index.moveAside(folder.resolve("damaged.db"));
        }
        return found;
    }

    /** Every question has the right answer, and a change is made right, or the damage is found: then 1. */
    private int questions(Index index, int seed) throws Exception {
        try {
            randomQuestions(index, new SplittableRandom(seed));
            model.assertAnswers(index);
            IndexModel changed = model.copy();
            index.apply(changed.randomChanges(new SplittableRandom(seed), 50));
            changed.assertAnswers(index);
            index.checkInvariants();
            return 0;
        } catch (FsException.Corrupt e) {
            return 1;
        }
    }

    /** Each round meets the damage with another question first. */
    private void randomQuestions(Index index, RandomGenerator random) throws Exception {
        List<IndexEntry> all = List.copyOf(model.entries.values());
        for (int i = 0; i < 50; i++) {
            IndexEntry entry = all.get(random.nextInt(all.size()));
            switch (random.nextInt(4)) {
                case 0 -> assertEquals(Optional.of(entry), index.find(entry.inode()));
                case 1 -> assertEquals(Optional.of(entry), index.find(entry.parent(), entry.name()));
                case 2 -> assertEquals(model.children(entry.parent()), index.children(entry.parent()));
                default ->
                    assertEquals(
                            Optional.ofNullable(model.states.get(entry.parent())), index.directory(entry.parent()));
            }
        }
    }

    @Nested
    class AFileThatIsReadAtTheStart {
        @Test
        void withFlippedBitsIsFoundOrRight() throws Exception {
            int found = damage(Long.MAX_VALUE, IndexDamageTest::flipBits);
            assertTrue(found > ROUNDS / 4, "found only " + found);
        }

        @Test
        void withABitTurnedInAnyByteOfItsHeaderIsFoundOrRight() throws Exception {
            AtomicInteger at = new AtomicInteger();
            damage(Long.MAX_VALUE, FILE_HEADER + PAGE_HEADER, (bytes, random) -> {
                bytes[at.getAndIncrement()] ^= (byte) (1 << random.nextInt(8));
                return bytes;
            });
        }

        @Test
        void withASectorOfZerosIsFoundOrRight() throws Exception {
            int found = damage(Long.MAX_VALUE, IndexDamageTest::zeroSector);
            assertTrue(found > ROUNDS / 4, "found only " + found);
        }

        @Test
        void withTwoPagesExchangedIsFoundOrRight() throws Exception {
            int found = damage(Long.MAX_VALUE, IndexDamageTest::exchangePages);
            assertTrue(found > ROUNDS / 2, "found only " + found);
        }

        @Test
        void thatEndsEarlyIsFound() throws Exception {
            // An empty file is a new index.
            int found = damage(
                    Long.MAX_VALUE, (bytes, random) -> Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length - 1)));
            assertEquals(ROUNDS, found);
        }
    }

    @Nested
    class AFileTooLargeToBeReadAtTheStart {
        @Test
        void withFlippedBitsIsFoundOrRight() throws Exception {
            int found = damage(0, IndexDamageTest::flipBits);
            assertTrue(found > ROUNDS / 4, "found only " + found);
        }

        @Test
        void withASectorOfZerosIsFoundOrRight() throws Exception {
            int found = damage(0, IndexDamageTest::zeroSector);
            assertTrue(found > ROUNDS / 4, "found only " + found);
        }

        @Test
        void withTwoPagesExchangedIsFoundOrRight() throws Exception {
            int found = damage(0, IndexDamageTest::exchangePages);
            assertTrue(found > ROUNDS / 2, "found only " + found);
        }
    }

    private static byte[] flipBits(byte[] bytes, RandomGenerator random) {
        // Half of them where the damage goes deepest: in the header and the first pages.
        int range = random.nextBoolean() ? bytes.length : 5 * 4096;
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes[random.nextInt(range)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static byte[] zeroSector(byte[] bytes, RandomGenerator random) {
        int start = random.nextInt(bytes.length / SECTOR) * SECTOR;
        Arrays.fill(bytes, start, start + SECTOR, (byte) 0);
        return bytes;
    }

    private static byte[] exchangePages(byte[] bytes, RandomGenerator random) {
        int page = 4096;
        int a = random.nextInt(bytes.length / page) * page;
        int b = random.nextInt(bytes.length / page) * page;
        byte[] kept = Arrays.copyOfRange(bytes, a, a + page);
        System.arraycopy(bytes, b, bytes, a, page);
        System.arraycopy(kept, 0, bytes, b, page);
        return bytes;
    }

    @Test
    void damageThatComesWhileOpenIsFoundOrDoesNotMatter() throws Exception {
        for (int seed = 0; seed < ROUNDS / 3; seed++) {
            Path file = folder.resolve("damaged.db");
            Files.write(file, whole);
            try (Index index = open("damaged.db", Long.MAX_VALUE)) {
                overwrite(file, flipBits(whole.clone(), new SplittableRandom(seed)));
                for (long directory : model.directories()) {
                    assertEquals(model.children(directory), index.children(directory), "seed " + seed);
                }
            } catch (FsException.Corrupt e) {
                assertTrue(e.toString().contains("index"), e.toString());
            }
            Index.moveAside(file);
        }
    }

    private static void overwrite(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes));
        }
    }

    @Test
    void aFileOfANewerFormatIsRefusedWithItsNumber() throws Exception {
        // user_version is at offset 60 of the header, highest byte first.
        whole[63] = 9;
        Files.write(folder.resolve("newer.db"), whole);
        FsException.Corrupt refused = assertThrows(FsException.Corrupt.class, () -> open("newer.db", Long.MAX_VALUE));
        assertTrue(refused.toString().contains("format 9"), refused.toString());
        assertTrue(Arrays.equals(whole, Files.readAllBytes(folder.resolve("newer.db"))), "it was changed");
    }

    @Test
    void aFileThatIsSomethingElseIsRefused() throws Exception {
        Files.writeString(folder.resolve("text.db"), "Not a database, but a letter. ".repeat(300));
        assertThrows(FsException.Corrupt.class, () -> open("text.db", Long.MAX_VALUE));
    }
}
