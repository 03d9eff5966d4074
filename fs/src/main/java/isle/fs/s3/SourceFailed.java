package isle.fs.s3;

import java.io.IOException;

/** The content to be sent could not be read here; the store has no part in it. */
final class SourceFailed extends IOException {

    private static final long serialVersionUID = 1L;

    SourceFailed(String message, IOException cause) {
        super(message, cause);
    }
}
