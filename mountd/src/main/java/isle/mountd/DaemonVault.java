package isle.mountd;

import isle.crypto.seal.Id;
import isle.crypto.vault.VaultCare;
import isle.fs.model.FsException;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.VaultReport;
import isle.mountd.api.VaultUsage;
import isle.mountd.config.Settings;
import isle.mountd.files.FileProblems;
import isle.mountd.files.FileTree;
import isle.mountd.files.IslePath;
import isle.mountd.files.PrivateHistory;
import isle.mountd.local.VaultService;
import isle.mountd.vault.VaultHealth;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** private/ as a whole, as the socket asks for it. */
final class DaemonVault implements VaultService {

    private static final String BUSY = "Still at work on private/";

    private final Daemon daemon;

    DaemonVault(Daemon daemon) {
        this.daemon = daemon;
    }

    private static VaultCare care(Engine engine) throws DaemonException {
        return engine.care()
                .orElseThrow(() -> new DaemonException(
                        FailureKind.REFUSED, "private/ is not open on this host.", "See why: isle identity show"));
    }

    private static PrivateHistory history(Engine engine) throws DaemonException {
        return new PrivateHistory(new FileTree(engine.files(), engine.caller()), care(engine));
    }

    @Override
    public void history(String path, VersionSink sink, Consumer<String> progress) throws IOException {
        Engine engine = daemon.opened(progress);
        try (Heartbeat beat = Heartbeat.start(progress, BUSY)) {
            history(engine).list(IslePath.parse(path, engine.mount()), sink::accept);
        }
    }

    @Override
    public long restore(Restore what, Consumer<String> progress) throws IOException {
        Engine engine = daemon.opened(progress);
        IslePath path = IslePath.parse(what.path(), engine.mount());
        IslePath to = what.to().isEmpty() ? path : IslePath.parse(what.to().get(), engine.mount());
        try (Heartbeat beat = Heartbeat.start(progress, BUSY)) {
            return history(engine).restore(path, new PrivateHistory.Wanted(what.at(), what.version()), to);
        }
    }

    @Override
    public VaultReport check(boolean repair, Consumer<String> progress) throws DaemonException {
        Engine engine = daemon.opened(progress);
        try (Heartbeat beat = Heartbeat.start(progress, BUSY)) {
            VaultCare.Report found = care(engine).examine(repair, progress);
            engine.examineVault();
            return new VaultReport(
                    found.packs(),
                    found.blocks(),
                    found.bytes(),
                    VaultHealth.issues(found.alarms(), Instant.now()),
                    found.earlier(),
                    found.orphans(),
                    found.orphanBytes(),
                    found.before(),
                    found.putBack(),
                    found.found());
        } catch (FsException e) {
            throw FileProblems.of(Settings.PRIVATE, e);
        }
    }

    @Override
    public VaultUsage usage(Consumer<String> progress) throws DaemonException {
        Engine engine = daemon.opened(progress);
        try (Heartbeat beat = Heartbeat.start(progress, BUSY)) {
            VaultCare.Usage usage = care(engine).usage();
            return new VaultUsage(
                    usage.packs(),
                    usage.packBytes(),
                    usage.objects(),
                    usage.objectBytes(),
                    usage.liveBytes(),
                    usage.historyBytes(),
                    usage.historyPacks(),
                    usage.historyPackBytes(),
                    usage.orphans(),
                    usage.orphanBytes(),
                    usage.unneeded().objects(),
                    usage.unneeded().bytes(),
                    usage.unneeded().from().map(Instant::getEpochSecond).orElse(0L),
                    usage.unneeded().silent().stream().map(Id::toString).toList(),
                    usage.unneeded().held());
        } catch (FsException e) {
            throw FileProblems.of(Settings.PRIVATE, e);
        }
    }

    @Override
    public long accept(Optional<String> path, Consumer<String> progress) throws DaemonException {
        Engine engine = daemon.opened(progress);
        VaultCare care = care(engine);
        IslePath folder = IslePath.parse(path.orElse(Settings.PRIVATE), engine.mount());
        try (Heartbeat beat = Heartbeat.start(progress, BUSY)) {
            List<String> names = PrivateHistory.inPrivate(folder);
            VaultCare.Accepted accepted = care.accept(names);
            engine.examineVault();
            return accepted.packs();
        } catch (FsException e) {
            throw FileProblems.of(folder.text(), e);
        }
    }
}
