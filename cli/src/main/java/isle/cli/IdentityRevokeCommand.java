package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code isle identity revoke}. */
@Command(
        name = "revoke",
        header = "Let a lost host into private/ no more.",
        description = {
            "",
            "From now on everything is sealed under new keys that the host does not get. What it could read before, it may have kept. If the",
            "recovery code has to be changed with it, a new one is printed on a line that begins with \"recovery code: \".",
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
            "7:refused: private/ is not open, or it is this host"
        },
        footer = {
            "",
            "Examples:",
            "  isle identity devices",
            "  isle identity revoke laptop",
            "  isle identity revoke 5f2a91"
        })
final class IdentityRevokeCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(paramLabel = "DEVICE", description = "Id of the host, the beginning of it, or its name.")
    private String device = "";

    IdentityRevokeCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            IdentityAnswer answer = identity.revoke(device);
            answer.code().ifPresent(context::printRecoveryCode);
            answer.notes().forEach(context::note);
        }
        return ExitCode.DONE.status();
    }
}
