package isle.mountd.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines and bytes over a real socket. */
class WireTest {

    private static final long SILENCE_MILLIS = 300;

    @TempDir
    private Path folder;

    private Wire client;
    private Wire server;
    private SocketChannel raw;

    @BeforeEach
    void connect() throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s"));
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            client = Wire.impatient(SocketChannel.open(address), SILENCE_MILLIS);
            raw = listener.accept();
            server = Wire.patient(raw);
        }
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void linesAndFramesMix() throws Exception {
        byte[] content = new byte[3 * Wire.MAX_FRAME_BYTES + 17];
        new Random(3).nextBytes(content);
        Thread sender = new Thread(() -> {
            try {
                server.writeLine(JsonObject.EMPTY.with("is", "first"));
                for (int from = 0; from < content.length; from += Wire.MAX_FRAME_BYTES) {
                    int length = Math.min(Wire.MAX_FRAME_BYTES, content.length - from);
                    server.writeFrame(ByteBuffer.wrap(content, from, length));
                }
                server.writeLine(JsonObject.EMPTY.with("is", "last"));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        sender.start();
        assertEquals("first", client.readLine().orElseThrow().text("is"));
        ByteBuffer got = ByteBuffer.allocate(content.length);
        ByteBuffer frame = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES);
        JsonObject line = client.readLine().orElseThrow();
        while (line.text("is").equals("data")) {
            client.readFrame(line, frame);
            got.put(frame);
            line = client.readLine().orElseThrow();
        }
        assertEquals("last", line.text("is"));
        assertArrayEquals(content, got.array());
        sender.join();
    }

    @Test
    void aSilentSideIsNotWaitedForForEver() {
        long begin = System.nanoTime();
        assertThrows(SocketTimeoutException.class, () -> client.readLine());
        assertTrue(System.nanoTime() - begin < 10_000_000_000L);
    }

    @Test
    void aSideThatTakesNothingIsNotWaitedForForEver() {
        ByteBuffer content = ByteBuffer.allocate(Wire.MAX_FRAME_BYTES);
        assertThrows(SocketTimeoutException.class, () -> {
            while (true) {
                client.writeFrame(content.clear());
            }
        });
    }

    @Test
    void theEndBetweenLinesIsAnEndAndInALineAMistake() throws Exception {
        server.writeLine(JsonObject.EMPTY);
        raw.write(ByteBuffer.wrap("{\"half\":".getBytes(StandardCharsets.UTF_8)));
        server.close();
        assertEquals(JsonObject.EMPTY, client.readLine().orElseThrow());
        assertThrows(EOFException.class, () -> client.readLine());
    }

    @Test
    void aLineWithoutEndDoesNotFillTheMemory() throws Exception {
        Thread sender = new Thread(() -> {
            try {
                ByteBuffer text = ByteBuffer.wrap(" ".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8));
                while (true) {
                    raw.write(text.rewind());
                }
            } catch (java.io.IOException e) {
                // The other side has hung up, as it should.
            }
        });
        sender.start();
        assertThrows(ProtocolException.class, () -> client.readLine());
        client.close();
        sender.join();
    }

    @Test
    void aFrameLargerThanAnnouncedLimitsIsRefused() throws Exception {
        JsonObject line = JsonObject.EMPTY.with("is", "data").with("length", Wire.MAX_FRAME_BYTES + 1L);
        assertThrows(
                ProtocolException.class, () -> client.readFrame(line, ByteBuffer.allocate(2 * Wire.MAX_FRAME_BYTES)));
        JsonObject negative = JsonObject.EMPTY.with("is", "data").with("length", -1);
        assertThrows(ProtocolException.class, () -> client.readFrame(negative, ByteBuffer.allocate(16)));
    }
}
