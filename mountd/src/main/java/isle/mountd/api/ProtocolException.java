package isle.mountd.api;

import java.io.IOException;

/** What came over the socket is not what the protocol says. Messages carry no content of the line. */
public final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    public ProtocolException(String message) {
        super(message);
    }
}
