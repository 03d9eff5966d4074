package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.ToyServer.Answer;
import isle.fs.s3.ToyServer.Request;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens when the server cuts off, resets or refuses, or is no store at all. */
@Tag("alone")
class S3FaultsTest extends ToyFixture {

    @Nested
    class Truncated {

        private final Answer truncated = (request, exchange) -> {
            exchange.send(ToyServer.rangeHead(CONTENT.length()) + CONTENT.substring(0, 600));
            throw new IOException("enough");
        };

        @Test
        void contentIsReadAgain() throws Exception {
            server.answering(truncated, truncated, ToyServer.range(CONTENT));

            assertEquals(CONTENT, read());
        }

        @Test
        void contentIsNeverHandedOut() {
            server.answering(truncated);

            assertThrows(FsException.Unavailable.class, () -> read());
            assertEquals(S3Clients.MAX_ATTEMPTS, server.requests().size());
        }

        @Test
        void contentInADirectBufferIsReadAgainFromItsStart() throws Exception {
            server.answering(truncated, ToyServer.range(CONTENT));
            ByteBuffer into = ByteBuffer.allocateDirect(CONTENT.length() + 3);
            into.put(new byte[] {'a', 'b', 'c'});

            store.get(KEY, 0, into, null);

            byte[] seen = new byte[into.flip().limit()];
            into.get(seen);
            assertEquals("abc" + CONTENT, new String(seen, StandardCharsets.US_ASCII));
        }

        @Test
        void rangeIsAnError() {
            server.answering((request, exchange) -> exchange.send("HTTP/1.1 206 Partial Content\r\n"
                    + "Content-Length: 10\r\nContent-Range: bytes 0-9/1000\r\n\r\n0123456789"));

            assertThrows(FsException.Unavailable.class, () -> read());
        }

        @Test
        void rangeFromElsewhereIsAnError() {
            server.answering((request, exchange) -> exchange.send("HTTP/1.1 206 Partial Content\r\n"
                    + "Content-Length: 1000\r\nContent-Range: bytes 5-1004/2000\r\n\r\n" + CONTENT));

            assertThrows(FsException.Unavailable.class, () -> read());
        }

        /** What would be missing, or be half of it: content's identity and length, times, modes. */
        @Test
        void headsOfAnswersAreErrorsWhereverTheyEnd() {
            String good = String.join(
                    "\r\n",
                    "HTTP/1.1 200 OK",
                    "ETag: \"0123456789abcdef\"",
                    "x-amz-meta-mode: 33188",
                    "Last-Modified: Thu, 02 Jan 2025 03:04:05 GMT",
                    "Content-Length: 0",
                    "",
                    "");
            for (int end = 0; end < good.length(); end += 9) {
                String half = good.substring(0, end);
                server.answering((request, exchange) -> {
                    exchange.send(half);
                    throw new IOException("enough");
                });
                assertThrows(FsException.Unavailable.class, () -> store.head(KEY), half);
                assertThrows(
                        FsException.Unavailable.class,
                        () -> store.put(KEY, Body.of(new byte[0]), ObjectMetadata.NONE),
                        half);
                assertThrows(FsException.Unavailable.class, () -> store.delete(KEY), half);
            }
        }

        @Test
        void listIsAnError() {
            String half = "<?xml version=\"1.0\"?><ListBucketResult><Contents><Key>a</Key></Contents>";
            server.answering((request, exchange) -> {
                exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + half);
                throw new IOException("enough");
            });
            assertThrows(FsException.Unavailable.class, () -> store.list("", false, "", 1000));

