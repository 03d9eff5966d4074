package isle.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** All commands, by name. */
final class Commands {

    /** In the order of the help. */
    static final List<String> NAMES = List.of(
            "mount",
            "unmount",
            "status",
            "wait",
            "ls",
            "cat",
            "put",
            "get",
            "mkdir",
            "mv",
            "rm",
            "history",
            "restore",
            "vault",
            "identity",
            "daemon",
            "doctor",
            "completion",
            "version");

    private Commands() {}

    /**
     * The command line for a call. It knows the command that is called, and no other: describing one to picocli takes as
     * long as half of a bare program's start. For everything else (help, a mistake) it knows all.
     *
     * @param first the first argument
     */
    static CommandLine line(Context context, String first) {
        CommandLine line = new CommandLine(new IsleCommand(context));
        line.getCommandSpec()
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .scopeType(ScopeType.INHERIT)
                        .description("Explain the command.")
                        .build());
        for (String name : NAMES.contains(first) ? List.of(first) : NAMES) {
            line.addSubcommand(name, create(name, context));
        }
        return line;
    }

    private static Object create(String name, Context context) {
        return switch (name) {
            case "mount" -> new MountCommand(context);
            case "unmount" -> new UnmountCommand(context);
            case "status" -> new StatusCommand(context);
            case "wait" -> new WaitCommand(context);
            case "ls" -> new LsCommand(context);
            case "cat" -> new CatCommand(context);
            case "put" -> new PutCommand(context);
            case "get" -> new GetCommand(context);
            case "mkdir" -> new MkdirCommand(context);
            case "mv" -> new MvCommand(context);
            case "rm" -> new RmCommand(context);
            case "history" -> new HistoryCommand(context);
            case "restore" -> new RestoreCommand(context);
            case "vault" -> VaultCommand.line(context);
            case "identity" -> IdentityCommand.line(context);
            case "daemon" -> new DaemonCommand(context);
            case "doctor" -> new DoctorCommand(context);
            case "completion" -> new CompletionCommand(context);
            case "version" -> new VersionCommand(context);
            default -> throw new IllegalArgumentException(name);
        };
    }
}
