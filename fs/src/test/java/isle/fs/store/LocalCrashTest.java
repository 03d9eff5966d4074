package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.PendingUpload;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops the store between any two changes of the disk, and makes any one of them fail. */
class LocalCrashTest {

    @TempDir(factory = FastTempDir.class)
    Path temporary;

    private int runs;

    private Path newFolder() {
        runs++;
        return temporary.resolve("run" + runs);
    }

    private static LocalObjectStore open(Path folder, Disk.Probe probe) throws FsException {
        return LocalObjectStore.open(folder, InstantSource.system(), new SplittableRandom(1), probe);
    }

    /** Runs the scenario up to a step; false when it came to its end before. */
    private static boolean stopped(Path folder, PowerCut cut, CrashScenario scenario) {
        try (LocalObjectStore store = open(folder, cut)) {
            scenario.run(store);
        } catch (FsException e) {
            assertTrue(cut.happened(), () -> "failed by itself: " + e);
        }
        return cut.happened();
    }

    private static void verify(Path folder, CrashScenario scenario) throws Exception {
        try (LocalObjectStore store = open(folder, Disk.Probe.NONE)) {
            scenario.verify(store);
            assertEquals(List.of(), store.damaged());
            for (PendingUpload upload : store.pendingUploads("")) {
                store.abortUpload(upload.key(), upload.uploadId());
            }
            int files = count(folder.resolve("objects"));
            // The scenario leaves every store writable.
            store.put(new ObjectKey("after"), Body.of(new byte[5]), ObjectMetadata.NONE);
            store.delete(new ObjectKey("after"));
            assertEquals(files, count(folder.resolve("objects")));
        }
        try (LocalObjectStore store = open(folder, Disk.Probe.NONE)) {
            scenario.verify(store);
            List<ObjectKey> keys = store.list("", false, "", 1000).objects().stream()
                    .map(object -> object.key())
                    .toList();
            store.deleteMany(keys);
        }
        assertEquals(0, count(folder.resolve("objects")), "files that belong to no object");
        assertEquals(0, count(folder.resolve("uploads")));
        assertEquals(0, count(folder.resolve("tmp")));
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return (int) all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void aKillBetweenAnyTwoStepsLosesNothing() throws Exception {
        int stopAt = 0;
        while (true) {
            Path folder = newFolder();
            CrashScenario scenario = new CrashScenario();
            boolean stopped = stopped(folder, new PowerCut(folder, stopAt), scenario);
            verify(folder, scenario);
            if (!stopped) {
                break;
            }
            stopAt++;
        }
        assertTrue(stopAt > 150, stopAt + " steps");
    }

    @Test
    void aPowerCutBetweenAnyTwoStepsLosesNothing() throws Exception {
        SplittableRandom random = new SplittableRandom(42);
        for (int stopAt = 0; ; stopAt++) {
            Path folder = newFolder();
            CrashScenario scenario = new CrashScenario();
            PowerCut cut = new PowerCut(folder, stopAt);
            boolean stopped = stopped(folder, cut, scenario);
            // The least that the disk may have kept, and some of the rest.
            for (double luck : new double[] {0, 0.3 + 0.6 * random.nextDouble()}) {
                Path image = newFolder();
                cut.writeImage(image, random, luck);
                copyIndex(folder, image, random);
                verify(image, scenario);
            }
            if (!stopped) {
                break;
            }
        }
    }

    /** Any beginning of the index log may be there: it is never forced. */
    private static void copyIndex(Path from, Path to, SplittableRandom random) throws IOException {
        Path index = from.resolve("index");
        if (Files.exists(index) && random.nextBoolean()) {
            byte[] bytes = Files.readAllBytes(index);
            Files.write(to.resolve("index"), Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
        }
    }

    /** Lets one step fail, as a full disk does. */
    private static final class OneFailure implements Disk.Probe {
        private final int failAt;
        private final IOException failure;
        private int steps;

        OneFailure(int failAt, IOException failure) {
            this.failAt = failAt;
            this.failure = failure;
        }

        boolean happened() {
            return steps > failAt;
        }

        @Override
        public void before(Disk.Step step, Path path, @Nullable Path target) throws IOException {
            if (steps++ == failAt) {
                throw failure;
            }
        }
    }

    @Test
    void aStepThatFailsForWantOfSpaceFailsOneRequestWhole() throws Exception {
        int refused = 0;
        for (int failAt = 0; ; failAt++) {
            Path folder = newFolder();
            OneFailure probe = new OneFailure(failAt, new IOException("No space left on device"));
            CrashScenario scenario = new CrashScenario();
            Optional<LocalObjectStore> opened = openIfItCan(folder, probe);
            if (opened.isPresent()) {
                try (LocalObjectStore store = opened.get()) {
                    scenario.run(store);
                } catch (FsException e) {
                    assertTrue(probe.happened(), () -> "failed by itself: " + e);
                    assertEquals(FsException.NoSpace.class, e.getClass());
                    refused++;
                }
                verify(folder, scenario);
            }
            if (!probe.happened()) {
                break;
            }
        }
        assertTrue(refused > 100, refused + " requests refused");
    }

    private static Optional<LocalObjectStore> openIfItCan(Path folder, OneFailure probe) {
        try {
            return Optional.of(open(folder, probe));
        } catch (FsException e) {
            assertEquals(FsException.NoSpace.class, e.getClass());
            return Optional.empty();
        }
    }

    @Test
    void failuresOfTheDiskHaveTheirNames() {
        assertFailure(FsException.NoSpace.class, new IOException("No space left on device"));
        assertFailure(FsException.QuotaExceeded.class, new IOException("Disk quota exceeded"));
        assertFailure(FsException.ReadOnly.class, new IOException("Read-only file system"));
        assertFailure(FsException.AccessDenied.class, new AccessDeniedException("x"));
        assertFailure(FsException.TooLarge.class, new IOException("File too large"));
        assertFailure(FsException.Failed.class, new IOException("Input/output error"));
    }

    private void assertFailure(Class<? extends FsException> expected, IOException failure) {
        OneFailure probe = new OneFailure(0, failure);
        Path folder = newFolder();

        FsException e = assertThrows(FsException.class, () -> open(folder, probe));

        assertEquals(expected, e.getClass());
        assertTrue(String.valueOf(e.getMessage()).contains(folder.toString()), e.getMessage());
    }
}
