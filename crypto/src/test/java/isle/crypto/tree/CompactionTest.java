package isle.crypto.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Id;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CompactionTest {

    private static final Id DIRECTORY = new Id(0, 1);

    private final AtomicLong ids = new AtomicLong();

    private Id draw() {
        return new Id(6, ids.incrementAndGet());
    }

    /** Whatever else has been read, before or after (R9, R10). */
    @Test
    void saysWhatItsInputsSay() {
        for (long seed = 0; seed < 2000; seed++) {
            Random random = new Random(seed);
            List<Pack> inputs = new ArrayList<>();
            List<Pack> others = new ArrayList<>();
            for (Pack pack : SomePacks.of(DIRECTORY, seed)) {
                (pack.cover() == null && pack.root() == null && random.nextBoolean() ? inputs : others).add(pack);
            }
            List<Pack> written = new Compaction(Rules.ALL).of(DIRECTORY, inputs, 1 + random.nextInt(4), this::draw);
            check(inputs, written, List.of(), seed);
            check(inputs, written, others, seed);
            List<Pack> some =
                    others.stream().filter(pack -> random.nextBoolean()).toList();
            check(inputs, written, some, seed);
        }
    }

    private static void check(List<Pack> inputs, List<Pack> written, List<Pack> others, long seed) {
        List<Pack> before = new ArrayList<>(inputs);
        before.addAll(others);
        List<Pack> after = new ArrayList<>(written);
        after.addAll(others);
        Directory expected = Directory.of(before, Rules.ALL);
        DirectoryTest.assertSame(expected, Directory.of(after, Rules.ALL), "seed " + seed);
        after.addAll(inputs);
        DirectoryTest.assertSame(expected, Directory.of(after, Rules.ALL), "seed " + seed);
    }

    @Test
    void isSmallWhenMuchHasEnded() {
        List<Pack> packs = SomePacks.of(DIRECTORY, 1);
        for (int i = 0; i < 50; i++) {
            List<Pack> written = new Compaction(Rules.ALL).of(DIRECTORY, packs, 1000, this::draw);
            assertEquals(1, written.size());
            packs = new ArrayList<>(written);
        }
        Pack.Cover cover = packs.get(0).cover();
        assertTrue(cover != null && cover.dots().runs().size() <= 3, "dots of a life are one run");
    }
}
