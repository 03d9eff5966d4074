package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle rm}. */
@Command(
        name = "rm",
        header = "Remove files and folders.",
        description = {
            "",
            "Needs no mount and no FUSE: without a daemon it starts one that ends by itself when there is nothing left to do.",
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
        footer = {"", "Examples:", "  isle rm public/old.txt", "  isle rm -r protected/project"})
final class RmCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "What to remove.")
    private List<String> paths = List.of();

    @Option(
            names = {"-r", "-R", "--recursive"},
            description = "Folders with all that is in them.")
    private boolean recursive;

    @Option(
            names = {"-f", "--force"},
            description = "What is not there is no error.")
    private boolean force;

    RmCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            for (String path : paths) {
                daemon.remove(Context.islePath(path), recursive, force, context::note);
            }
        }
        return ExitCode.DONE.status();
    }
}
