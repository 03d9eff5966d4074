package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.Transfer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle put}. */
@Command(
        name = "put",
        header = "Copy files of this machine into isle.",
        description = {
            "",
            "Content, permissions, times and symlinks are kept. A file that exists is replaced in one step when its copy is complete.",
            "The command returns when the content is safe in this machine's journal; --wait waits for the store.",
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
            "6:not everything is in the store",
            "7:refused: rights, profile in use, bound to another store"
        },
        footer = {
            "",
            "Examples:",
            "  isle put photo.jpg public/",
            "  isle put -r project protected",
            "  mysqldump db | isle put - protected/db.sql"
        })
final class PutCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "1..*",
            paramLabel = "SOURCE",
            description = "Files or folders of this machine, and at the end the place in isle; - is standard input.")
    private List<String> paths = List.of();

    @Option(
            names = {"-r", "-R", "--recursive"},
            description = "Copy folders with all that is in them.")
    private boolean recursive;

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell each file.")
    private boolean verbose;

    @Option(names = "--wait", description = "Return when everything is in the store.")
    private boolean awaitStore;

    PutCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        String target = Context.islePath(paths.get(paths.size() - 1));
        List<String> sources = paths.subList(0, paths.size() - 1);
        if (sources.isEmpty()) {
            throw new DaemonException(
                    FailureKind.USAGE,
                    "Only one path is given.",
                    "Name the source and the target: isle put FILE public/");
        }
        try (DaemonClient daemon = context.anyDaemon()) {
            Transfer transfer = new Transfer(daemon, verbose ? context::note : line -> {});
            for (String source : sources) {
                if (source.equals("-")) {
                    transfer.put(System.in, target);
                } else {
                    transfer.put(Path.of(source), target, sources.size() > 1, recursive);
                }
            }
            if (awaitStore) {
                daemon.await(Optional.empty(), 0, context::note);
            }
        }
        return ExitCode.DONE.status();
    }
}
