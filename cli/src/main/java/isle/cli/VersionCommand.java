package isle.cli;

import isle.mountd.api.DaemonException;
import isle.mountd.api.Examiner;
import isle.mountd.api.Program;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code isle version}. */
@Command(
        name = "version",
        header = "Print the versions of isle and of the parts that it found.",
        description = {"", "Java, FUSE's library and helper, and Garage if it is installed.", ""},
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done"},
        footer = {"", "Examples:", "  isle version"})
final class VersionCommand implements Callable<Integer> {

    private final Context context;

    VersionCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws DaemonException {
        context.print("isle " + Program.version());
        Examiner.load().versions(context.environment(), part -> context.print(part.subject() + " " + part.detail()));
        return ExitCode.DONE.status();
    }
}
