package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.Transfer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle get}. */
@Command(
        name = "get",
        header = "Copy files of isle to this machine.",
        description = {
            "",
            "Content, permissions, times and symlinks are kept. A file that exists is replaced in one step when its copy is complete.",
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
            "  isle get public/photo.jpg",
            "  isle get public/photo.jpg protected/notes.txt ~/Documents",
            "  isle get -r protected/project /tmp"
        })
final class GetCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "1..*",
            paramLabel = "PATH",
            description =
                    "Files or folders in isle, and at the end, if there is more than one path, the place on this machine."
                            + " Default: the working directory.")
    private List<String> paths = List.of();

    @Option(
            names = {"-r", "-R", "--recursive"},
            description = "Copy folders with all that is in them.")
    private boolean recursive;

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell each file.")
    private boolean verbose;

    GetCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        boolean single = paths.size() == 1;
        Path target = Path.of(single ? "." : paths.get(paths.size() - 1));
        List<String> sources = single ? paths : paths.subList(0, paths.size() - 1);
        try (DaemonClient daemon = context.anyDaemon()) {
            Transfer transfer = new Transfer(daemon, verbose ? context::note : line -> {});
            for (String source : sources) {
                transfer.get(Context.islePath(source), target, sources.size() > 1, recursive);
            }
        }
        return ExitCode.DONE.status();
    }
}
