package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.VaultClient;
import isle.mountd.api.VaultReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle vault check}. */
@Command(
        name = "check",
        header = "Read everything that the store has of private/, and tell what is damaged.",
        description = {
            "",
            "Every object is fetched and opened, and it is looked whether everything is there that a version names. It tells how far it is",
            "and how long it will take. Ctrl-C ends it; the next one goes on from there, within a week. Exit code 1 if something is damaged",
            "or missing.",
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
        footer = {
            "",
            "Examples:",
            "  isle vault check",
            "  isle vault check --repair",
            "  isle vault check --json | jq .alarms"
        })
final class VaultCheckCommand implements Callable<Integer> {

    private final Context context;

    @Option(
            names = "--repair",
            description = {
                "Give the store back what it has lost and this host has, as isle vault accept does. Folders that are shown nowhere,",
                "because what says where they are cannot be read, get a place in private/lost+found."
            })
    private boolean repair;

    @Option(names = "--json", description = "Print JSON, for scripts.")
    private boolean json;

    VaultCheckCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.anyDaemon()) {
            VaultReport report = new VaultClient(daemon, context::note).check(repair);
            if (json) {
                context.print(report.toJson().toIndentedString());
            } else {
                print(report);
            }
            return (report.isSound() ? ExitCode.DONE : ExitCode.FAILED).status();
        }
    }

    private void print(VaultReport report) {
        for (HealthIssue issue : report.alarms()) {
            context.print(issue.severity().word() + ": " + issue.subject() + ": " + issue.title() + " (" + issue.code()
                    + ")");
        }
        if (report.earlier() > 0) {
            context.print("error: " + Output.count(report.earlier(), "earlier version", "earlier versions")
                    + " cannot be read.");
        }
        if (report.putBack() > 0) {
            context.print("The store was given back " + Output.count(report.putBack(), "object", "objects") + ".");
        }
        if (report.found() > 0) {
            context.print(Output.count(report.found(), "folder", "folders")
                    + (report.found() == 1 ? " that was shown nowhere is" : " that were shown nowhere are")
                    + " in private/lost+found now.");
        }
        if (report.orphans() > 0) {
            context.print(Output.count(report.orphans(), "object", "objects") + " (" + Output.size(report.orphanBytes())
                    + ") that nothing names; they do no harm.");
        }
        if (report.before() > 0) {
            context.print("It went on where one was broken off, which had read "
                    + Output.count(report.before(), "object", "objects") + ".");
        }
        context.print("Read " + Output.count(report.packs(), "pack", "packs") + " and "
                + Output.count(report.blocks(), "block", "blocks") + ", " + Output.size(report.bytes()) + ": "
                + (report.isSound() ? "everything is as it was written." : "not everything is as it was written."));
    }
}
