package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code isle identity unlock}. */
@Command(
        name = "unlock",
        header = "Open private/ with the passphrase of this host.",
        description = {
            "",
            "Needed after each start if a passphrase protects the keys. It is read from the terminal, where it is not shown, or from",
            "standard input.",
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
            "7:refused: the passphrase is wrong"
        },
        footer = {"", "Examples:", "  isle identity unlock"})
final class IdentityUnlockCommand implements Callable<Integer> {

    private final Context context;

    IdentityUnlockCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            String passphrase = new Prompt(context, "Passphrase").readSomething();
            identity.unlock(passphrase).notes().forEach(context::print);
        }
        return ExitCode.DONE.status();
    }
}
