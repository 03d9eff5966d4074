package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle mkdir}. */
@Command(
        name = "mkdir",
        header = "Make folders.",
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
        footer = {"", "Examples:", "  isle mkdir public/photos", "  isle mkdir -p protected/a/b/c"})
final class MkdirCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Folders in isle.")
    private List<String> paths = List.of();

    @Option(
            names = {"-p", "--parents"},
            description = "Those above too, and one that exists is no error.")
    private boolean parents;

    MkdirCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            for (String path : paths) {
                daemon.makeDirectory(Context.islePath(path), parents);
            }
        }
        return ExitCode.DONE.status();
    }
}
