package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.EntryReport;
import isle.mountd.api.PathText;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle ls}. */
@Command(
        name = "ls",
        header = "List files.",
        description = {
            "",
            "Paths begin at the root of isle: public/photos. An absolute path, or one that begins with ./, is one of this machine",
            "inside the mount. Characters that would disturb a terminal are shown as \\xHH.",
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
        footer = {"", "Examples:", "  isle ls", "  isle ls -l public", "  isle ls -lr protected/project"})
final class LsCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(arity = "0..*", paramLabel = "PATH", description = "Files or folders. Default: the root of isle.")
    private List<String> paths = List.of();

    @Option(names = "-l", description = "Permissions, owner, group, bytes and time too.")
    private boolean detailed;

    @Option(
            names = {"-a", "--all"},
            description = "Names that begin with a dot too.")
    private boolean all;

    @Option(
            names = {"-r", "-R", "--recursive"},
            description = "Everything below too.")
    private boolean recursive;

    @Option(
            names = {"-H", "--human"},
            description = "Sizes with units.")
    private boolean human;

    LsCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            for (String path : paths.isEmpty() ? List.of("") : paths) {
                if (paths.size() > 1) {
                    context.print(PathText.display(path) + ":");
                }
                daemon.list(Context.islePath(path), recursive, detailed, this::print);
            }
        }
        return ExitCode.DONE.status();
    }

    private void print(EntryReport entry) {
        if (!all && (entry.path().startsWith(".") || entry.path().contains("/."))) {
            return;
        }
        String name = PathText.display(entry.path());
        if (!detailed) {
            context.print(name);
            return;
        }
        String size = human ? Output.size(entry.size()) : String.valueOf(entry.size());
        context.print(Output.mode(entry.kind(), entry.permissions()) + " " + entry.links() + " " + entry.uid() + " "
                + entry.gid() + " " + " ".repeat(Math.max(0, SIZE_WIDTH - size.length())) + size + " "
                + Output.time(entry.mtimeSeconds()) + " " + name
                + entry.target()
                        .map(target -> " -> " + PathText.display(target))
                        .orElse(""));
    }

    private static final int SIZE_WIDTH = 11;
}
