package isle.cli;

import isle.mountd.api.DaemonClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code isle mv}. */
@Command(
        name = "mv",
        header = "Move or rename files and folders.",
        description = {
            "",
            "Into TARGET if that is a folder, else to that name; a file there is replaced. Between two volumes it is a copy and a",
            "removal, and the source is removed from its store only when the copy is in the other one.",
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
        footer = {
            "",
            "Examples:",
            "  isle mv public/draft.txt public/final.txt",
            "  isle mv public/a public/b protected/"
        })
final class MvCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(arity = "2..*", paramLabel = "PATH", description = "What to move, and at the end where to.")
    private List<String> paths = List.of();

    MvCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        String target = Context.islePath(paths.get(paths.size() - 1));
        try (DaemonClient daemon = context.anyDaemon()) {
            for (String path : paths.subList(0, paths.size() - 1)) {
                daemon.move(Context.islePath(path), target, paths.size() > 2, context::note);
            }
        }
        return ExitCode.DONE.status();
    }
}
