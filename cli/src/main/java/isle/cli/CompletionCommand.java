package isle.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code isle completion}. */
@Command(
        name = "completion",
        header = "Print a script that completes isle's commands in a shell.",
        description = {
            "",
            "The script is for bash, and for zsh with its bash emulation, which it switches on by itself.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done"},
        footer = {
            "",
            "Examples:",
            "  source <(isle completion)",
            "  isle completion > ~/.local/share/bash-completion/completions/isle"
        })
final class CompletionCommand implements Callable<Integer> {

    private final Context context;

    CompletionCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() {
        context.print(AutoComplete.bash("isle", Commands.line(context, "")).stripTrailing());
        return ExitCode.DONE.status();
    }
}
