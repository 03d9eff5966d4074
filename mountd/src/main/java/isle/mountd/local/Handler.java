package isle.mountd.local;

import java.io.IOException;

/** Does what one verb asks for, and sends the answer. */
interface Handler {
    void handle(Exchange exchange) throws IOException;
}
