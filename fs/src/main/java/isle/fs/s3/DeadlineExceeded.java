package isle.fs.s3;

import java.io.InterruptedIOException;
import java.time.Duration;

/** An attempt was cut off because its time was over. */
final class DeadlineExceeded extends InterruptedIOException {

    private static final long serialVersionUID = 1L;

    DeadlineExceeded(Duration limit) {
        super("no complete answer within " + limit.toMillis() + " ms");
    }
}
