package isle.fs.journal;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps warnings out of the log of tests whose disks fail on purpose. */
public final class QuietLog implements BeforeAllCallback, AfterAllCallback {

    private static final Logger ROOMS = Logger.getLogger("isle.fs");

    @Override
    public void beforeAll(ExtensionContext context) {
        ROOMS.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        ROOMS.setLevel(null);
    }
}
