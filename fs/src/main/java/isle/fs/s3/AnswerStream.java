package isle.fs.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import software.amazon.awssdk.http.Abortable;

/**
 * The content of an answer, under the watch of its attempt. Read to the end, it gives its connection back to the pool;
 * closed earlier, it closes the connection, because reading the rest could take forever.
 */
final class AnswerStream extends FilterInputStream implements Abortable {

    private final ClassicHttpResponse answer;
    private final Runnable cut;
    private final Runnable onFailure;
    private final AttemptWatch watch;
    private final long announced;
    private long received;
    private boolean complete;
    private boolean closed;

    /**
     * @param announced bytes that the header promised, negative when it did not say
     * @param cut closes the connection at once
     * @param onFailure told when the content ends early
     */
    AnswerStream(
            InputStream content,
            ClassicHttpResponse answer,
            long announced,
            Runnable cut,
            Runnable onFailure,
            AttemptWatch watch) {
        super(content);
        this.answer = answer;
        this.announced = announced;
        this.cut = cut;
        this.onFailure = onFailure;
        this.watch = watch;
    }

    @Override
    public int read() throws IOException {
        try {
            return count(in.read(), 1);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        try {
            int n = in.read(into, offset, length);
            return count(n, n);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private int count(int result, int bytes) throws IOException {
        if (result >= 0) {
            received += bytes;
        } else if (announced >= 0 && received < announced) {
            throw new ConnectionClosedException("the answer ended after " + received + " of " + announced + " bytes");
        } else {
            complete = true;
            watch.stop();
        }
        return result;
    }

    private IOException failed(IOException failure) {
        watch.stop();
        cut.run();
        onFailure.run();
        IOException reason = watch.reasonOf(failure);
        Deadline.current().answerCut(reason);
        return reason;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] scratch = new byte[(int) Math.min(n, 8192)];
        return n <= 0 ? 0 : Math.max(0, read(scratch, 0, scratch.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        watch.stop();
        if (complete || received == announced) {
            // Nothing is left to read, so this returns the connection to the pool; without it the next line closes it.
            in.close();
        } else {
            cut.run();
        }
        answer.close();
    }

    @Override
    public void abort() {
        watch.stop();
        cut.run();
    }
}
