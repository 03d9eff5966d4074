package isle.fs.journal;

import static isle.fs.journal.Replayed.data;
import static isle.fs.journal.Replayed.read;
import static isle.fs.journal.Replayed.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Many threads at once. */
@ExtendWith(QuietLog.class)
@ParameterizedClass
@EnumSource(Kept.class)
class JournalForceTest {

    private final Kept kept;

    JournalForceTest(Kept kept) {
        this.kept = kept;
    }

    private static final int THREADS = 16;

    private final PowerLossDisk disk = new PowerLossDisk();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private void inParallel(int count, Callable<?> work) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            running.add(threads.submit(work));
        }
        for (Future<?> one : running) {
            one.get(2, TimeUnit.MINUTES);
        }
    }

    @Test
    void one_force_costs_one_force_of_one_file_and_none_when_nothing_is_new() throws Exception {
        Journal journal = kept.open(disk);
        journal.append(1, text("first"));
        long files = disk.forces();
        long folders = disk.directoryForces();
        journal.force();
        assertEquals(files + 1, disk.forces());
        journal.force();
        assertFalse(journal.hasUnforced());
        assertEquals(files + 1, disk.forces());
        assertEquals(folders, disk.directoryForces());
    }

    @Test
    void forces_are_shared() throws Exception {
        disk.beforeForce(() -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2)));
        Journal journal = kept.open(disk, JournalSettings.withCap(1 << 30), new Replayed());
        journal.append(1, text("first"));
        long before = disk.forces();
        int each = 40;
        inParallel(THREADS, () -> {
            for (int i = 0; i < each; i++) {
                journal.append(1, text("record"));
                journal.force();
            }
            return null;
        });
        long forces = disk.forces() - before;
        System.out.println("group commit: " + THREADS * each + " forces asked, " + forces + " made");
        assertTrue(forces < THREADS * each / 4, "made " + forces);
        disk.powerLoss(0);
        assertEquals(THREADS * each + 1, kept.replay(disk).items.size());
    }

    @Test
    void who_appends_during_a_force_is_not_served_by_it() throws Exception {
        Journal journal = kept.open(disk, JournalSettings.withCap(1 << 30), new Replayed());
        journal.append(1, text("first"));
        CountDownLatch inForce = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        disk.beforeForce(() -> {
            inForce.countDown();
            awaitQuietly(goOn);
        });
        Future<?> first = threads.submit(call(journal));
        inForce.await();
        journal.append(1, text("second"));
        Future<?> second = threads.submit(call(journal));
        goOn.countDown();
        first.get(1, TimeUnit.MINUTES);
        second.get(1, TimeUnit.MINUTES);
        assertFalse(journal.hasUnforced());
        disk.powerLoss(0);
        assertEquals(List.of("first", "second"), kept.replay(disk).bodies());
    }

    private static Callable<?> call(Journal journal) {
        return () -> {
            journal.force();
            return null;
        };
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_failure_is_told_to_all_who_wait_for_it() throws Exception {
        Journal journal = kept.open(disk, JournalSettings.withCap(1 << 30), new Replayed());
        journal.append(1, text("first"));
        disk.failForces(Integer.MAX_VALUE);
        inParallel(THREADS, () -> {
            assertThrows(FsException.Failed.class, journal::force);
            return null;
        });
        assertTrue(journal.hasUnforced());
        disk.failForces(0);
        journal.force();
        disk.powerLoss(0);
        assertEquals(List.of("first"), kept.replay(disk).bodies());
    }

    @Test
    void readers_appenders_forces_checkpoints_and_releases_do_not_disturb_each_other() throws Exception {
        Journal journal = kept.open(disk, new JournalSettings(64 << 10, 1 << 28), new Replayed());
        journal.startAccounting(Map.of());
        record Thing(long id, DataLocation at) {}
        ConcurrentLinkedQueue<Thing> things = new ConcurrentLinkedQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            long base = t * 1_000_000L;
            running.add(threads.submit(() -> {
                for (int i = 0; i < 800; i++) {
                    long id = base + i;
                    things.add(new Thing(id, appendStubbornly(journal, id, 100 + i % 900)));
                }
                return null;
            }));
        }
        List<Future<?>> others = new ArrayList<>();
        others.add(threads.submit(() -> {
            while (!stop.get()) {
                disk.failForces(1);
                stubbornly(journal::force);
            }
            return null;
        }));
        others.add(threads.submit(() -> {
            while (!stop.get()) {
                stubbornly(() -> journal.checkpoint(j -> j.append(2, text("state"))));
                Thing oldest = things.poll();
                if (oldest != null) {
                    assertEquals(data(oldest.id(), oldest.at().length()), read(journal, oldest.at()));
                    journal.release(oldest.at().segment(), oldest.at().length());
                }
            }
            return null;
        }));
        others.add(threads.submit(() -> {
            while (!stop.get()) {
                for (Thing thing : things) {
                    try {
                        assertEquals(data(thing.id(), thing.at().length()), read(journal, thing.at()));
                    } catch (FsException.Stale e) {
                        assertFalse(things.contains(thing), "only what was released may go");
                    }
                }
            }
            return null;
        }));
        finish(running);
        stop.set(true);
        finish(others);
        for (Thing thing : things) {
            assertEquals(data(thing.id(), thing.at().length()), read(journal, thing.at()));
            journal.release(thing.at().segment(), thing.at().length());
        }
        disk.failForces(0);
        journal.checkpoint(j -> {});
        assertTrue(journal.usedBytes() < 4096, "everything was released: " + journal.usedBytes());
    }

    private interface Work {
        void run() throws FsException;
    }

    /** A force that fails while what another one lost is being written anew is told, and may be asked for again. */
    private static void stubbornly(Work work) throws FsException {
        for (int i = 0; i < 100_000; i++) {
            try {
                work.run();
                return;
            } catch (FsException.Failed e) {
                Thread.onSpinWait();
            }
        }
        work.run();
    }

    private static DataLocation appendStubbornly(Journal journal, long id, int bytes) throws FsException {
        DataLocation[] location = new DataLocation[1];
        stubbornly(() -> location[0] =
                journal.append(1, text("thing " + id), data(id, bytes)).location());
        return location[0];
    }

    private static void finish(List<Future<?>> futures) throws InterruptedException, ExecutionException {
        for (Future<?> future : futures) {
            future.get();
        }
    }
}
