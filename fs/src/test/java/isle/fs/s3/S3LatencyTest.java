package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The one reason for an HTTP client of our own. */
@Tag("garage")
@Tag("alone")
class S3LatencyTest {

    @RegisterExtension
    static final GarageExtension GARAGE = GarageExtension.withoutFsync();

    private static final int OBJECT_BYTES = 4096;
    private static final int GETS = 200;

    /** A delayed acknowledgement costs 40 ms, so this is far from both. */
    private static final double MOST_MILLIS = 15;

    @Test
    void aSmallGetDoesNotWaitForADelayedAcknowledgement() throws Exception {
        double quick = medianMillis(proxy -> new QuickAckSocket());
        double plain = medianMillis(proxy -> new Socket());

        System.out.printf(
                "GET of %d bytes on one connection, median of %d: %.2f ms; without quick acknowledgement %.2f ms%n",
                OBJECT_BYTES, GETS, quick, plain);
        assertTrue(quick < MOST_MILLIS, "median " + quick + " ms");
    }

    private static double medianMillis(DetachedSocketFactory sockets) throws Exception {
        GarageServer server = GARAGE.server();
        S3Settings settings = server.settings(server.createBucket());
        QuickAckHttpClient http = QuickAckHttpClient.create(sockets, SSLContext.getDefault());
        ObjectKey key = new ObjectKey("small");
        long[] nanos = new long[GETS];
        try (S3ObjectStore store =
                new S3ObjectStore(new S3Session(settings, S3Limits.DEFAULT, http, Clock.systemUTC()))) {
            store.put(key, Body.of(new byte[OBJECT_BYTES]), ObjectMetadata.NONE);
            for (int i = 0; i < GETS; i++) {
                nanos[i] = timedGet(store, key);
            }
        }
        Arrays.sort(nanos);
        return nanos[GETS / 2] / 1e6;
    }

    private static long timedGet(S3ObjectStore store, ObjectKey key) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(OBJECT_BYTES);
        long start = System.nanoTime();
        store.get(key, 0, into, null);
        long took = System.nanoTime() - start;
        assertEquals(OBJECT_BYTES, into.position());
        return took;
    }
}
