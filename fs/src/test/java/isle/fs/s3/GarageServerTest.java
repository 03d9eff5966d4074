package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rig itself. */
@Tag("garage")
class GarageServerTest {

    @TempDir
    Path folder;

    @Test
    void dataPortsAndKeysOutliveARestart() throws Exception {
        try (GarageServer server = GarageServer.start(folder)) {
            URI endpoint = server.endpoint();
            String bucket = server.createBucket();
            ObjectKey key = new ObjectKey("k");
            try (S3ObjectStore store = S3ObjectStore.open(server.settings(bucket), Clock.systemUTC())) {
                store.put(key, Body.of(new byte[10]), ObjectMetadata.NONE);
                assertEquals(1, server.requests("PutObject"));

                server.stop();
                server.restart();

                assertEquals(endpoint, server.endpoint());
                assertEquals(10, store.head(key).summary().size());
                assertEquals(0, server.requests("PutObject"), "counts begin with the process");
                assertEquals(server.allRequests(), server.requests("HeadObject"));
            }
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("garage.toml"))));
        }
    }

    @Test
    void nothingSurvivesAKilledTestRun() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestRun.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        ProcessHandle garage;
        try (BufferedReader out = jvm.inputReader(StandardCharsets.UTF_8)) {
            garage = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
            assertTrue(garage.isAlive());
        } finally {
            jvm.destroyForcibly();
        }

        garage.onExit().get(10, TimeUnit.SECONDS);
        assertFalse(garage.isAlive());
    }

    /** A test run that starts a server and never ends by itself. */
    static final class TestRun {

        private TestRun() {}

        public static void main(String[] arguments) throws Exception {
            try (GarageServer server = GarageServer.start(Path.of(arguments[0]))) {
                System.out.println(server.pid());
                new CountDownLatch(1).await();
            }
        }
    }
}
