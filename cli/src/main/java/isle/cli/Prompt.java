package isle.cli;

import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Asks for what must not be an argument, because others can see arguments: on the terminal without showing what is typed,
 * or, where there is none, a line of standard input.
 */
final class Prompt {

    private final Context context;
    private final String what;

    /** @param what is asked for, for people */
    Prompt(Context context, String what) {
        this.context = context;
        this.what = what;
    }

    /** What was typed, without the end of the line; may be empty. */
    String read() throws IOException {
        Console console = console();
        if (console != null) {
            char[] typed = console.readPassword("%s: ", what);
            return typed == null ? "" : new String(typed);
        }
        context.note(what + ":");
        return line();
    }

    /** Whether somebody sits at a terminal, and does not see what is typed. */
    static boolean isHidden() {
        return console() != null;
    }

    /** The terminal; null if input or output are something else. Of two kinds in newer Javas, the one that says so. */
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable Console console() {
        System.setProperty("jdk.console", "java.base");
        return System.console();
    }

    /** As {@link #read}; nothing is an error. */
    String readSomething() throws IOException {
        String typed = read();
        if (typed.isBlank()) {
            throw new DaemonException(
                    FailureKind.USAGE, "Nothing was typed.", "Type it when asked, or send it to standard input.");
        }
        return typed;
    }

    /** No byte more than the line is taken: there may be another question. */
    private static String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = System.in.read();
        while (next >= 0 && next != '\n') {
            line.write(next);
            next = System.in.read();
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
