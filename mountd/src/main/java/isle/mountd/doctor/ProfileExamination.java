package isle.mountd.doctor;

import isle.crypto.identity.DeviceFile;
import isle.fs.s3.ProbeResult;
import isle.mountd.api.DaemonClient;
import isle.mountd.api.DaemonException;
import isle.mountd.api.Examiner.Finding;
import isle.mountd.api.HealthIssue;
import isle.mountd.api.MountRequest;
import isle.mountd.api.ProfileFolders;
import isle.mountd.api.Severity;
import isle.mountd.api.StatusReport;
import isle.mountd.api.VolumeReport;
import isle.mountd.config.ConfigException;
import isle.mountd.config.ConfigLoader;
import isle.mountd.config.KeptSettings;
import isle.mountd.config.Settings;
import isle.mountd.store.StoreAdvice;
import isle.mountd.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Whether the profile and its store can be used. */
final class ProfileExamination {

    private static final String OFFLINE = "offline";

    private static final long LEAST_FREE_BYTES = 1L << 30;

    private final ProfileFolders folders;
    private final Map<String, String> environment;
    private final boolean superuser;
    private final Consumer<Finding> sink;

    ProfileExamination(
            ProfileFolders folders, Map<String, String> environment, boolean superuser, Consumer<Finding> sink) {
        this.folders = folders;
        this.environment = environment;
        this.superuser = superuser;
        this.sink = sink;
    }

    void examine(Machine machine) {
        examineFolders();
        examineKeys();
        Optional<StatusReport> running = examineDaemon();
        Optional<Settings> settings = readSettings();
        if (settings.isEmpty()) {
            return;
        }
        if (settings.get().allowOther() && !superuser && !machine.userAllowOther()) {
            sink.accept(Doctor.problem(
                    "allow_other",
                    "this profile lets other users in, but /etc/fuse.conf does not allow it",
                    "echo user_allow_other | sudo tee -a /etc/fuse.conf"));
        }
        if (running.isPresent() && !running.get().volumes().isEmpty()) {
            tellStore(running.get());
        } else {
            examineStore(settings.get());
        }
    }

