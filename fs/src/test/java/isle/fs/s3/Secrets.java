package isle.fs.s3;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything that a program could let out: texts of exceptions, and logs at their most talkative. */
final class Secrets {

    private Secrets() {}

    /** An exception as a log would show it, with its causes. */
    static String fullText(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    /** All that is logged by anybody, at every level, until it is closed. */
    static final class LogTap extends Handler implements AutoCloseable {

        private final Logger root = Logger.getLogger("");
        private final Level before = root.getLevel();
        private final List<Handler> others = List.of(root.getHandlers());
        private final List<String> lines = new CopyOnWriteArrayList<>();

        LogTap() {
            setLevel(Level.ALL);
            others.forEach(root::removeHandler);
            root.addHandler(this);
            root.setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord record) {
            String thrown = record.getThrown() == null ? "" : fullText(record.getThrown());
            lines.add(record.getLoggerName() + " " + record.getMessage() + " " + Arrays.toString(record.getParameters())
                    + thrown);
        }

        List<String> lines() {
            return List.copyOf(lines);
        }

        @Override
        public void flush() {
            // Lines are kept as they come.
        }

        @Override
        public void close() {
            root.removeHandler(this);
            root.setLevel(before);
            others.forEach(root::addHandler);
        }
    }
}
