package isle.fs.fuse;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens when the file system behind the handlers breaks or stalls. */
class FaultsTest extends MountedTest {

    private final List<Process> readers = new ArrayList<>();

    @AfterEach
    void noReaderIsLeft() throws IOException, InterruptedException {
        rig.order("go");
        for (Process reader : readers) {
            assertTrue(reader.waitFor(30, TimeUnit.SECONDS));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"boom-runtime", "boom-stack", "boom-memory", "boom-heap", "boom-io"})
    void abrokenHandlerIsAnInputOutputErrorAndNothingElse(String fault) throws IOException {
        String output = python("""
                fault = sys.argv[1]
                open(fault, 'w').close()
                for i in range(5):
                    assert error_of(os.mkdir, fault + 'd') == 'EIO'
                    assert error_of(os.unlink, fault) == 'EIO'
                    fd = os.open('f', os.O_CREAT | os.O_RDWR)
                    assert error_of(os.write, fd, fault.encode()) == 'EIO'
                    os.pwrite(fd, b'fine', 0)
                    assert os.pread(fd, 9, 0) == b'fine'
                    os.close(fd)
                print(sorted(os.listdir('.')))
                """, fault);
        assertEquals("['" + fault + "', 'f']", output);
        assertTrue(rig.isAlive());
    }

    @Test
    void readersThatWaitForTheStoreHoldUpNobodyElse() throws IOException {
        Path quick = Files.writeString(dir.resolve("quick"), "quick");
        int count = 40;
        for (int i = 0; i < count; i++) {
            Files.writeString(dir.resolve("s" + i), "slow");
            // The kernel keeps what was just written: only a file that changed behind it is read from us.
            readers.add(new ProcessBuilder("dd", "if=s" + i, "iflag=direct", "status=none", "of=/dev/null")
                    .directory(dir.toFile())
                    .start());
        }
        long start = System.nanoTime();
        while (Integer.parseInt(rig.tell("threads")) <= count && System.nanoTime() - start < 20_000_000_000L) {
            assertEquals("quick", Files.readString(quick));
            Shell.sh(dir, "stat -f . > /dev/null; ls > /dev/null; sleep 0.05");
        }
        int threads = Integer.parseInt(rig.tell("threads"));
        assertTrue(threads > count && threads <= Loop.MOST, threads + " threads");
        rig.order("go");
        for (int i = 0; i < 400; i++) {
            Files.writeString(dir.resolve("after" + i), "x");
        }
        int left = Integer.parseInt(rig.tell("threads"));
        assertTrue(left < threads / 2, left + " threads after the rush");
    }
}
