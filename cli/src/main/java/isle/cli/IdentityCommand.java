package isle.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code isle identity}. */
@Command(
        name = "identity",
        header = "Keys of private/: recover, link and revoke hosts.",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "",
            "private/ is sealed on this host. What opens it are the keys of your hosts, and the recovery code that 'isle mount' printed",
            "when it began. Codes and passphrases are read from the terminal or from standard input; they are never an argument.",
            ""
        },
        commandListHeading = "%nCommands:%n",
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:no daemon of this profile runs",
            "4:the store cannot be reached",
            "7:refused: wrong code or passphrase, private/ is not open"
        },
        footer = {
            "",
            "Examples:",
            "  isle identity confirm",
            "  isle identity link      on the old host, then on the new one:",
            "  isle identity recover"
        })
final class IdentityCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    /** With all its commands. */
    static CommandLine line(Context context) {
        return new CommandLine(new IdentityCommand())
                .addSubcommand("show", new IdentityShowCommand(context))
                .addSubcommand("confirm", new IdentityConfirmCommand(context))
                .addSubcommand("recover", new IdentityRecoverCommand(context))
                .addSubcommand("link", new IdentityLinkCommand(context))
                .addSubcommand("devices", new IdentityDevicesCommand(context))
                .addSubcommand("revoke", new IdentityRevokeCommand(context))
                .addSubcommand("passphrase", new IdentityPassphraseCommand(context))
                .addSubcommand("unlock", new IdentityUnlockCommand(context));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
