package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle wait}. */
@Command(
        name = "wait",
        header = "Wait until a path, or everything, is in the store.",
        description = {
            "",
            "Returns at once when there is nothing to wait for. How it goes is told on standard error. What the store refused is not",
            "waited for: exit code 6.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:no daemon of this profile runs",
            "5:timed out",
            "6:not everything is in the store"
        },
        footer = {
            "",
            "Examples:",
            "  cp report.pdf ~/Isle/public/ && isle wait public/report.pdf",
            "  isle wait --timeout 30"
        })
final class WaitCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "A path in isle, or of this machine inside the mount; a folder stands for its whole volume.")
    private @Nullable String path;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Give up after so long. Default: never.")
    private long timeoutSeconds;

    WaitCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            daemon.await(Optional.ofNullable(path).map(Context::islePath), timeoutSeconds, context::note);
        }
        return ExitCode.DONE.status();
    }
}
