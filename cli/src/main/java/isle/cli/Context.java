package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.DaemonStarter;
import isle.mountd.api.ProfileFolders;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/** What a command has around it: the environment, the two outputs, the profile. */
final class Context {

    /** Set by the launcher when standard output is a terminal. */
    private static final String TERMINAL_PROPERTY = "isle.terminal";

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Context(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** One line of what was asked for. */
    void print(String line) {
        out.println(line);
    }

    /** The code on a line that scripts can find, at once. */
    void printRecoveryCode(String code) {
        print("recovery code: " + code);
        out.flush();
        note("Write it down and keep it away from this machine: it alone opens private/ when all your hosts are lost.");
        note("Then prove it, so that isle stops asking: isle identity confirm");
    }

    PrintStream out() {
        return out;
    }

    /** One line about how it goes; not part of the answer. */
    void note(String line) {
        err.println(line);
    }

    boolean isTerminal() {
        return Boolean.getBoolean(TERMINAL_PROPERTY);
    }

    ProfileFolders folders() {
        return ProfileFolders.of(environment);
    }

    /** The running daemon; that none runs is an error. */
    DaemonClient daemon() throws DaemonException {
        return DaemonClient.require(folders());
    }

    /** The running daemon, or one that is started without a mount. */
    DaemonClient anyDaemon() throws DaemonException {
        return new DaemonStarter(folders(), environment).connectOrStart();
    }

    /**
     * Where a folder of this machine is: absolute, and with the symlinks above it followed, as the kernel names mounts.
     */
    static String place(Path typed) {
        Path absolute = typed.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        try {
            return parent == null || name == null
                    ? absolute.toString()
                    : parent.toRealPath().resolve(name).toString();
        } catch (IOException e) {
            // The folders above are made when it is mounted.
            return absolute.toString();
        }
    }

    /**
     * A path in isle as it was typed: what begins with a dot is meant from the working directory, as in a shell, and has
     * to lie in the mount.
     */
    static String islePath(String typed) {
        return typed.equals(".") || typed.equals("..") || typed.startsWith("./") || typed.startsWith("../")
                ? Path.of(typed).toAbsolutePath().normalize().toString()
                : typed;
    }
}
