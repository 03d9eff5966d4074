package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code isle identity recover}. */
@Command(
        name = "recover",
        header = "Let this host into your private/ with a code.",
        description = {
            "",
            "With the recovery code that was shown when private/ began, or with a code that 'isle identity link' shows on another of your",
            "hosts. It is read from the terminal, where it is not shown, or from standard input; it is never an argument.",
            "A host that was revoked gets new keys by it.",
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
            "7:refused: the code opens nothing here"
        },
        footer = {"", "Examples:", "  isle identity recover", "  isle identity recover < code.txt"})
final class IdentityRecoverCommand implements Callable<Integer> {

    private final Context context;

    IdentityRecoverCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            String code = new Prompt(context, "Recovery code, or code of another host").readSomething();
            identity.recover(code).notes().forEach(context::print);
        }
        return ExitCode.DONE.status();
    }
}
