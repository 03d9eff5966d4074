package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.VaultClient;
import isle.mountd.api.VaultUsage;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle vault usage}. */
@Command(
        name = "usage",
        header = "Tell what private/ takes in the store, and what of it is history.",
        description = {
            "",
            "Objects and bytes in the store; bytes of files that are shown, and those that only earlier versions have.",
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
        footer = {"", "Examples:", "  isle vault usage", "  isle vault usage --json"})
final class VaultUsageCommand implements Callable<Integer> {

    private final Context context;

    @Option(names = "--json", description = "Print JSON, for scripts.")
    private boolean json;

    VaultUsageCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            VaultUsage usage = new VaultClient(daemon, context::note).usage();
            if (json) {
                context.print(usage.toJson().toIndentedString());
            } else {
                long bytes = usage.packBytes() + usage.objectBytes() + usage.historyPackBytes();
                long objects = usage.packs() + usage.objects() + usage.historyPacks();
                context.print("in the store: " + Output.size(bytes) + " in "
                        + Output.count(objects, "object", "objects") + " (" + usage.packs()
                        + " with names and small files, " + usage.historyPacks() + " with names of earlier versions, "
                        + usage.objects() + " others)");
                context.print("files that are shown: " + Output.size(usage.liveBytes()));
                context.print("earlier versions: " + Output.size(usage.historyBytes()) + ", and "
                        + Output.size(usage.historyPackBytes()) + " to know what they were");
                context.print("named by nothing: " + Output.size(usage.orphanBytes()) + " in "
                        + Output.count(usage.orphans(), "object", "objects"));
                if (usage.unneeded() > 0) {
                    context.print("  of that needed by no host: " + Output.size(usage.unneededBytes()) + " in "
                            + Output.count(usage.unneeded(), "object", "objects") + ", to be removed from "
                            + Output.time(usage.goesFrom()) + " on");
                }
                if (usage.orphans() > 0 && !usage.silent().isEmpty()) {
                    context.print(
                            "  these hosts have not said for a week what they need, and it stays (isle identity devices;"
                                    + " isle identity revoke for one that will not come back): "
                                    + String.join(", ", usage.silent()));
                }
                if (usage.orphans() > 0 && !usage.held().isEmpty()) {
                    context.print("  this host could not say what it needs (it tries again): " + usage.held());
                }
            }
        }
        return ExitCode.DONE.status();
    }
}
