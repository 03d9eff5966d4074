package isle.fs.journal;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps the journal's warnings out of the log of tests whose disks fail on purpose. */
final class QuietLog implements BeforeAllCallback, AfterAllCallback {

    private static final Logger JOURNAL = Logger.getLogger("isle.fs.journal");

    @Override
    public void beforeAll(ExtensionContext context) {
        JOURNAL.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        JOURNAL.setLevel(null);
    }
}
