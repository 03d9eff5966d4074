package isle.cli;

import isle.mountd.api.DaemonException;
import isle.mountd.api.Examiner;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;

/** {@code isle doctor}. */
@Command(
        name = "doctor",
        header = "Look for what is wrong with this machine and how to mend it.",
        description = {
            "",
            "Looks at Java, FUSE, rights, the profile, the disk, stale mounts and the store, and prints for each whether it is fine,",
            "and if not, what to do, with the commands for apt, dnf, pacman and brew. Changes nothing.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:something has to be mended before isle works"},
        footer = {"", "Examples:", "  isle doctor"})
final class DoctorCommand implements Callable<Integer> {

    private final Context context;

    DoctorCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws DaemonException {
        AtomicInteger problems = new AtomicInteger();
        Examiner.load().examine(context.folders(), context.environment(), finding -> {
            problems.addAndGet(finding.state() == Examiner.State.PROBLEM ? 1 : 0);
            print(finding);
        });
        int count = problems.get();
        context.print(count == 0 ? "isle can work here." : Output.count(count, "problem", "problems") + " to mend.");
        return count == 0 ? ExitCode.DONE.status() : ExitCode.FAILED.status();
    }

    private void print(Examiner.Finding finding) {
        String word =
                switch (finding.state()) {
                    case OK -> "ok      ";
                    case NOTE -> "note    ";
                    case PROBLEM -> "PROBLEM ";
                };
        context.print(word + finding.subject() + ": " + finding.detail());
        finding.remedy().lines().forEach(line -> context.print("          " + line));
    }
}
