package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.ToyServer.Answer;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** No key gets out, whatever a server writes into its errors and however much is logged. */
class S3SecrecyTest {

    private static final String ID = "GKvisible0access0key";
    private static final String SECRET = "a-very-secret-key-indeed";
    private static final ObjectKey KEY = new ObjectKey("k");

    @Test
    void noErrorAndNoLogShowsAKey() throws Exception {
        String gossip = "key " + ID + " secret " + SECRET;
        List<Answer> answers = List.of(
                ToyServer.error(403, "InvalidAccessKeyId", gossip),
                ToyServer.error(403, "SignatureDoesNotMatch", gossip),
                ToyServer.error(403, "AccessDenied", "No such key: " + ID),
                ToyServer.error(403, "AccessDenied", gossip),
                ToyServer.error(400, "AuthorizationHeaderMalformed", gossip),
                ToyServer.error(400, "InvalidRequest", gossip),
                ToyServer.error(418, gossip, gossip),
                ToyServer.error(500, "InternalError", gossip),
                ToyServer.error(404, "NoSuchBucket", gossip),
                (request, exchange) -> exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + gossip),
                (request, exchange) -> exchange.send(gossip + "\r\n\r\n"));
        List<String> texts = new ArrayList<>();
        List<String> log;
        try (ToyServer server = new ToyServer();
                Secrets.LogTap tap = new Secrets.LogTap()) {
            S3Settings settings = new S3Settings(server.endpoint(), "garage", "bucket", S3Credentials.of(ID, SECRET));
            S3Limits limits = new S3Limits(Duration.ofMillis(800), 1 << 20);
            try (S3ObjectStore store = S3ObjectStore.open(settings, limits, Clock.systemUTC())) {
                texts.add(store.capabilities().toString());
                for (Answer answer : answers) {
                    server.answering(answer);
                    List<Executable> calls = List.of(
                            () -> store.head(KEY),
                            () -> store.get(KEY, 0, ByteBuffer.allocate(1), null),
                            () -> store.put(KEY, Body.of(new byte[1]), ObjectMetadata.NONE),
                            () -> store.list("", true, "", 1));
                    for (Executable call : calls) {
                        texts.add(Secrets.fullText(assertThrows(FsException.class, call)));
                    }
                    texts.add(
                            store.probe(true, new java.util.SplittableRandom(1)).toString());
                }
            }
            log = tap.lines();
        }
        for (String text : texts) {
            assertFalse(text.contains(SECRET), text);
            assertFalse(text.contains(ID), text);
        }
        assertTrue(log.size() > 100, "the log was listened to");
        // What the server itself sent is in the wire log, and is not ours.
        for (String line : log) {
            assertFalse(line.contains(SECRET) && !line.contains("secret " + SECRET), line);
        }
    }
}
