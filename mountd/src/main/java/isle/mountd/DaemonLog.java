package isle.mountd;

import isle.mountd.config.DaemonConfig.LogConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The daemon's log: files in the profile that take turns, and, in the foreground, standard error. */
final class DaemonLog {

    private static final String MANAGER_PROPERTY = "java.util.logging.manager";

    private DaemonLog() {}

    /**
     * The log manager of the JDK drops all handlers as soon as the process is told to end, while the daemon has still to
     * write how it ends. This one does not.
     */
    public static final class Lasting extends LogManager {
        @Override
        public void reset() {
            // The handlers write through; there is nothing to flush.
        }
    }

    /** Has to be called before anything else of the daemon: the first logger fixes the manager. */
    static void prepare() {
        System.setProperty(MANAGER_PROPERTY, Lasting.class.getName());
    }

    /** Logs into {@code folder} from now on. */
    static void start(Path folder, LogConfig config, boolean foreground) throws IOException {
        Logger root = LogManager.getLogManager().getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        FileHandler file =
                new FileHandler(folder.resolve("daemon.%g.log").toString(), config.fileBytes(), config.files(), true);
        file.setEncoding("UTF-8");
        add(root, file, level(config.level()));
        if (foreground) {
            add(root, new ConsoleHandler(), Level.WARNING);
        }
        root.setLevel(Level.WARNING);
        // Of the libraries only what is wrong: their chatter may quote requests.
        Isle.LOGGER.setLevel(level(config.level()));
    }

    /** A logger that nobody refers to is collected, and its level with it. */
    private static final class Isle {
        private static final Logger LOGGER = Logger.getLogger("isle");
    }

    private static void add(Logger root, Handler handler, Level level) {
        handler.setFormatter(new OneLine());
        handler.setLevel(level);
        root.addHandler(handler);
    }

    private static Level level(String word) {
        return switch (word) {
            case "error" -> Level.SEVERE;
            case "warning" -> Level.WARNING;
            case "debug" -> Level.FINE;
            default -> Level.INFO;
        };
    }

    /** Time, level, class, text; a stack trace below. */
    private static final class OneLine extends Formatter {
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                        "yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT)
                .withZone(ZoneId.systemDefault());
        private static final int MOST_CAUSES = 8;

        @Override
        public String format(LogRecord record) {
            String name = String.valueOf(record.getLoggerName());
            StringBuilder line = new StringBuilder()
                    .append(TIME.format(record.getInstant()))
                    .append(' ')
                    .append(word(record.getLevel()))
                    .append(' ')
                    .append(name.substring(name.lastIndexOf('.') + 1))
                    .append(": ")
                    .append(formatMessage(record).replace("\n", "\n  "))
                    .append('\n');
            if (record.getThrown() != null) {
                trace(record.getThrown(), line);
            }
            return line.toString();
        }

        /** What broke and where, without the messages: they may name files. */
        private static void trace(Throwable thrown, StringBuilder line) {
            Throwable part = thrown;
            for (int depth = 0; part != null && depth < MOST_CAUSES; depth++) {
                line.append(depth == 0 ? "" : "  because of ")
                        .append(part.getClass().getName())
                        .append('\n');
                for (StackTraceElement place : part.getStackTrace()) {
                    line.append("    at ").append(place).append('\n');
                }
                part = part.getCause();
            }
        }

        private static String word(Level level) {
            int value = level.intValue();
            return value >= Level.SEVERE.intValue()
                    ? "ERROR"
                    : value >= Level.WARNING.intValue() ? "WARN" : value >= Level.INFO.intValue() ? "INFO" : "DEBUG";
        }
    }
}
