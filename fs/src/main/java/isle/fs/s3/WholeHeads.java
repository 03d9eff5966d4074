package isle.fs.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.impl.io.DefaultHttpResponseParserFactory;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.io.HttpMessageParser;

/**
 * Reads heads of answers up to the empty line. The library takes the end of the connection for the end of the head: an
 * answer that was cut off would be a good one without its length, or with half an ETag, and what was stored would be
 * taken for somebody else's later.
 */
final class WholeHeads extends DefaultHttpResponseParserFactory {

    @Override
    public HttpMessageParser<ClassicHttpResponse> create() {
        HttpMessageParser<ClassicHttpResponse> parser = super.create();
        return (buffer, in) -> parser.parse(buffer, new Head(in, buffer.length() > 0));
    }

    /** The connection while a head is read. */
    private static final class Head extends FilterInputStream {
        private boolean begun;

        Head(InputStream in, boolean begun) {
            super(in);
            this.begun = begun;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            if (count < 0 && begun) {
                throw new ConnectionClosedException("the answer ends in its head");
            }
            begun |= count > 0;
            return count;
        }
    }
}
