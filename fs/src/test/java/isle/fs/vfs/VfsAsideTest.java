package isle.fs.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects of isle's own are taken away in the end, also if the process ends while one comes or goes. */
class VfsAsideTest {
    private static final FileName VOLUME = FileName.of("v");

    /** Two parts and a bit. */
    private static final int LARGE_BYTES = (16 << 20) + 1;

    @TempDir
    Path folder;

    private static List<String> aside(MemoryObjectStore store) throws FsException {
        return store.list(VolumeTree.KEEP_PREFIX, false, "", 100).objects().stream()
                .map(object -> object.key().value())
                .toList();
    }

    private static void checkpoint(VfsRig rig) throws FsException {
        VfsVolume parts = rig.vfs.parts(VOLUME);
        assertTrue(new Checkpoint(parts.tree, parts.queue).write());
    }

    /** What is on the disk now, as the end of the process would leave it. */
    private Path copyOf(VfsRig rig, Path state) throws FsException, IOException {
        Path copy = folder.resolve("copy");
        VfsVolume parts = rig.vfs.parts(VOLUME);
        try (TreeLock.Held held = parts.tree.lock.write()) {
            assertTrue(parts.queue.barrier(Duration.ofSeconds(10)));
            StateFiles.copyTree(state, copy);
        }
        return copy;
    }

    @Test
    void parts_under_way_when_a_checkpoint_was_made_are_taken_away_after_a_crash() throws Exception {
        MemoryObjectStore memory = new MemoryObjectStore(InstantSource.system(), new Random(1));
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch crashed = new CountDownLatch(1);
        UnclosedStore store = new UnclosedStore(memory, () -> {
            if (!aside(memory).isEmpty()) {
                arrived.countDown();
                await(crashed);
            }
        });
        Path copy;
        try (VfsRig rig = new VfsRig(folder.resolve("state"), store)) {
            long handle = rig.vfs
                    .create(rig.number(""), FileName.of("large"), 0644, VfsRig.CREATE, VfsRig.ME)
                    .handle();
            rig.vfs.write(handle, 0, ByteBuffer.allocate(LARGE_BYTES));
            await(arrived);
            checkpoint(rig);
            copy = copyOf(rig, folder.resolve("state"));
            store.cut();
            crashed.countDown();
        }
        assertTrue(!aside(memory).isEmpty());
        try (VfsRig rig = new VfsRig(copy, memory)) {
            rig.await();
            rig.awaitTidy();
            assertEquals(List.of(), aside(memory));
            assertEquals(LARGE_BYTES, rig.stat("large").size());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Test
    void what_was_being_taken_away_when_a_checkpoint_was_made_is_so_after_a_crash() throws FsException {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore memory = new MemoryObjectStore(clock.wall(), new Random(1));
        AtomicBoolean crashes = new AtomicBoolean();
        VfsRig[] rigs = new VfsRig[1];
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state"), memory, clock, () -> {
            if (crashes.getAndSet(false)) {
                checkpoint(rigs[0]);
                rigs[0].kill();
            }
        })) {
            rigs[0] = rig;
            String place = VolumeTree.KEEP_PREFIX + "dev.1";
            memory.put(new ObjectKey(place), ObjectStore.Body.of(new byte[1]), ObjectMetadata.NONE);
            rig.vfs.parts(VOLUME).tree.abandonedKeeps.add(place);
            crashes.set(true);
            rig.round();
            assertEquals(List.of(place), aside(memory));
            rig.recover();
            rig.await();
            assertEquals(List.of(), aside(memory));
        }
    }

    /** What is open and has lost its name is copied aside before its place is taken. */
    @Test
    void what_was_given_up_and_arrives_late_is_taken_away() throws FsException {
        SimulatedClock clock = new SimulatedClock();
        MemoryObjectStore memory = new MemoryObjectStore(clock.wall(), new Random(1));
        AtomicBoolean stops = new AtomicBoolean();
        VfsRig[] rigs = new VfsRig[1];
        try (VfsRig rig = VfsRig.stepped(folder.resolve("state"), memory, clock, () -> {
            if (stops.getAndSet(false)) {
                rigs[0].connection.delay();
                throw new FsException.TimedOut("no answer");
            }
        })) {
            rigs[0] = rig;
            rig.put("file", "1");
            rig.await();
            long handle = rig.open("file");
            rig.unlink("file");
            rig.put("file", "2");
            stops.set(true);
            rig.round();
            assertEquals(List.of(), aside(memory));
            rig.vfs.release(handle);
            rig.await();
            assertEquals(List.of(), aside(memory));
            assertEquals("2", rig.text("file"));
        }
    }
}
