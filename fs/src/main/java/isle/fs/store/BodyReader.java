package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.Body;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads a body to its end and holds it to the size it promised. Its failures are {@link FsException}s that say so, so
 * that a bad source is not taken for a bad disk.
 */
final class BodyReader implements AutoCloseable {

    private final InputStream in;
    private final long size;
    private long left;

    private BodyReader(InputStream in, long size) {
        this.in = in;
        this.size = size;
        this.left = size;
    }

    static BodyReader open(Body body) throws FsException {
        try {
            return new BodyReader(body.open(), body.size());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    static byte[] readAll(Body body) throws FsException {
        if (body.size() > Integer.MAX_VALUE - 8) {
            throw new FsException.TooLarge("a body of " + body.size() + " bytes does not fit into memory");
        }
        byte[] bytes = new byte[(int) body.size()];
        try (BodyReader reader = open(body)) {
            int at = 0;
            int n;
            while ((n = reader.read(bytes, at)) > 0) {
                at += n;
            }
        }
        return bytes;
    }

    /**
     * Reads some bytes into the buffer from {@code from} to its end.
     *
     * @return how many; 0 when all have been read
     * @throws FsException.Invalid the body is shorter or longer than it said
     */
    int read(byte[] into, int from) throws FsException {
        try {
            if (left == 0) {
                if (in.read() >= 0) {
                    throw new FsException.Invalid("the content is longer than the " + size + " bytes it should have");
                }
                return 0;
            }
            int n = in.read(into, from, (int) Math.min(into.length - from, left));
            if (n < 0) {
                throw new FsException.Invalid("the content ended after " + (size - left) + " of " + size + " bytes");
            }
            left -= n;
            return n;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public void close() throws FsException {
        try {
            in.close();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static FsException unreadable(IOException e) {
        return e instanceof FsException known
                ? known
                : new FsException.Failed("the content to be stored cannot be read: " + e.getMessage(), e);
    }
}
