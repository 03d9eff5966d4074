package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.VaultClient;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code isle vault accept}. */
@Command(
        name = "accept",
        header = "Give a store that was set back what this host knows of private/.",
        description = {
            "",
            "For a store that was restored from a backup, or has lost objects: names, folders and attributes that this host has read are",
            "put there again, so that all hosts show them. Content that the store has lost stays lost: isle vault check names those",
            "files, and isle history their earlier versions. What is missing and was never seen here is told no more.",
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
        footer = {"", "Examples:", "  isle vault accept", "  isle vault accept private/project"})
final class VaultAcceptCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "Only this folder and what is below it. Default: all of private/.")
    private String path = "";

    VaultAcceptCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            Optional<String> folder =
                    Optional.of(path).filter(each -> !each.isEmpty()).map(Context::islePath);
            long count = new VaultClient(daemon, context::note).accept(folder);
            context.print("The store was given back " + Output.count(count, "object", "objects") + ".");
        }
        return ExitCode.DONE.status();
    }
}
