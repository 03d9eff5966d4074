package isle.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code isle} without a command. */
@Command(
        name = "isle",
        header = "The storage of your network as a folder.",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "",
            "Files in ~/Isle/public and ~/Isle/protected are kept in an object store: a folder of this machine to begin"
                    + " with, or a Garage cluster. What is written is safe on this machine at once, and goes to the"
                    + " store in the background.",
            ""
        },
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Start with 'isle mount', then look into ~/Isle. 'isle COMMAND --help' explains a command.",
            "",
            "ISLE_HOME=DIR puts everything that isle keeps (settings, journal, cache) into one folder.",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no daemon, 4 store unreachable, 5 timed out,",
            "6 not everything stored, 7 refused (rights, profile in use or bound to another store)."
        })
final class IsleCommand implements Runnable {

    private final Context context;

    @Option(
            names = {"-V", "--version"},
            description = "Print the version of isle; 'isle version' prints those of its parts too.")
    private boolean version;

    @Spec
    private CommandSpec spec;

    IsleCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        if (version) {
            context.print("isle " + isle.mountd.api.Program.version());
        } else {
            CommandLine line = spec.commandLine();
            line.usage(line.getOut());
        }
    }
}
