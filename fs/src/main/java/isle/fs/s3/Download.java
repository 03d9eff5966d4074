package isle.fs.s3;

import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.ObjectHead;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Takes the answer of a ranged GET into a buffer, whole or not at all. */
final class Download implements ResponseTransformer<GetObjectResponse, ObjectHead> {

    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");
    private static final int COPY_BYTES = 64 * 1024;

    private final ObjectKey key;
    private final long offset;
    private final ByteBuffer into;
    private final int start;

    Download(ObjectKey key, long offset, ByteBuffer into) {
        this.key = key;
        this.offset = offset;
        this.into = into;
        this.start = into.position();
    }

    /** Puts the buffer back to where it was, after a failure. */
    void forget() {
        into.position(start);
    }

    @Override
    public ObjectHead transform(GetObjectResponse response, AbortableInputStream content) throws Exception {
        try (content) {
            // An attempt before this one may have left bytes.
            forget();
            long size = sizeOf(response);
            int length = (int) Math.min(into.remaining(), size - offset);
            read(content, length);
            return S3Metadata.of(key, response, size);
        } catch (IOException e) {
            forget();
            throw RetryableException.builder().message(e.getMessage()).cause(e).build();
        }
    }

    /** Size of the whole object; also checks that what follows is the range that was asked for. */
    private long sizeOf(GetObjectResponse response) throws IOException {
        String range = response.contentRange();
        if (range == null) {
            throw new IOException("the answer to a ranged GET has no range");
        }
        Matcher parts = RANGE.matcher(range);
        if (!parts.matches()) {
            throw new IOException("the answer to a ranged GET has no proper range");
        }
        long first = Long.parseLong(parts.group(1));
        long last = Long.parseLong(parts.group(2));
        long size = Long.parseLong(parts.group(3));
        if (first != offset || last != Math.min(offset + into.remaining(), size) - 1) {
            throw new IOException("the answer has another range than the one asked for");
        }
        return size;
    }

    private void read(InputStream content, int length) throws IOException {
        byte[] copy = into.hasArray() ? into.array() : new byte[Math.min(COPY_BYTES, length)];
        for (int left = length; left > 0; ) {
            int at = into.hasArray() ? into.arrayOffset() + into.position() : 0;
            int n = content.read(copy, at, into.hasArray() ? left : Math.min(copy.length, left));
            if (n < 0) {
                throw new EOFException("the content ended " + left + " of " + length + " bytes early");
            }
            if (into.hasArray()) {
                into.position(into.position() + n);
            } else {
                into.put(copy, 0, n);
            }
            left -= n;
        }
    }
}
