package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.IdentityClient;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code isle identity passphrase}. */
@Command(
        name = "passphrase",
        header = "Set or remove the passphrase of the keys of this host.",
        description = {
            "",
            "Without one, whoever has this machine's disk has private/. With one, each start asks for it: isle identity unlock. It is read from",
            "the terminal, where it is not shown, or from standard input: the old one, if there is one, on the first line, then the new one.",
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
            "7:refused: the old passphrase is wrong"
        },
        footer = {"", "Examples:", "  isle identity passphrase", "  isle identity passphrase --remove"})
final class IdentityPassphraseCommand implements Callable<Integer> {

    private final Context context;

    @Option(names = "--remove", description = "Protect the keys by the rights of their file alone.")
    private boolean remove;

    IdentityPassphraseCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            IdentityClient identity = new IdentityClient(daemon, context::note);
            Optional<String> old = identity.show().passphrase()
                    ? Optional.of(new Prompt(context, "Passphrase now").read())
                    : Optional.empty();
            Optional<String> next = remove ? Optional.empty() : Optional.of(newOne());
            identity.passphrase(old, next).notes().forEach(context::print);
        }
        return ExitCode.DONE.status();
    }

    /** Typed twice on a terminal, where nobody sees what was typed; standard input has it once. */
    private String newOne() throws IOException {
        String typed = new Prompt(context, "New passphrase").readSomething();
        if (Prompt.isHidden() && !new Prompt(context, "Again").read().equals(typed)) {
            throw new DaemonException(
                    FailureKind.USAGE, "The two are not the same.", "Nothing was changed; try again.");
        }
        return typed;
    }
}
