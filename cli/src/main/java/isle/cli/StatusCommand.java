package isle.cli;

import isle.mountd.api.DaemonClient;
import isle.mountd.api.FileReport;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.PathText;
import isle.mountd.api.StatusReport;
import isle.mountd.api.VolumeReport;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle status}. */
@Command(
        name = "status",
        header = "Tell what is mounted, stored, on its way, and wrong.",
        description = {
            "",
            "Without PATH: the mount, each volume with what it has not stored yet, and the health of the daemon. With PATH: whether",
            "that file is local (only in this machine's journal), uploading, stored, in conflict (two hosts changed it, both versions",
            "are kept) or failed (the store refused it; it is kept and tried again).",
            "",
            "The answer comes from memory, also when the store is down. The same is in the mount: .isle/status.json,",
            ".isle/health.txt, and the extended attribute user.isle.state of each file.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed", "2:wrong usage", "3:no daemon of this profile runs"},
        footer = {
            "",
            "Examples:",
            "  isle status",
            "  isle status public/notes.txt",
            "  isle status --json | jq .health"
        })
final class StatusCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "A path in isle (public/notes.txt), or of this machine inside the mount.")
    private @Nullable String path;

    @Option(names = "--json", description = "Print JSON, for scripts.")
    private boolean json;

    StatusCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        try (DaemonClient daemon = context.daemon()) {
            if (path != null) {
                FileReport file = daemon.state(Context.islePath(path));
                context.print(
                        json
                                ? file.toJson().toIndentedString()
                                : PathText.display(file.path()) + ": " + file.state() + ", "
                                        + Output.size(file.size()));
            } else if (json) {
                context.print(daemon.statusJson().toIndentedString());
            } else {
                print(daemon.status());
            }
        }
        return ExitCode.DONE.status();
    }

    private void print(StatusReport status) {
        String readOnly = status.readOnly() ? ", read-only" : "";
        context.print("isle " + status.version() + ", process " + status.pid() + ", profile " + status.profile());
        context.print(status.mount().map(dir -> "mounted at " + dir + readOnly).orElse("not mounted"));
        for (VolumeReport volume : status.volumes()) {
            context.print("  " + volume.name() + ": " + stored(volume) + "; " + Output.size(volume.cachedBytes())
                    + " cached; " + volume.state() + "; " + volume.store());
            for (VolumeReport.Failed failed : volume.failed()) {
                context.print("    refused: " + PathText.display(failed.path()) + " " + failed.reason());
            }
        }
        for (HealthIssue issue : status.health()) {
            context.print(issue.severity().word() + ": " + (issue.isAboutAPath() ? issue.subject() + ": " : "")
                    + issue.title());
            context.print("  " + issue.action() + " (" + issue.code() + ", since "
                    + Output.time(issue.since().getEpochSecond()) + ")");
        }
    }

    private static String stored(VolumeReport volume) {
        return volume.pendingOperations() == 0
                ? "everything stored"
                : Output.count(volume.pendingOperations(), "change", "changes") + " to be stored ("
                        + Output.size(volume.pendingBytes()) + ", " + volume.uploading()
                        + " on the way)";
    }
}
