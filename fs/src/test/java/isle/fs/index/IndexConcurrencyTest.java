package isle.fs.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexConcurrencyTest {

    private static final long ROOT = InodeNumbers.rootOf(1);
    private static final long ODD = InodeNumbers.of(1, 10);
    private static final long EVEN = InodeNumbers.of(1, 11);
    private static final int FILES = 60;
    private static final int GENERATIONS = 150;

    @TempDir
    Path folder;

    private final AtomicBoolean done = new AtomicBoolean();

    private Index open() throws Exception {
        return Index.open(folder.resolve("index.db"), folder.resolve("lib"), () -> 77);
    }

    /** All files move between two directories, and all get the number of the generation as their size. */
    private static List<IndexChange> generation(int generation) {
        List<IndexChange> changes = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            long parent = generation % 2 == 0 ? EVEN : ODD;
            changes.add(
                    new IndexChange.Put(IndexModel.file(InodeNumbers.of(1, 100 + i), parent, "file" + i, generation)));
        }
        return changes;
    }

    private void readWholeGenerations(Index index) throws Exception {
        while (!done.get()) {
            for (long directory : new long[] {ODD, EVEN}) {
                List<IndexEntry> children = index.children(directory);
                assertTrue(children.isEmpty() || children.size() == FILES, "some of " + children.size());
                assertTrue(
                        children.stream()
                                        .map(e -> e.attributes().size())
                                        .distinct()
                                        .count()
                                <= 1,
                        "files of two generations");
            }
            assertEquals(Optional.empty(), index.find(ROOT, FileName.of("absent")));
            assertTrue(index.find(InodeNumbers.of(1, 100)).isPresent());
            index.find(ODD, FileName.of("file7"));
            assertEquals(FILES + 2, index.totals(ROOT).entries());
        }
    }

    @Test
    void readersSeeAllOfATransactionOrNothing() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Index index = open()) {
            index.apply(List.of(
                    new IndexChange.Put(IndexModel.directory(ODD, ROOT, "odd")),
                    new IndexChange.Put(IndexModel.directory(EVEN, ROOT, "even"))));
            index.apply(generation(0));
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Callable<?> reader = () -> {
                    readWholeGenerations(index);
                    return null;
                };
                readers.add(threads.submit(reader));
            }
            for (int generation = 1; generation <= GENERATIONS; generation++) {
                index.apply(generation(generation));
            }
            done.set(true);
            for (Future<?> reader : readers) {
                reader.get();
            }
            index.checkInvariants();
        } finally {
            done.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void numbersAreGivenToOneThreadOnly() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (Index index = open()) {
            List<Future<List<Long>>> givers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                givers.add(threads.submit(() -> {
                    List<Long> given = new ArrayList<>();
                    for (int j = 0; j < 25; j++) {
                        long first = index.reserveInodes(1, 3);
                        given.addAll(List.of(first, first + 1, first + 2));
                    }
                    return given;
                }));
            }
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> giver : givers) {
                all.addAll(giver.get());
            }
            assertEquals(300, all.stream().distinct().count());
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void closingWaitsForReadersAndThenRefuses() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Index index = open();
            index.apply(List.of(
                    new IndexChange.Put(IndexModel.directory(ODD, ROOT, "odd")),
                    new IndexChange.Put(IndexModel.directory(EVEN, ROOT, "even"))));
            index.apply(generation(0));
            Future<?> reader = threads.submit(() -> {
                readWholeGenerations(index);
                return null;
            });
            index.children(ODD);
            index.close();
            index.close();
            Exception refused = assertThrows(Exception.class, reader::get);
            assertTrue(refused.getCause() instanceof IllegalStateException, refused.toString());
            assertThrows(IllegalStateException.class, () -> index.children(ODD));
            assertThrows(IllegalStateException.class, () -> index.apply(List.of()));
        } finally {
            threads.shutdownNow();
        }
    }
}
