package isle.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code isle vault}. */
@Command(
        name = "vault",
        header = "Check, export and measure private/ as a whole.",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "",
            "What the store has of private/ is examined, copied out, counted, and given back what it has lost and this host has.",
            ""
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "4:the store cannot be reached",
            "7:refused: private/ is not open, or rights"
        },
        footer = {"", "Examples:", "  isle vault check", "  isle vault export ~/private-copy", "  isle vault usage"})
final class VaultCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    /** With all its commands. */
    static CommandLine line(Context context) {
        return new CommandLine(new VaultCommand())
                .addSubcommand("check", new VaultCheckCommand(context))
                .addSubcommand("export", new VaultExportCommand(context))
                .addSubcommand("usage", new VaultUsageCommand(context))
                .addSubcommand("accept", new VaultAcceptCommand(context));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
