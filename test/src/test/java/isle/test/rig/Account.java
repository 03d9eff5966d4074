package isle.test.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who runs a program.
 *
 * @param name of the user
 * @param self whether it is the one who runs the tests
 */
public record Account(String name, boolean self) {

    /** Made by {@code test/run} when that runs as root; it is in a second group too. */
    private static final String ORDINARY = "isle-test";

    /** The second group of the ordinary user; only where {@link #isRoot}. */
    public static final String SECOND_GROUP = "isle-test-more";

    /** Who runs the tests. */
    public static Account current() {
        return new Account(System.getProperty("user.name"), true);
    }

    /** A user without rights of its own: the one that {@code test/run} made, or who runs the tests. */
    public static Account ordinary() {
        if (!isRoot()) {
            return current();
        }
        try (var lines = Files.lines(Path.of("/etc/passwd"))) {
            if (lines.noneMatch(line -> line.startsWith(ORDINARY + ":"))) {
                throw new AssertionError("no user " + ORDINARY + " on this machine; test/run makes it");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Account(ORDINARY, false);
    }

    /** Root and the ordinary user, or the one who runs the tests. */
    public static List<Account> all() {
        return isRoot() ? List.of(current(), ordinary()) : List.of(current());
    }

    /** Whether the tests run as root. */
    public static boolean isRoot() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that runs a command as this user, in the same process. */
    List<String> command(List<String> command) {
        if (self) {
            return command;
        }
        List<String> whole = new ArrayList<>(
                List.of("setpriv", "--reuid", name, "--regid", name, "--init-groups", "--inh-caps=-all", "--"));
        whole.addAll(command);
        return whole;
    }

    /** Gives a folder to this user. */
    void own(Path folder) {
        if (!self) {
            Command.of("chown", name + ":" + name, folder.toString()).run().ok();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
