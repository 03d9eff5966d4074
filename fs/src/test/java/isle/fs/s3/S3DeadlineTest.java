package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.s3.ToyServer.Answer;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every call ends in time, whatever the server does. */
@Tag("alone")
class S3DeadlineTest extends ToyFixture {

    private final Answer hang = (request, exchange) -> exchange.hang();

    @Test
    void ofMetadataHoldAgainstAServerThatHangs() throws Throwable {
        server.answering(hang);

        assertTimesOut(LIMITS.patience(), () -> store.head(KEY));
        assertEquals(3, server.requests().size(), "tried again while there was time");
        assertTimesOut(LIMITS.patience(), () -> store.list("", true, "", 1000));
        assertTimesOut(LIMITS.patience(), () -> store.delete(KEY));
    }

    @Test
    void ofTheMountAreFiveSeconds() throws Throwable {
        server.answering(hang);

        try (S3ObjectStore normal = S3ObjectStore.open(server.settings(), Clock.systemUTC())) {
            assertTimesOut(Duration.ofSeconds(5), () -> normal.head(KEY));
        }
    }

    @Test
    void growWithTheSizeOfATransfer() {
        assertEquals(Duration.ofSeconds(5), S3Limits.DEFAULT.download(0).total());
        assertEquals(Duration.ofMillis(9500), S3Limits.DEFAULT.upload(9 << 19).total());
        assertEquals(
                Duration.ofSeconds(5 + (1 << 20)),
                S3Limits.DEFAULT.download(1L << 40).total());
    }

    @Test
    void ofDataHoldAgainstAServerThatHangs() throws Throwable {
        server.answering(hang);

        assertTimesOut(LIMITS.patience(), () -> read());
        assertTimesOut(LIMITS.patience(), () -> write(1000));
    }

    @Test
    void holdAgainstAHeaderThatComesByteByByte() throws Throwable {
        server.answering((request, exchange) -> exchange.dribble("HTTP/1.1 200 OK\r\nETag: \"0\"\r\n", 200));

        assertTimesOut(LIMITS.patience(), () -> store.head(KEY));
        assertTimesOut(LIMITS.patience(), () -> read());
        assertTimesOut(LIMITS.patience(), () -> write(10));
    }

    @Test
    void holdAgainstContentThatComesByteByByte() throws Throwable {
        server.answering((request, exchange) -> {
            exchange.send(ToyServer.rangeHead(CONTENT.length()));
            exchange.dribble(CONTENT, 150);
        });

        assertTimesOut(LIMITS.patience(), () -> read());
    }

    @Test
    void holdAgainstAListThatComesByteByByte() throws Throwable {
        server.answering((request, exchange) -> {
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
            exchange.dribble("<a>" + " ".repeat(1000), 150);
        });

        assertTimesOut(LIMITS.patience(), () -> store.list("", true, "", 1000));
    }

    @Test
    void holdAgainstAnErrorThatComesByteByByte() throws Throwable {
        server.answering((request, exchange) -> {
            exchange.send("HTTP/1.1 404 Not Found\r\nContent-Length: 1000\r\n\r\n");
            exchange.dribble("<".repeat(1000), 150);
        });

        Duration took = timed(() -> assertThrows(FsException.Unavailable.class, () -> read()));
        assertTrue(took.compareTo(LIMITS.patience().plus(SLACK)) < 0, "took " + took);
    }

    @Test
    void holdAgainstAServerThatReadsNothing() throws Throwable {
        server.withoutReadingContent().answering(hang);
        S3Limits impatient = new S3Limits(Duration.ofSeconds(1), 32L << 20);

        try (S3ObjectStore other = S3ObjectStore.open(server.settings(), impatient, Clock.systemUTC())) {
            byte[] much = new byte[32 << 20];
            assertTimesOut(Duration.ofSeconds(2), () -> other.put(KEY, Body.of(much), ObjectMetadata.NONE));
        }
    }

    @Test
    void holdWhenAllConnectionsAreTaken() throws Throwable {
        server.answering(hang);
        int callers = QuickAckHttpClient.MAX_CONNECTIONS + 10;
        ExecutorService threads = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Duration>> calls = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                calls.add(threads.submit(() -> {
                    long start = System.nanoTime();
                    assertThrows(FsException.TimedOut.class, () -> store.head(KEY));
                    return Duration.ofNanos(System.nanoTime() - start);
                }));
            }
            for (Future<Duration> call : calls) {
                Duration took = call.get();
                assertTrue(took.compareTo(LIMITS.patience().plus(SLACK)) < 0, "took " + took);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void leaveTheCallingThreadAndItsFilesAlone() throws Throwable {
        server.answering(hang);

        assertTimesOut(LIMITS.patience(), () -> store.head(KEY));

        assertTrue(!Thread.currentThread().isInterrupted());
    }

    @Test
    void aSlowServerWithinThemIsWaitedFor() throws Throwable {
        server.answering((request, exchange) -> {
            exchange.send(ToyServer.rangeHead(5));
            exchange.dribble("slow!", 100);
        });
        ByteBuffer into = ByteBuffer.allocate(5);

        store.get(KEY, 0, into, null);

        assertEquals("slow!", new String(into.array(), StandardCharsets.US_ASCII));
    }
}
