package isle.cli;

import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonException;
import isle.mountd.api.DaemonProgram;
import isle.mountd.api.MountRequest;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle daemon}. */
@Command(
        name = "daemon",
        header = "Run the daemon in the foreground.",
        description = {
            "",
            "For service managers and containers: mounts what the profile names and runs until SIGTERM, Ctrl-C or 'isle unmount'.",
            "After a signal it waits up to 20 s for the store (limits.drain_on_signal in daemon.yml), then unmounts. Warnings go to",
            "standard error, everything to the log in the profile. 'isle mount' starts a daemon in the background by itself.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "4:the store cannot be reached",
            "7:refused: rights, profile in use, bound to another store"
        },
        footer = {"", "Examples:", "  isle daemon", "  isle daemon --no-mount", "  ISLE_HOME=/srv/isle isle daemon"})
final class DaemonCommand implements Callable<Integer> {

    private final Context context;

    @Option(
            names = "--no-mount",
            description = "Mount nothing: serve ls, cat, put, get, mkdir, mv and rm, and 'isle mount' later.")
    private boolean noMount;

    DaemonCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws DaemonException {
        MountRequest plain = MountRequest.DEFAULT.withCredentials(Credentials.ofEnvironment(context.environment()));
        Optional<MountRequest> mount = noMount ? Optional.empty() : Optional.of(plain);
        DaemonProgram.load().run(context.folders(), mount, context::note, Optional.empty());
        return ExitCode.DONE.status();
    }
}
