package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle identity confirm}. */
@Command(
        name = "confirm",
        header = "Prove that the recovery code was written down.",
        description = {
            "",
            "Type it from the paper; isle stops reminding you when it is right. It is read from the terminal, where it is not shown, or from",
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
            "7:refused: the code does not open private/"
        },
        footer = {"", "Examples:", "  isle identity confirm", "  isle identity confirm --new"})
final class IdentityConfirmCommand implements Callable<Integer> {

    private final Context context;

    @Option(
            names = "--new",
            description = "The code is lost: print another one, on a line that begins with \"recovery code: \".")
    private boolean fresh;

    IdentityConfirmCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            if (fresh) {
                IdentityAnswer answer = identity.newCode();
                answer.code().ifPresent(context::printRecoveryCode);
                answer.notes().forEach(context::note);
            } else {
                String code = new Prompt(context, "Recovery code").readSomething();
                identity.confirm(code).notes().forEach(context::print);
            }
        }
        return ExitCode.DONE.status();
    }
}
