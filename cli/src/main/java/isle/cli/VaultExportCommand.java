package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.Export;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle vault export}. */
@Command(
        name = "export",
        header = "Copy all of private/ into a folder of this machine, as plain files.",
        description = {
            "",
            "With permissions, times, extended attributes, symlinks, FIFOs, sockets, device nodes (as root) and conflict copies. A file is",
            "under its name when it is whole, and one that is there with the same size and time is left alone: an export that was ended at",
            "any moment goes on where it was. What cannot be copied is named, and the rest is copied.",
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
        footer = {"", "Examples:", "  isle vault export /media/usb/private", "  isle vault export -v ~/private-copy"})
final class VaultExportCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(paramLabel = "DIR", description = "A folder of this machine; it is made if it is not there.")
    private Path dir = Path.of("");

    @Option(
            names = {"-v", "--verbose"},
            description = "Tell each file.")
    private boolean verbose;

    VaultExportCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            Export.Result exported = new Export(daemon, verbose ? context::note : line -> {}).run("private", dir);
            exported.failures().forEach(context::note);
            context.print(Output.count(exported.copied(), "file", "files") + " copied, " + exported.skipped()
                    + " there already, " + exported.failures().size() + " failed.");
            return (exported.failures().isEmpty() ? ExitCode.DONE : ExitCode.FAILED).status();
        }
    }
}
