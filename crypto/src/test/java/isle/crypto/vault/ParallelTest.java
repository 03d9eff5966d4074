package isle.crypto.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ParallelTest {

    @Test
    void allOfThemAreDone() throws FsException {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            Set<Integer> done = ConcurrentHashMap.newKeySet();
            AtomicInteger atOnce = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            new Parallel(threads, 3).run(1000, index -> {
                most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                done.add(index);
                atOnce.decrementAndGet();
            });
            assertEquals(1000, done.size());
            assertTrue(most.get() <= 3);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void itGoesOnWithoutAnyOtherThread() throws FsException {
        List<Runnable> later = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        new Parallel(later::add, 4).run(10, done::add);
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), done);
        later.forEach(Runnable::run);
        assertEquals(10, done.size());
        new Parallel(
                        run -> {
                            throw new RejectedExecutionException();
                        },
                        4)
                .run(5, done::add);
        assertEquals(15, done.size());
    }

    @Test
    void aFailureIsThrown_andNoFurtherOneIsBegun() {
        List<Integer> begun = new ArrayList<>();
        Parallel parallel = new Parallel(run -> {}, 2);
        assertThrows(
                FsException.Unavailable.class,
                () -> parallel.run(9, index -> {
                    begun.add(index);
                    if (index == 3) {
                        throw new FsException.Unavailable("away");
                    }
                }));
        assertEquals(4, begun.size());
        assertThrows(
                IllegalStateException.class,
                () -> parallel.run(9, index -> {
                    throw new IllegalStateException("a bug");
                }));
    }
}
