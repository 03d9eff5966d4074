package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityClient;
import isle.mountd.api.IdentityReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle identity show}. */
@Command(
        name = "show",
        header = "Tell who this host is, and how private/ is.",
        description = {
            "",
            "The ids of vault, user and host; whether a passphrase protects the keys of this host; whether the recovery code waits to be",
            "confirmed; and, if private/ is not open, why and what to do.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "3:no daemon of this profile runs",
            "4:the store cannot be reached",
            "7:refused: rights"
        },
        footer = {"", "Examples:", "  isle identity show", "  isle identity show --json | jq .state"})
final class IdentityShowCommand implements Callable<Integer> {

    private final Context context;

    @Option(names = "--json", description = "Print JSON, for scripts.")
    private boolean json;

    IdentityShowCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            IdentityReport report = identity.show();
            if (json) {
                context.print(report.toJson().toIndentedString());
            } else {
                print(report);
            }
        }
        return ExitCode.DONE.status();
    }

    private void print(IdentityReport report) {
        context.print("private/: " + report.state() + (report.shown() ? "" : ", not shown"));
        report.vault().ifPresent(id -> context.print("  vault " + id));
        report.user().ifPresent(id -> context.print("  user " + id));
        report.device().ifPresent(id -> context.print("  this host " + id));
        context.print("  keys of this host: " + (report.passphrase() ? "behind a passphrase" : "in clear"));
        if (!report.confirmed()) {
            context.print("  the recovery code is not confirmed: isle identity confirm");
        }
        if (!report.sentence().isEmpty()) {
            context.print(report.sentence());
            context.print("  " + report.action());
        }
    }
}
