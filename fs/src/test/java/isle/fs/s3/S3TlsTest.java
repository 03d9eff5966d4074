package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client over TLS, with a certificate made for the test. */
@Tag("alone")
class S3TlsTest {

    private static final char[] PASSWORD = "password".toCharArray();
    private static final ObjectKey KEY = new ObjectKey("k");
    private static final S3Limits LIMITS = new S3Limits(Duration.ofSeconds(1), 1L << 20);

    @TempDir
    static Path folder;

    private static SSLContext serverSide;
    private static SSLContext trusting;

    @BeforeAll
    static void makeCertificate() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "toy",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertEquals(0, keytool.waitFor(), () -> "see " + folder.resolve("keytool.log"));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        serverSide = SSLContext.getInstance("TLS");
        serverSide.init(own.getKeyManagers(), null, null);
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("toy", keys.getCertificate("toy"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(certificates);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, trust.getTrustManagers(), null);
    }

    private static ToyServer tlsServer() throws Exception {
        return new ToyServer(serverSide.getServerSocketFactory(), "https");
    }

    private static S3ObjectStore open(S3Settings settings, SSLContext trust) {
        QuickAckHttpClient http = QuickAckHttpClient.create(proxy -> new QuickAckSocket(), trust);
        return new S3ObjectStore(new S3Session(settings, LIMITS, http, Clock.systemUTC()));
    }

    @Test
    void requestsShareATlsConnection() throws Exception {
        try (ToyServer server = tlsServer();
                S3ObjectStore store = open(server.settings(), trusting)) {
            server.answering(ToyServer.range("hello"));
            for (int i = 0; i < 10; i++) {
                store.get(KEY, 0, ByteBuffer.allocate(5), null);
            }
            server.answering(ToyServer.ok());
            byte[] content = new byte[300_000];
            store.put(KEY, Body.of(content), ObjectMetadata.NONE);

            assertEquals(1, server.connections());
            assertEquals(content.length, server.requests().get(10).content().length);
        }
    }

    @Test
    void aCertificateThatNobodyTrustsIsNamedAsTheReason() throws Exception {
        try (ToyServer server = tlsServer();
                S3ObjectStore store = open(server.settings(), SSLContext.getDefault())) {
            server.answering(ToyServer.ok());

            FsException e = assertThrows(FsException.Unavailable.class, () -> store.head(KEY));

            assertTrue(String.valueOf(e.getMessage()).contains("TLS"), e.getMessage());
            assertTrue(server.requests().isEmpty());
        }
    }

    @Test
    void deadlinesHoldAgainstAHandshakeThatHangs() throws Exception {
        // The kernel accepts the connection, and nobody ever reads from it.
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                S3ObjectStore store = open(
                        new S3Settings(
                                URI.create("https://127.0.0.1:" + silent.getLocalPort()),
                                "garage",
                                "bucket",
                                S3Credentials.of("i", "s")),
                        trusting)) {
            long start = System.nanoTime();
            assertThrows(FsException.TimedOut.class, () -> store.head(KEY));
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertTrue(millis < LIMITS.patience().toMillis() + 700, "took " + millis + " ms");
        }
    }

    @Test
    void deadlinesHoldAgainstContentThatComesByteByByte() throws Exception {
        try (ToyServer server = tlsServer();
                S3ObjectStore store = open(server.settings(), trusting)) {
            server.answering((request, exchange) -> {
                exchange.send(ToyServer.rangeHead(1000));
                exchange.dribble("x".repeat(1000), 100);
            });
            long start = System.nanoTime();
            assertThrows(FsException.TimedOut.class, () -> store.get(KEY, 0, ByteBuffer.allocate(1000), null));
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            assertTrue(millis < LIMITS.patience().toMillis() + 700, "took " + millis + " ms");
        }
    }
}
