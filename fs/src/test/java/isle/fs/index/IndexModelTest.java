package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random changes on an index and on a model of it: every answer is the model's, also after a restart. */
class IndexModelTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void anIndexAnswersAsItsModelDoes(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        IndexModel model = new IndexModel();
        long highest = 0;
        for (int round = 0; round < 5; round++) {
            try (Index index = Index.open(folder.resolve("index.db"), folder.resolve("lib"), () -> 77)) {
                model.assertAnswers(index);
                for (int i = 0; i < 30; i++) {
                    int size = random.nextInt(10) == 0 ? 200 : random.nextInt(8);
                    index.apply(model.randomChanges(random, size));
                    if (i % 5 == 0) {
                        index.checkInvariants();
                        model.assertAnswers(index);
                    }
                    refusesWhole(index, model, random);
                    long given = index.reserveInodes(1, 1 + random.nextInt(10));
                    assertTrue(given > highest, "given again");
                    assertTrue(!model.entries.containsKey(given), "in use");
                    highest = given;
                }
                index.checkInvariants();
                model.assertAnswers(index);
            }
        }
    }

    /** Changes that end with an impossible one leave nothing behind. */
    private static void refusesWhole(Index index, IndexModel model, SplittableRandom random) {
        List<IndexChange> changes = new ArrayList<>(model.copy().randomChanges(random, random.nextInt(20)));
        long unknown = InodeNumbers.of(1, 2);
        changes.add(new IndexChange.Put(IndexModel.file(InodeNumbers.of(1, 3), unknown, "lost", 5)));
        assertThrows(FsException.Stale.class, () -> index.apply(changes));
    }
}
