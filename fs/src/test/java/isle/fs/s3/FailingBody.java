package isle.fs.s3;

import isle.fs.spi.ObjectStore.Body;
import java.io.IOException;
import java.io.InputStream;

/** Content that cannot be read. */
record FailingBody(long size, IOException failure) implements Body {

    @Override
    public InputStream open() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw failure;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                throw failure;
            }
        };
    }
}
