package isle.fs.s3;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * A socket that acknowledges what it receives at once.
 *
 * <p>Garage writes the header and the body of an answer separately with Nagle's algorithm on, so the body of a small
 * object waits for the acknowledgement of the header, which Linux holds back for 40 ms. Measured: a small GET takes
 * 44 ms without this class and 0.5 ms with it. The option does not last: the kernel falls back to delayed
 * acknowledgements by itself, so it is set again before each read. Where it does not exist, this is a plain socket.
 *
 * <p>A store that refuses an upload answers at once and hangs up. Whoever still writes then meets a broken pipe, although
 * the answer is there: it is as if all was sent, and the answer is read.
 */
final class QuickAckSocket extends Socket {

    private volatile boolean supported;
    private @Nullable InputStream input;
    private @Nullable OutputStream output;

    QuickAckSocket() {
        supported = supportedOptions().contains(ExtendedSocketOptions.TCP_QUICKACK);
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        InputStream known = input;
        if (known == null) {
            known = new QuickAckStream(super.getInputStream());
            input = known;
        }
        return known;
    }

    @Override
    public synchronized OutputStream getOutputStream() throws IOException {
        OutputStream known = output;
        if (known == null) {
            known = new UntilAnswered(super.getOutputStream());
            output = known;
        }
        return known;
    }

    private void acknowledgeAtOnce() {
        if (!supported) {
            return;
        }
        try {
            setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
        } catch (SocketException closed) {
            // The read that follows reports it.
            return;
        } catch (IOException | UnsupportedOperationException refused) {
            supported = false;
        }
    }

    private final class QuickAckStream extends FilterInputStream {

        QuickAckStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            acknowledgeAtOnce();
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            acknowledgeAtOnce();
            return in.read(into, offset, length);
        }
    }

    private final class UntilAnswered extends FilterOutputStream {
        private boolean answered;

        UntilAnswered(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            if (answered) {
                return;
            }
            try {
                out.write(from, offset, length);
            } catch (SocketException e) {
                if (isClosed() || getInputStream().available() == 0) {
                    throw e;
                }
                answered = true;
            }
        }
    }
}