            server.answering((request, exchange) -> {
                exchange.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half);
                throw new IOException("enough");
            });
            assertThrows(FsException.Unavailable.class, () -> store.list("", false, "", 1000));
        }
    }

    @Nested
    class Refused {

        private final Answer reset = (request, exchange) -> exchange.reset();
        private final Answer hangUp = (request, exchange) -> {
            throw new IOException("no answer");
        };

        @Test
        void connectionsAreUnavailableAtOnce() throws Throwable {
            server.close();

            Duration took = timed(() -> {
                assertThrows(FsException.Unavailable.class, () -> store.head(KEY));
                assertThrows(FsException.Unavailable.class, () -> read());
                assertThrows(FsException.Unavailable.class, () -> write(10));
                assertThrows(FsException.Unavailable.class, () -> store.list("", false, "", 1));
            });
            assertTrue(took.toMillis() < 4000, "took " + took);
        }

        @Test
        void resetsAndHangUpsOfReadsAreTriedAgain() throws Exception {
            server.answering(reset, hangUp, ToyServer.range(CONTENT));
            assertEquals(CONTENT, read());
        }

        /** What was sent may still be carried out, after whatever is sent next. */
        @Test
        void writesWithoutAnAnswerAreLeftToTheCaller() {
            for (Answer none : List.of(reset, hangUp, ToyServer.error(504, "GatewayTimeout", "no answer"))) {
                server.answering(none, ToyServer.ok());
                assertThrows(FsException.Unavailable.class, () -> write(5000));
                server.answering(none, ToyServer.ok());
                assertThrows(FsException.Unavailable.class, () -> store.delete(KEY));
            }
            // A store that hangs up may say why to a request without content.
            List<String> sent =
                    server.requests().stream().map(ToyServer.Request::method).toList();
            assertEquals(List.of("PUT", "HEAD", "DELETE", "PUT", "HEAD", "DELETE", "PUT", "DELETE"), sent);
        }

        @Test
        void connectionsThatDiedSilentlyCostOneAttempt() throws Exception {
            Set<Socket> dead = ConcurrentHashMap.newKeySet();
            int callers = 8;
            CyclicBarrier together = new CyclicBarrier(callers);
            server.answering((request, exchange) -> {
                dead.add(exchange.socket());
                together.await();
                ToyServer.ok().to(request, exchange);
            });
            ExecutorService threads = Executors.newFixedThreadPool(callers);
            List<Future<ObjectHead>> heads = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                heads.add(threads.submit(() -> store.head(KEY)));
            }
            for (Future<ObjectHead> head : heads) {
                head.get();
            }
            threads.shutdown();
            assertEquals(callers, dead.size());

            // The network changed: nothing comes back on what was connected before.
            server.answering((request, exchange) -> {
                if (dead.contains(exchange.socket())) {
                    exchange.hang();
                }
                ToyServer.ok().to(request, exchange);
            });
            assertEquals("e1", store.head(KEY).summary().etag());
            assertEquals("e1", write(10).etag());
            assertEquals(callers + 1, server.connections());
        }

        @Test
        void contentMayComeFromTheStoreItself() throws Exception {
            server.answering(ToyServer.range(CONTENT), ToyServer.range(CONTENT), ToyServer.ok());
            Body copied = new Body() {
                @Override
                public long size() {
                    return CONTENT.length();
                }

                @Override
                public InputStream open() throws IOException {
                    return new ByteArrayInputStream(read().getBytes(StandardCharsets.US_ASCII));
                }
            };

            assertEquals("e1", store.put(KEY, copied, ObjectMetadata.NONE).etag());
        }

        @Test
        void resetsThatGoOnAreUnavailable() {
            server.answering(reset);
            assertThrows(FsException.Unavailable.class, () -> read());

            server.answering(hangUp);
            assertThrows(FsException.Unavailable.class, () -> store.delete(KEY));
        }

        @Test
        void aBusyServerIsTriedThreeTimes() throws Exception {
            Answer busy = ToyServer.error(503, "SlowDown", "later");
            server.answering(busy, busy, ToyServer.ok());
            write(10);
            assertEquals(3, server.requests().size());

            server.answering(busy);
            assertThrows(FsException.Unavailable.class, () -> write(10));
            assertEquals(6, server.requests().size());
        }

        @Test
        void whatCannotSucceedIsTriedOnce() {
            server.answering(ToyServer.error(501, "NotImplemented", "no"));
            assertThrows(FsException.Unsupported.class, () -> write(10));
            server.answering(ToyServer.error(507, "InsufficientStorage", "full"));
            assertThrows(FsException.NoSpace.class, () -> write(10));
            server.answering(ToyServer.error(400, "InvalidRequest", "what?"));
            assertThrows(FsException.Invalid.class, () -> write(10));
            server.answering(ToyServer.error(431, "", ""));
            assertThrows(FsException.TooLarge.class, () -> write(10));
            assertEquals(4, server.requests().size());
        }

        @Test
        void anUploadRefusedBeforeItsEndSaysWhy() throws Exception {
            server.withoutReadingContent().answering((request, exchange) -> {
                ToyServer.error(403, "QuotaExceeded", "full").to(request, exchange);
                exchange.hang();
            });

            assertThrows(FsException.QuotaExceeded.class, () -> write(4 << 20));
        }

        @Test
        void aLostAnswerToTheEndOfAnUploadIsFoundOut() throws Exception {
            String etag = "0123456789abcdef0123456789abcdef";
            byte[] md5 = MessageDigest.getInstance("MD5").digest(HexFormat.of().parseHex(etag));
            String whole = HexFormat.of().formatHex(md5) + "-1";
            Answer there = (request, exchange) ->
                    exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"" + whole + "\"\r\n\r\n");

            server.answering(hangUp, ToyServer.error(404, "NoSuchUpload", "gone"), there);
            assertEquals(
                    whole,
                    store.completeUpload(KEY, "id", List.of(new Part(1, etag))).etag());

            server.answering(hangUp, ToyServer.error(404, "NoSuchUpload", "gone"), ToyServer.ok());
            assertThrows(FsException.NotFound.class, () -> store.completeUpload(KEY, "id", List.of(new Part(1, etag))));
        }
    }

    @Nested
    class OnTheWire {

        @Test
        void anUploadIsOnePlainSignedBody() throws Exception {
            server.answering(ToyServer.ok());
            byte[] content = CONTENT.getBytes(StandardCharsets.US_ASCII);

            store.put(KEY, Body.of(content), ObjectMetadata.NONE);

            Request put = server.requests().get(0);
            assertEquals("PUT", put.method());
            assertEquals("/bucket/some/key", put.target());
            assertArrayEquals(content, put.content());
            assertEquals("1000", put.header("content-length"));
            assertEquals(
                    HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content)),
                    put.header("x-amz-content-sha256"));
            assertNull(put.header("expect"));
            assertNull(put.header("content-encoding"));
            assertNull(put.header("x-amz-trailer"));
            assertNull(put.header("x-amz-checksum-crc32"));
        }

        @Test
        void requestsOneAfterTheOtherShareAConnection() throws Exception {
            server.answering(ToyServer.range(CONTENT));
            for (int i = 0; i < 20; i++) {
                read();
            }
            server.answering(ToyServer.ok());
            for (int i = 0; i < 20; i++) {
                store.head(KEY);
                write(10);
            }
            server.answering(ToyServer.error(404, "NoSuchKey", "none"));
            for (int i = 0; i < 20; i++) {
                assertThrows(FsException.NotFound.class, () -> read());
                assertThrows(FsException.NotFound.class, () -> store.head(KEY));
            }

            assertEquals(1, server.connections());
        }

        @Test
        void aKeyThatIsTooLongIsNotSent() {
            server.answering(ToyServer.ok());
            ObjectKey tooLong = new ObjectKey("k".repeat(472));

            assertThrows(
                    FsException.NameTooLong.class, () -> store.put(tooLong, Body.of(new byte[1]), ObjectMetadata.NONE));
            assertThrows(FsException.NameTooLong.class, () -> store.head(tooLong));

            assertEquals(0, server.connections());
        }

        @Test
        void aSlashAtTheStartOfAKeyIsEscaped() throws Exception {
            server.answering(ToyServer.ok());

            store.head(new ObjectKey("/a//b"));
            store.head(new ObjectKey("//a"));
            store.head(new ObjectKey("a//b/../c"));

            assertEquals(
                    List.of("/bucket/%2Fa//b", "/bucket/%2F/a", "/bucket/a//b/../c"),
                    server.requests().stream().map(Request::target).toList());
        }
    }

    /** A gateway that answers for everything, the address of another server: nothing it says may be believed. */
    @Nested
    class NotAStore {

        private final Answer page = (request, exchange) -> {
            String html = "<html><head/><body>Please log in</body></html>";
            String head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " + html.length() + "\r\n\r\n";
            exchange.send(request.method().equals("HEAD") ? head : head + html);
        };

        private final Answer nothingHere =
                (request, exchange) -> exchange.send("HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"
                        + (request.method().equals("HEAD") ? "" : "Not Found"));

        @Test
        void hasNoObjectsAndLosesNone() {
            for (Answer answer : List.of(page, nothingHere)) {
                server.answering(answer);
                Class<FsException.Unavailable> unavailable = FsException.Unavailable.class;

                assertThrows(unavailable, () -> store.head(KEY));
                assertThrows(unavailable, () -> read());
                assertThrows(unavailable, () -> write(10));
                assertThrows(unavailable, () -> store.list("", true, "", 1000));
                assertThrows(unavailable, () -> store.delete(KEY));
                assertThrows(unavailable, () -> store.copy(KEY, null, KEY, ObjectMetadata.NONE));
                assertThrows(unavailable, () -> store.startUpload(KEY, ObjectMetadata.NONE));
                assertThrows(unavailable, () -> store.uploadPart(KEY, "id", 1, Body.of(new byte[1])));
                assertThrows(unavailable, () -> store.completeUpload(KEY, "id", List.of(new Part(1, "e"))));
                assertThrows(unavailable, () -> store.pendingUploads(""));
                assertEquals(
                        ProbeResult.Outcome.UNREACHABLE,
                        store.probe(true, new SplittableRandom(1)).outcome());
            }
        }

        @Test
        void deletesNothing() throws Exception {
            server.answering(page);

            assertThrows(FsException.Unavailable.class, () -> {
                Map<ObjectKey, FsException> left = store.deleteMany(List.of(KEY, new ObjectKey("other")));
                assertEquals(2, left.size());
                throw new FsException.Unavailable("as good as thrown");
            });
        }
    }

    @Test
    void aSourceThatFailsIsNoFailureOfTheStore() throws Exception {
        server.answering(ToyServer.ok());
        IOException broken = new IOException("the disk is broken");

        FsException.Failed failed = assertThrows(
                FsException.Failed.class, () -> store.put(KEY, new FailingBody(10, broken), ObjectMetadata.NONE));
        assertEquals(broken, failed.getCause());
        FsException.Corrupt own = new FsException.Corrupt("the journal is damaged");
        assertEquals(
                own,
                assertThrows(
                        FsException.Corrupt.class,
                        () -> store.put(KEY, new FailingBody(10, own), ObjectMetadata.NONE)));
        assertEquals(0, server.requests().size());
    }

    @Test
    void anInterruptEndsACallAndIsKept() throws Exception {
        server.answering((request, exchange) -> exchange.hang());
        Thread caller = Thread.currentThread();
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<?> interruption = other.submit(() -> {
            TimeUnit.MILLISECONDS.sleep(100);
            caller.interrupt();
            return null;
        });

        assertThrows(FsException.class, () -> store.head(KEY));

        assertTrue(Thread.interrupted());
        interruption.get();
        other.shutdown();
    }

    @Test
    void closingEndsCallsAndLaterOnesFail() throws Exception {
        server.answering((request, exchange) -> exchange.hang());
        ExecutorService other = Executors.newSingleThreadExecutor();
        Future<?> call = other.submit(() -> assertThrows(FsException.Unavailable.class, () -> store.head(KEY)));
        while (server.requests().isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }

        store.close();

        call.get(1, TimeUnit.SECONDS);
        assertThrows(FsException.Unavailable.class, () -> store.head(KEY));
        other.shutdown();
    }
}
