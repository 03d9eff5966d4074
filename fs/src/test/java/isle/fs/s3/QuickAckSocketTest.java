package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class QuickAckSocketTest {

    private static final String ANSWER = "HTTP/1.1 403 Forbidden\r\n\r\n";
    private static final byte[] MUCH = new byte[200_000];

    private final ServerSocket server;

    QuickAckSocketTest() throws IOException {
        server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** Answers after the first bytes, or not at all, and hangs up while more comes. */
    private QuickAckSocket refused(String answer) throws IOException {
        QuickAckSocket client = new QuickAckSocket();
        client.connect(server.getLocalSocketAddress());
        client.setSoTimeout(5000);
        client.getOutputStream().write(MUCH, 0, 1000);
        try (Socket other = server.accept()) {
            other.getInputStream().read();
            other.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        }
        return client;
    }

    private static void writeMuch(Socket client) throws IOException {
        OutputStream out = client.getOutputStream();
        for (int i = 0; i < 20; i++) {
            out.write(MUCH);
        }
    }

    @Test
    void anAnswerThatCameBeforeAllWasSentIsRead() throws IOException {
        try (server;
                Socket client = refused(ANSWER)) {
            writeMuch(client);
            byte[] found = client.getInputStream().readNBytes(ANSWER.length());
            assertEquals(ANSWER, new String(found, StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aHangUpWithoutAnAnswerIsAnError() throws IOException {
        try (server;
                Socket client = refused("")) {
            assertThrows(SocketException.class, () -> writeMuch(client));
        }
    }
}
