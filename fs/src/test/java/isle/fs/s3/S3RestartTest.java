package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A Garage that is killed, started again, stopped and continued under a running client. */
@Tag("garage")
@Tag("alone")
class S3RestartTest {

    @RegisterExtension
    static final GarageExtension GARAGE = new GarageExtension();

    private GarageServer server;
    private S3ObjectStore store;

    @BeforeEach
    void open() {
        server = GARAGE.server();
        store = S3ObjectStore.open(server.settings(server.createBucket()), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static ObjectKey key(int i) {
        return new ObjectKey("k" + i);
    }

    private void put(int i) throws FsException {
        store.put(key(i), Body.of(new byte[4096]), ObjectMetadata.NONE);
    }

    private int get(int i) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(5000);
        store.get(key(i), 0, into, null);
        return into.position();
    }

    @Test
    void nothingFailsAfterARestartThoughAllConnectionsAreDead() throws Exception {
        int connections = 16;
        put(0);
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            for (int round = 0; round < 2; round++) {
                List<Future<Integer>> reads = new ArrayList<>();
                for (int i = 0; i < connections; i++) {
                    reads.add(threads.submit(() -> get(0)));
                }
                for (Future<Integer> read : reads) {
                    assertEquals(4096, read.get());
                }
                if (round == 0) {
                    server.kill();
                    server.restart();
                }
            }
        } finally {
            threads.shutdown();
        }
        put(1);
        assertEquals(2, store.list("", false, "", 10).objects().size());
    }

    @Test
    void whatWasAcknowledgedSurvivesAKill() throws Exception {
        for (int i = 0; i < 20; i++) {
            put(i);
        }
        server.kill();

        long start = System.nanoTime();
        assertThrows(FsException.Unavailable.class, () -> get(0));
        assertThrows(FsException.Unavailable.class, () -> put(0));
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 4000, "refused connections fail at once");

        server.restart();
        for (int i = 0; i < 20; i++) {
            assertEquals(4096, get(i));
        }
    }

    @Test
    void aServerThatIsStoppedTimesOutAndComesBack() throws Exception {
        put(0);
        server.suspend();
        try {
            long start = System.nanoTime();
            assertThrows(FsException.TimedOut.class, () -> store.head(key(0)));
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertTrue(millis < 6000, "took " + millis + " ms");
            assertThrows(FsException.TimedOut.class, () -> put(0));
        } finally {
            server.resume();
        }

        assertEquals(4096, get(0));
        put(1);
    }
}
