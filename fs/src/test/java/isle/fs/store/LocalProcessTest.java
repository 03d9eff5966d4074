package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two processes and one folder. */
class LocalProcessTest {

    @TempDir
    Path folder;

    private Process start(int count) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LocalStoreProcess.class.getName(),
                        folder.toString(),
                        Integer.toString(count))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private LocalObjectStore open() throws FsException {
        return LocalObjectStore.open(folder, InstantSource.system(), new SplittableRandom(1));
    }

    @Test
    void aSecondProcessIsRefusedUntilTheFirstIsGone() throws Exception {
        Process first = start(0);
        try (BufferedReader out = reader(first)) {
            assertEquals("open", out.readLine());

            FsException.Busy busy = assertThrows(FsException.Busy.class, this::open);
            String message = String.valueOf(busy.getMessage());
            assertTrue(message.contains(folder.toString()), message);
            assertTrue(message.contains("process " + first.pid()), message);
            assertThrows(FsException.Busy.class, () -> LocalObjectStore.openReadOnly(folder));
        } finally {
            kill(first);
        }
        open().close();
    }

    @Test
    void whatAKilledProcessHadStoredIsThere() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 3; round++) {
            Process writer = start(100_000);
            int last = 0;
            try (BufferedReader out = reader(writer)) {
                assertEquals("open", out.readLine());
                int stopAt = 30 + random.nextInt(50);
                while (last < stopAt) {
                    last = Integer.parseInt(out.readLine());
                }
            } finally {
                kill(writer);
            }
            verify(last);
        }
    }

    private void verify(int last) throws FsException {
        try (LocalObjectStore store = open()) {
            assertEquals(List.of(), store.damaged());
            for (int number = 1; number <= last; number++) {
                ByteBuffer into = ByteBuffer.allocate(100_000);
                store.get(new ObjectKey(LocalStoreProcess.key(number)), 0, into, null);
                byte[] read = Arrays.copyOf(into.array(), into.position());
                if (number % 10 != 0) {
                    assertArrayEquals(LocalStoreProcess.content(number), read);
                } else if (number + 10 > last) {
                    // The next one with this name may have been stored without having been named.
                    boolean next = Arrays.equals(LocalStoreProcess.content(number + 10), read);
                    assertTrue(next || Arrays.equals(LocalStoreProcess.content(number), read));
                }
            }
        }
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    private static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "killed");
    }
}
