package isle.mountd.api;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One connection between the command line and the daemon: JSON objects, one a line, and runs of raw bytes that a line
 * has announced. Used by one thread at a time.
 */
public final class Wire implements Closeable {

    /** Version of the protocol; in the first line of each side. */
    public static final int VERSION = 1;

    /** Most bytes of content that one line may announce. */
    public static final int MAX_FRAME_BYTES = 256 * 1024;

    /** Longest line: a path of 4096 bytes needs at most six times as many. */
    static final int MAX_LINE_BYTES = 1024 * 1024;

    private static final int BUFFER_BYTES = 16 * 1024;

    private final SocketChannel channel;
    private final @Nullable Selector selector;
    private final long silenceMillis;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).flip();

    private Wire(SocketChannel channel, @Nullable Selector selector, long silenceMillis) {
        this.channel = channel;
        this.selector = selector;
        this.silenceMillis = silenceMillis;
    }

    /** A connection that waits for the other side as long as it takes: the daemon's end. */
    public static Wire patient(SocketChannel channel) {
        return new Wire(channel, null, 0);
    }

    /** A connection on which the other side may be silent for so long, then it is a {@link SocketTimeoutException}. */
    public static Wire impatient(SocketChannel channel, long silenceMillis) throws IOException {
        Selector selector = Selector.open();
        channel.configureBlocking(false);
        channel.register(selector, 0);
        return new Wire(channel, selector, silenceMillis);
    }

    /** The next line, or empty when the other side has closed the connection. */
    public Optional<JsonObject> readLine() throws IOException {
        byte[] line = new byte[256];
        int length = 0;
        while (true) {
            if (!in.hasRemaining() && !fill()) {
                if (length > 0) {
                    throw new EOFException("the connection ended in the middle of a line");
                }
                return Optional.empty();
            }
            byte b = in.get();
            if (b == '\n') {
                return Optional.of(JsonObject.parse(new String(line, 0, length, StandardCharsets.UTF_8)));
            }
            if (length == line.length) {
                if (length >= MAX_LINE_BYTES) {
                    throw new ProtocolException("a line of more than " + MAX_LINE_BYTES + " bytes");
                }
                line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = b;
        }
    }

    /** Sends one line. */
    public void writeLine(JsonObject line) throws IOException {
        writeFully(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends raw bytes: a line that announces them and the bytes. */
    public void writeFrame(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() > MAX_FRAME_BYTES) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes in one frame");
        }
        writeLine(new JsonObject(java.util.Map.of("is", "data", "length", (long) bytes.remaining())));
        writeFully(bytes);
    }

    /** Receives the raw bytes that {@code line} announced; they replace the content of {@code into}. */
    public void readFrame(JsonObject line, ByteBuffer into) throws IOException {
        long length = line.number("length");
        if (length < 0 || length > Math.min(MAX_FRAME_BYTES, into.capacity())) {
            throw new ProtocolException("a frame of " + length + " bytes");
        }
        into.clear().limit((int) length);
        while (into.hasRemaining()) {
            if (in.hasRemaining()) {
                ByteBuffer part = in.slice(in.position(), Math.min(in.remaining(), into.remaining()));
                in.position(in.position() + part.remaining());
                into.put(part);
            } else if (readSome(into) < 0) {
                throw new EOFException("the connection ended in the middle of a file");
            }
        }
        into.flip();
    }

    private boolean fill() throws IOException {
        in.clear();
        int count = readSome(in);
        in.flip();
        return count >= 0;
    }

    private int readSome(ByteBuffer into) throws IOException {
        while (true) {
            int count = ((ReadableByteChannel) channel).read(into);
            if (count != 0) {
                return count;
            }
            await(SelectionKey.OP_READ);
        }
    }

    private void writeFully(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                await(SelectionKey.OP_WRITE);
            }
        }
    }

    private void await(int operation) throws IOException {
        if (selector == null) {
            return;
        }
        channel.keyFor(selector).interestOps(operation);
        if (selector.select(silenceMillis) == 0) {
            throw new SocketTimeoutException("no answer for " + silenceMillis / 1000 + " s");
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            if (selector != null) {
                selector.close();
            }
        }
    }
}
