package isle.fs.s3;

import java.io.IOException;

/** The content to be sent could not be read here; the store has no part in it. */
final class SourceFailed extends IOException {

    private static final long serialVersionUID = 1L;

    /** @param cause the error of the port, or what the source threw */
    SourceFailed(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
