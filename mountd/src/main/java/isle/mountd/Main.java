package isle.mountd;

import isle.mountd.api.DaemonException;
import isle.mountd.api.JsonObject;
import isle.mountd.api.ProfileFolders;

/**
 * The daemon in the background, as {@code DaemonStarter} starts it. Prints one line, that it listens or why not, and
 * nothing after that.
 */
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        DaemonLog.prepare();
        int status = 0;
        try {
            DaemonProcess process = DaemonProcess.start(
                    ProfileFolders.of(System.getenv()), System.getenv(), new Wiring(System.getenv()), false);
            report(JsonObject.EMPTY.with("is", "ready"));
            process.awaitEnd();
        } catch (DaemonException e) {
            report(e.toJson());
            status = 1;
        }
        System.exit(status);
    }

    /** Closing standard output turns it into nothing: who started us does not have to wait for our end. */
    private static void report(JsonObject line) {
        System.out.println(line);
        System.out.close();
    }
}
