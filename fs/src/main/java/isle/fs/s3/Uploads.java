package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.Body;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;

/** Turns content of the port into content of the SDK, and marks failures of reading it as ours. */
final class Uploads {

    /** Smaller content is signed. */
    private static final long LEAST_CHECKED_BYTES = 1L << 20;

    private static final int READ_BYTES = 128 << 10;

    private Uploads() {}

    /**
     * The checksum that large content is sent with instead of a signature ({@link LeanSigner}): CRC32 in base64, which Java has fast code for
     * from its first call on, unlike CRC32C; null
     * for small content. Fails as sending would when the content cannot be read.
     */
    static @Nullable String checksum(Body body) {
        if (body.size() < LEAST_CHECKED_BYTES) {
            return null;
        }
        CRC32 check = new CRC32();
        byte[] piece = new byte[READ_BYTES];
        try (InputStream content = new Source(body.open(), body.size())) {
            for (int n = content.read(piece); n >= 0; n = content.read(piece)) {
                check.update(piece, 0, n);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e instanceof SourceFailed ? e : new SourceFailed(e));
        }
        byte[] value = ByteBuffer.allocate(Integer.BYTES)
                .putInt((int) check.getValue())
                .array();
        return Base64.getEncoder().encodeToString(value);
    }

    /** The SDK opens the content once for each attempt to send it, and once more to hash it when it has no checksum. */
    static RequestBody of(Body body, String contentType) {
        long size = body.size();
        return RequestBody.fromContentProvider(
                () -> {
                    try {
                        return new Source(body.open(), size);
                    } catch (IOException e) {
                        throw new UncheckedIOException(new SourceFailed(e));
                    }
                },
                size,
                contentType);
    }

    /** Gives exactly the announced bytes or fails. */
    private static final class Source extends FilterInputStream {

        private long left;

        Source(InputStream in, long size) {
            super(in);
            this.left = size;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            int n = read(one, 0, 1);
            return n < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            try {
                int n = in.read(into, offset, (int) Math.min(length, left));
                if (n < 0) {
                    throw new FsException.Invalid("the content is " + left + " bytes shorter than announced");
                }
                left -= n;
                // Before the last bytes are handed out: with them the store would have a whole object.
                if (left == 0 && in.read() >= 0) {
                    throw new FsException.Invalid("the content is longer than announced");
                }
                return n;
            } catch (IOException e) {
                throw new SourceFailed(e);
            }
        }

        @Override
        public long skip(long n) throws IOException {
            byte[] scratch = new byte[(int) Math.min(Math.max(n, 0), 8192)];
            return Math.max(0, read(scratch, 0, scratch.length));
        }

        @Override
        public boolean markSupported() {
            return false;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
