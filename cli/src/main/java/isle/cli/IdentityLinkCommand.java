package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.IdentityAnswer;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code isle identity link}. */
@Command(
        name = "link",
        header = "Show a code that lets another host of yours in.",
        description = {
            "",
            "Type it there, once, after 'isle mount' with the same store: isle identity recover. The code is printed on a line that begins",
            "with \"link code: \". Who gets it, and may read the store, gets your private/: say it to nobody.",
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
            "7:refused: private/ is not open"
        },
        footer = {"", "Examples:", "  isle identity link"})
final class IdentityLinkCommand implements Callable<Integer> {

    private final Context context;

    IdentityLinkCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            IdentityAnswer answer = identity.link();
            answer.code().ifPresent(code -> context.print("link code: " + code));
            answer.notes().forEach(context::note);
        }
        return ExitCode.DONE.status();
    }
}
