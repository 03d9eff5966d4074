package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code isle cat}. */
@Command(
        name = "cat",
        header = "Print the content of files.",
        description = {
            "",
            "Writes the content to standard output as it is.",
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
        footer = {"", "Examples:", "  isle cat public/notes.txt", "  isle cat protected/backup.tar.gz | tar tz"})
final class CatCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(arity = "1..*", paramLabel = "PATH", description = "Files in isle.")
    private List<String> paths = List.of();

    CatCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            for (String path : paths) {
                daemon.read(Context.islePath(path), context.out());
            }
        }
        return ExitCode.DONE.status();
    }
}
