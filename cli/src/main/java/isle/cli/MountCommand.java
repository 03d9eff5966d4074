package isle.cli;

import isle.mountd.api.Credentials;
import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonProgram;
import isle.mountd.api.MountAnswer;
import isle.mountd.api.MountRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code isle mount}. */
@Command(
        name = "mount",
        header = "Show the storage as a folder.",
        description = {
            "",
            "Starts the daemon of this profile if none runs, mounts, and returns when the folder is usable. Without options the",
            "files are kept in a folder of the profile: no server and no configuration are needed. Options are kept, so that the",
            "next 'isle mount' needs none; daemon.yml in the profile's config folder has more of them.",
            "",
            "private/ is sealed on this host. When it begins, its recovery code is printed, once, on a line that begins with",
            "\"recovery code: \": write it down, then 'isle identity confirm'.",
            "",
            "The keys of an S3 store come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (kept in the profile, readable by you",
            "alone), else from ~/.aws/credentials. They are never an argument, because others can see arguments.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed",
            "2:wrong usage",
            "4:the store cannot be reached",
            "5:timed out",
            "7:refused: rights, profile in use, bound to another store"
        },
        footer = {
            "",
            "Examples:",
            "  isle mount",
            "  isle mount ~/Network --read-only",
            "  AWS_ACCESS_KEY_ID=GK... AWS_SECRET_ACCESS_KEY=... isle mount --store http://127.0.0.1:3900"
        })
final class MountCommand implements Callable<Integer> {

    private final Context context;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "Where: an empty folder, or one that is made. Default: ~/Isle, or what was given last time.")
    private @Nullable Path folder;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description =
                    "A folder, or the address of an S3 store: http(s)://HOST:PORT. Default: a folder of the profile.")
    private @Nullable String store;

    @Option(names = "--region", paramLabel = "REGION", description = "Region of the S3 store. Default: garage.")
    private @Nullable String region;

    @Option(
            names = "--bucket",
            paramLabel = "VOLUME=NAME",
            description =
                    "Bucket of a volume (public, protected, private). Default: isle-VOLUME, isle-private-USER. May be given more"
                            + " than once.")
    private Map<String, String> buckets = new TreeMap<>();

    @Option(
            names = "--read-only",
            negatable = true,
            description = "Take no writes, from the mount or from other commands.")
    private @Nullable Boolean readOnly;

    @Option(
            names = "--allow-other",
            negatable = true,
            description = "Let other users of this machine in. Needs user_allow_other in /etc/fuse.conf, but for root.")
    private @Nullable Boolean allowOther;

    @Option(
            names = "--foreground",
            description = "Do not go to the background: run until Ctrl-C, SIGTERM or 'isle unmount'.")
    private boolean foreground;

    @Option(names = "--no-open", description = "Do not open the file manager.")
    private boolean noOpen;

    MountCommand(Context context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        MountRequest request = request();
        if (foreground) {
            DaemonProgram.load()
                    .run(
                            context.folders(),
                            Optional.of(request),
                            context::note,
                            Optional.of(context::printRecoveryCode));
            return ExitCode.DONE.status();
        }
        try (DaemonClient daemon = context.anyDaemon()) {
            MountAnswer answer = daemon.mount(request, context::note);
            String readOnlyNote = answer.readOnly() ? ", read-only" : "";
            context.print((answer.already() ? "Already mounted at " : "Mounted at ") + answer.dir() + readOnlyNote);
            answer.recoveryCode().ifPresent(context::printRecoveryCode);
            answer.notes().forEach(context::note);
            if (!answer.already() && !noOpen) {
                new Desktop(context).open(answer.dir());
            }
        }
        return ExitCode.DONE.status();
    }

    private MountRequest request() {
        return new MountRequest(
                Optional.ofNullable(folder).map(Context::place),
                Optional.ofNullable(store).map(MountCommand::address),
                Optional.ofNullable(region),
                buckets,
                Optional.ofNullable(readOnly),
                Optional.ofNullable(allowOther),
                Credentials.ofEnvironment(context.environment()));
    }

    /** The daemon has another working directory. */
    private static String address(String typed) {
        return typed.contains("://") || typed.startsWith("~/")
                ? typed
                : Path.of(typed).toAbsolutePath().normalize().toString();
    }
}