    private void examineFolders() {
        for (Path folder : List.of(folders.config(), folders.state(), folders.cache(), folders.log())) {
            Path existing = existing(folder);
            if (!Files.isWritable(existing) || !Files.isDirectory(existing)) {
                sink.accept(Doctor.problem(
                        "profile",
                        existing + " cannot be written",
                        "chown it to yourself, or set ISLE_HOME to another folder"));
            }
        }
        Path existing = existing(folders.state());
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            String detail = String.format(Locale.ROOT, "%.1f GiB free in %s", free / (double) (1L << 30), existing);
            sink.accept(
                    free < LEAST_FREE_BYTES
                            ? Doctor.problem("disk", detail, "free some: the journal needs room for what is written")
                            : Doctor.ok("disk", detail));
        } catch (IOException e) {
            sink.accept(Doctor.note("disk", "its free space is unknown: " + e.getMessage(), ""));
        }
    }

    /** Whether somebody who has the disk has the keys, too. */
    private void examineKeys() {
        DeviceFile file = new DeviceFile(folders.vault());
        try {
            if (file.exists()) {
                sink.accept(
                        file.isLocked()
                                ? Doctor.ok("keys of private/", "behind a passphrase")
                                : Doctor.note(
                                        "keys of private/",
                                        "they lie in clear beside the data, readable by you alone: whoever has this"
                                                + " disk, or a backup of it, has private/",
                                        "encrypt the disk, or set a passphrase: isle identity passphrase"));
            }
        } catch (IOException e) {
            sink.accept(Doctor.problem(
                    "keys of private/",
                    String.valueOf(e.getMessage()),
                    "mend that, or let this host in anew: isle identity recover"));
        }
    }

    private static Path existing(Path folder) {
        Path at = folder;
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    private Optional<StatusReport> examineDaemon() {
        try {
            Optional<DaemonClient> client = DaemonClient.connect(folders);
            if (client.isEmpty()) {
                sink.accept(Doctor.ok("daemon", "none of this profile runs"));
                return Optional.empty();
            }
            try (DaemonClient daemon = client.get()) {
                // A store that was away is asked again within ten seconds only, and one that nobody uses was never
                // asked.
                StatusReport status = daemon.askedStatus();
                String where = status.mount().map(dir -> ", mounted at " + dir).orElse(", not mounted");
                sink.accept(Doctor.ok("daemon", "process " + status.pid() + where));
                status.health().forEach(issue -> sink.accept(finding(issue)));
                return Optional.of(status);
            }
        } catch (IOException e) {
            String remedy = e instanceof DaemonException known ? known.action() : "";
            sink.accept(Doctor.problem("daemon", String.valueOf(e.getMessage()), remedy));
            return Optional.empty();
        }
    }

    private static Finding finding(HealthIssue issue) {
        return issue.severity() == Severity.ERROR
                ? Doctor.problem(issue.code(), issue.title(), issue.action())
                : Doctor.note(issue.code(), issue.title(), issue.action());
    }

    private Optional<Settings> readSettings() {
        Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home", "/")));
        try {
            Settings settings = Settings.of(
                    MountRequest.DEFAULT,
                    new ConfigLoader(folders.configFile(), home).load(),
                    new KeptSettings(folders).told(),
                    Settings.Defaults.of(folders, home, superuser));
            sink.accept(Doctor.ok("settings", folders.configFile().toString()));
            return Optional.of(settings);
        } catch (ConfigException e) {
            e.problems()
                    .forEach(each -> sink.accept(
                            Doctor.problem("settings", each.sentence(), "correct " + folders.configFile())));
        } catch (DaemonException e) {
            sink.accept(Doctor.problem("settings", String.valueOf(e.getMessage()), e.action()));
        }
        return Optional.empty();
    }

    /** The running daemon knows best, and holds the lock of a store in a folder. */
    private void tellStore(StatusReport status) {
        for (VolumeReport volume : status.volumes()) {
            String subject = "store of " + volume.name();
            String detail = volume.store() + ", " + volume.state();
            sink.accept(
                    volume.state().equals(OFFLINE)
                            ? Doctor.problem(subject, detail, "check that it runs, and the network to it")
                            : Doctor.ok(subject, detail));
        }
    }

    private void examineStore(Settings settings) {
        if (!settings.isRemote()) {
            Path existing = existing(Path.of(settings.store()));
            sink.accept(
                    Files.isWritable(existing)
                            ? Doctor.ok("store", "the folder " + settings.store())
                            : Doctor.problem("store", existing + " cannot be written", "chown it to yourself"));
            return;
        }
        Stores stores = new Stores(settings, folders.keptKeys(), environment);
        for (String volume : Settings.PLAIN) {
            String subject = "store of " + volume;
            try {
                ProbeResult result = stores.probe(volume, false);
                tellClock(result);
                sink.accept(
                        result.isReadable()
                                ? Doctor.ok(subject, result.message())
                                : Doctor.problem(subject, result.message(), StoreAdvice.action(result)));
            } catch (DaemonException e) {
                sink.accept(Doctor.problem(subject, String.valueOf(e.getMessage()), e.action()));
            }
        }
    }

    private void tellClock(ProbeResult result) {
        result.clockAhead()
                .filter(ahead -> ahead.abs().compareTo(StoreAdvice.NOTABLE_SKEW) > 0)
                .ifPresent(ahead -> sink.accept(Doctor.problem(
                        "clock",
                        "this machine's clock is " + ahead.abs().toSeconds() + " s "
                                + (ahead.isNegative() ? "behind" : "ahead of") + " the store's",
                        "timedatectl set-ntp true, or install chrony")));
    }
}
