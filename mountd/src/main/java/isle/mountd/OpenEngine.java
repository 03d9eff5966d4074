package isle.mountd;

import isle.crypto.vault.VaultCare;
import isle.fs.cache.BlockCache;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import isle.fs.vfs.FileState;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.VolumeStatus;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FileReport;
import isle.mountd.api.VolumeReport;
import isle.mountd.config.Settings;
import isle.mountd.files.IslePath;
import isle.mountd.vault.PrivateVault;
import isle.mountd.vault.VaultHealth;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The engine that {@link Wiring} put together. */
final class OpenEngine implements Engine {

    private final Parts parts;
    private final Settings settings;
    private final MountPlace place;
    private final Account account;
    private final JournalFolder journal;

    /**
     * Where the journals are.
     *
     * @param capBytes of each of them
     */
    record JournalFolder(Path folder, long capBytes) {}

    OpenEngine(Parts parts, Settings settings, MountPlace place, Account account, JournalFolder journal) {
        this.parts = parts;
        this.settings = settings;
        this.place = place;
        this.account = account;
        this.journal = journal;
    }

    @Override
    public FileSystem files() {
        return parts.vfs();
    }

    @Override
    public FileSystem.Caller caller() {
        return new FileSystem.Caller(account.uid(), account.gid(), 0);
    }

    @Override
    public Optional<String> mount() {
        return place.mounted();
    }

    @Override
    public List<VolumeReport> volumes() {
        List<VolumeReport> reports = new ArrayList<>();
        for (VolumeStatus status : parts.vfs().status().volumes()) {
            reports.add(report(status));
        }
        return reports;
    }

    private VolumeReport report(VolumeStatus status) {
        List<VolumeReport.Failed> failed = new ArrayList<>();
        for (String one : status.failed()) {
            int end = one.indexOf(": ");
            failed.add(new VolumeReport.Failed(
                    status.name() + "/" + (end < 0 ? one : one.substring(0, end)),
                    end < 0 ? "" : one.substring(end + 2)));
        }
        BlockCache cache = parts.cache;
        return new VolumeReport(
                status.name(),
                status.store(),
                state(status.name()),
                status.pendingOperations(),
                status.pendingBytes(),
                status.uploading(),
                cache == null
                        ? 0
                        : cache.forVolume(status.name(), BlockCodec.PLAIN)
                                .usage()
                                .volumeBytes(),
                failed);
    }

    /** Nobody else writes to a store in a folder; of a remote one without a change log we know by looking only. */
    private String state(String volume) {
        if (parts.isDown(volume)) {
            return "offline";
        }
        return settings.isRemote() ? "timeout" : "fresh";
    }

    @Override
    public void askStores() {
        parts.askStores();
    }

    @Override
    public FileReport state(IslePath path) throws FsException {
        FileState state = parts.vfs().status().file(path.names());
        return new FileReport(path.text(), state.state().label(), state.size(), state.version());
    }

    @Override
    public boolean awaitStored(Optional<IslePath> path, Duration atMost) throws FsException {
        Optional<List<FileName>> names = path.map(IslePath::names);
        return parts.vfs().awaitStored(names, atMost);
    }

    @Override
    public void showMount() throws DaemonException {
        place.show(parts.vfs());
    }

    @Override
    public void takeMountAway(boolean force) throws DaemonException {
        place.takeAway(force);
    }

    /** The fullest journal counts: each volume has its own, and writers of that one are slowed down. */
    @Override
    public JournalUse journalUse() {
        long fullest = 0;
        for (String name : Settings.VOLUMES) {
            fullest = Math.max(fullest, bytesIn(journal.folder().resolve(name)));
        }
        return new JournalUse(fullest, journal.capBytes());
    }

    private static long bytesIn(Path folder) {
        File[] files = folder.toFile().listFiles();
        long bytes = 0;
        for (File file : files == null ? new File[0] : files) {
            // Of a segment that was removed meanwhile it is 0.
            bytes += file.length();
        }
        return bytes;
    }

    @Override
    public PrivateVault vault() {
        return parts.vault();
    }

    @Override
    public Optional<VaultCare> care() {
        return Optional.ofNullable(parts.care);
    }

    @Override
    public void examineVault() {
        VaultHealth vaultHealth = parts.vaultHealth;
        if (vaultHealth != null) {
            vaultHealth.tell();
        }
    }

    @Override
    public boolean isVaultShown() {
        return parts.isVaultShown;
    }

    @Override
    public boolean canShowVault() {
        return parts.areVaultsShown && parts.vault().vault().isPresent();
    }

    @Override
    public void close() {
        parts.close();
    }
}
