package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.PathText;
import isle.mountd.api.VaultClient;
import isle.mountd.api.VersionReport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle history}. */
@Command(
        name = "history",
        header = "List earlier versions of a file of private/.",
        description = {
            "",
            "The latest first: its number, when and on which host it came about, what happened, bytes. The one that is there now is",
            "marked. Of a folder, also the names that went from it. How long versions are kept is the setting 'history' of daemon.yml.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "4:the store cannot be reached",
            "7:refused: private/ is not open, or rights"
        },
        footer = {"", "Examples:", "  isle history private/report.odt", "  isle history private/project"})
final class HistoryCommand implements Callable<Integer> {

    private static final int WHAT_WIDTH = 10;
    private static final int SIZE_WIDTH = 11;

    private final Context context;

    @Parameters(paramLabel = "PATH", description = "A file or folder of private/, or what was there.")
    private String path = "";

    @Option(names = "--json", description = "Print JSON, an object a line, for scripts.")
    private boolean json;

    HistoryCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            List<VersionReport> versions = new VaultClient(daemon, context::note).history(Context.islePath(path));
            for (VersionReport each : versions) {
                context.print(json ? each.toJson().toString() : line(each));
            }
        }
        return ExitCode.DONE.status();
    }

    private static String line(VersionReport each) {
        String size = String.valueOf(each.size());
        return each.version() + "  " + Output.time(each.seconds()) + "  "
                + each.what() + " ".repeat(Math.max(0, WHAT_WIDTH - each.what().length())) + " "
                + " ".repeat(Math.max(0, SIZE_WIDTH - size.length())) + size + "  "
                + PathText.display(each.host())
                + (each.path().isEmpty() ? "" : "  " + PathText.display(each.path()))
                + (each.shown() ? "  (now)" : "");
    }
}
