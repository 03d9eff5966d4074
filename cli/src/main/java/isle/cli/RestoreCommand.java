package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.PathText;
import isle.mountd.api.VaultClient;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle restore}. */
@Command(
        name = "restore",
        header = "Bring back an earlier version of a file or folder of private/.",
        description = {
            "",
            "It becomes the newest version; the one that is there now goes into the history. Without --at and --version it is the last",
            "one that is not there now. Of a folder everything that went from it comes back; with --at, everything in it is as it was",
            "then, and what came later stays.",
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
            "  isle restore private/report.odt",
            "  isle restore private/report.odt --version 5f2a91c07e",
            "  isle restore private/project --at '2026-11-28 17:30' --to private/project-of-friday"
        })
final class RestoreCommand implements Callable<Integer> {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm[:ss]", Locale.ROOT);

    private final Context context;

    @Parameters(paramLabel = "PATH", description = "A file or folder of private/, or what was there.")
    private String path = "";

    @Option(
            names = "--at",
            paramLabel = "TIME",
            description = "As it was then: 2026-11-28, '2026-11-28 17:30', or with a zone 2026-11-28T17:30:00Z.")
    private String at = "";

    @Option(names = "--version", paramLabel = "V", description = "The version that isle history calls so.")
    private String version = "";

    @Option(names = "--to", paramLabel = "PATH", description = "Put it here. Default: where it was.")
    private String to = "";

    RestoreCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        Optional<Long> seconds = at.isEmpty() ? Optional.empty() : Optional.of(seconds(at));
        try (DaemonClient daemon = context.anyDaemon()) {
            long count = new VaultClient(daemon, context::note)
                    .restore(
                            Context.islePath(path),
                            seconds,
                            Optional.of(version).filter(each -> !each.isEmpty()),
                            Optional.of(to).filter(each -> !each.isEmpty()).map(Context::islePath));
            context.note(Output.count(count, "file", "files") + " of " + PathText.display(path) + " restored.");
        }
        return ExitCode.DONE.status();
    }

    private static long seconds(String text) throws DaemonException {
        try {
            if (text.length() == "2026-11-28".length()) {
                return LocalDate.parse(text)
                        .plusDays(1)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toEpochSecond();
            }
            return text.endsWith("Z")
                    ? Instant.parse(text).getEpochSecond()
                    : LocalDateTime.parse(text.replace('T', ' '), TIME)
                            .atZone(ZoneId.systemDefault())
                            .toEpochSecond();
        } catch (DateTimeException e) {
            throw new DaemonException(
                    FailureKind.USAGE, "'" + text + "' is no time.", "Write it so: --at '2026-11-28 17:30'");
        }
    }
}
