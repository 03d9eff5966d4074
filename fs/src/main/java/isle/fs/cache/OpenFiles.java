package isle.fs.cache;

import java.io.IOException;
import java.util.ArrayDeque;

/** Bounds how many segment files are open at once: many small contents may be pinned, each in its own file. */
final class OpenFiles {

    private static final int MOST_OPEN = 256;

    private final ArrayDeque<Segment> opened = new ArrayDeque<>();

    /** A segment has opened its file; another one may have to close its own. To be called without a lock. */
    void opened(Segment segment) throws IOException {
        Segment oldest = null;
        synchronized (this) {
            opened.addLast(segment);
            if (opened.size() > MOST_OPEN) {
                oldest = opened.removeFirst();
            }
        }
        if (oldest != null && oldest != segment) {
            oldest.closeFile();
        }
    }
}
