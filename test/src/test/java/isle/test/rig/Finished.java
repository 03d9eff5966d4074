package isle.test.rig;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/**
 * A command that ended.
 *
 * @param exitCode as the shell counts it: 128 and the number of the signal that ended it
 */
public record Finished(List<String> command, int exitCode, String out, String err, Duration took) {

    private static final int SHOWN = 4000;

    /** Fails the test unless the command ended well. */
    public Finished ok() {
        return exits(0);
    }

    /** Fails the test unless the command ended with this code. */
    public Finished exits(int expected) {
        if (exitCode != expected) {
            throw new AssertionError("exit code " + exitCode + " instead of " + expected + " of " + this);
        }
        return this;
    }

    /** Fails the test unless the command ended within this time. */
    public Finished within(Duration limit) {
        if (took.compareTo(limit) > 0) {
            throw new AssertionError("took " + took.toMillis() + " ms, more than " + limit.toMillis() + ": " + this);
        }
        return this;
    }

    /** What it printed, without the last line break. */
    public String text() {
        return out.stripTrailing();
    }

    /** Everything that it printed, for messages and for searching. */
    public String all() {
        return out + err;
    }

    static String decode(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String end(String text) {
        return text.length() <= SHOWN ? text : "… " + text.substring(text.length() - SHOWN);
    }

    @Override
    public String toString() {
        return String.join(" ", command) + "\n-- out:\n" + end(out) + "\n-- err:\n" + end(err);
    }
}
