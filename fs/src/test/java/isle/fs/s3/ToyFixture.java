package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.PutResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.function.Executable;

/** A store on a {@link ToyServer}, with short limits. */
abstract class ToyFixture {

    static final ObjectKey KEY = new ObjectKey("some/key");
    static final String CONTENT = "0123456789".repeat(100);

    /** Short, so that the tests are; the shares are those of {@link S3Limits#DEFAULT}. */
    static final S3Limits LIMITS = new S3Limits(Duration.ofSeconds(1), 1L << 20);

    /** What scheduling on a busy machine may add. */
    static final Duration SLACK = Duration.ofMillis(700);

    ToyServer server;
    S3ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = new ToyServer();
        store = S3ObjectStore.open(server.settings(), LIMITS, Clock.systemUTC());
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    String read() throws FsException {
        ByteBuffer into = ByteBuffer.allocate(CONTENT.length());
        store.get(KEY, 0, into, null);
        return new String(into.array(), 0, into.position(), StandardCharsets.US_ASCII);
    }

    PutResult write(int size) throws FsException {
        return store.put(KEY, Body.of(new byte[size]), ObjectMetadata.NONE);
    }

    static Duration timed(Executable call) throws Throwable {
        long start = System.nanoTime();
        call.execute();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    static void assertTimesOut(Duration limit, Executable call) throws Throwable {
        Duration took = timed(() -> assertThrows(FsException.TimedOut.class, call));
        assertTrue(took.compareTo(limit.plus(SLACK)) < 0, "took " + took + ", limit " + limit);
    }
}
