package isle.fs.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import software.amazon.awssdk.http.ContentStreamProvider;

/** The content of a request: exactly as many bytes as were announced, or an error. */
final class RequestEntity extends AbstractHttpEntity {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final ContentStreamProvider content;
    private final long size;

    RequestEntity(ContentStreamProvider content, long size) {
        super((String) null, null);
        this.content = content;
        this.size = size;
    }

    @Override
    public long getContentLength() {
        return size;
    }

    @Override
    public boolean isRepeatable() {
        return false;
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public InputStream getContent() {
        return content.newStream();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        try (InputStream in = content.newStream()) {
            byte[] buffer = new byte[(int) Math.min(BUFFER_BYTES, Math.max(1, size))];
            for (long left = size; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new EOFException("the content ended " + left + " bytes early");
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        }
    }

    @Override
    public void close() {
        // Nothing stays open between calls of writeTo.
    }
}
