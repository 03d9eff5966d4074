package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle unmount}. */
@Command(
        name = "unmount",
        header = "Store what is left, unmount, and end the daemon.",
        description = {
            "",
            "Waits until everything is in the store, tells how it goes, then unmounts and ends the daemon. What is not stored in",
            "time stays in the journal on this machine, safe, and goes to the store after the next 'isle mount'; exit code 6 says",
            "so. A folder that programs still use is not unmounted: the message names them.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:no daemon of this profile runs",
            "6:not everything is in the store"
        },
        footer = {"", "Examples:", "  isle unmount", "  isle unmount --timeout 600", "  isle unmount --force"})
final class UnmountCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description =
                    "What to unmount; an error if it is not what this profile has mounted. Default: whatever it has.")
    private @Nullable Path folder;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long to wait for the store. Default: 60, or limits.drain in daemon.yml.")
    private @Nullable Long timeoutSeconds;

    @Option(
            names = "--force",
            description = "Do not wait for the store, and unmount although programs have files open.")
    private boolean force;

    UnmountCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        Optional<String> dir = Optional.ofNullable(folder)
                .map(path -> path.toAbsolutePath().normalize().toString());
        try (DaemonClient daemon = context.daemon()) {
            daemon.stop(dir, Optional.ofNullable(timeoutSeconds), force, context::note);
        }
        context.print("Unmounted; everything is stored.");
        return ExitCode.DONE.status();
    }
}
