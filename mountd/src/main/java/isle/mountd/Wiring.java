package isle.mountd;

import isle.crypto.access.OpenVault;
import isle.crypto.access.VaultAccess;
import isle.crypto.vault.VaultVolume;
import isle.fs.cache.BlockCache;
import isle.fs.cache.CacheSettings;
import isle.fs.index.Index;
import isle.fs.index.InodeNumbers;
import isle.fs.journal.JournalSettings;
import isle.fs.journal.RealDisk;
import isle.fs.model.FsException;
import isle.fs.plain.PlainVolume;
import isle.fs.spi.BlockCodec;
import isle.fs.spi.ObjectStore;
import isle.fs.store.GuardedObjectStore;
import isle.fs.vfs.Ownership;
import isle.fs.vfs.Vfs;
import isle.fs.vfs.VfsClock;
import isle.fs.vfs.VolumeSetup;
import isle.mountd.api.DaemonException;
import isle.mountd.api.FailureKind;
import isle.mountd.api.ProfileFolders;
import isle.mountd.config.DaemonConfig.OwnershipChoice;
import isle.mountd.config.Profile;
import isle.mountd.config.Settings;
import isle.mountd.files.HistoryTree;
import isle.mountd.health.HealthCode;
import isle.mountd.store.Stores;
import isle.mountd.vault.PrivateVault;
import isle.mountd.vault.VaultHealth;
import isle.mountd.vault.VaultRefresh;
import isle.mountd.vault.VaultWatch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Puts the parts together: stores, index, journals, cache, volumes, VFS. The one place that knows all constructors. */
final class Wiring implements EngineFactory {

    private static final Duration FIRST_PROBE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final int ROOT_PERMISSIONS = 0755;
    private static final long LARGEST_JOURNAL_BYTES = 20L << 30;
    private static final long LEAST_JOURNAL_BYTES = 72L << 20;

    /**
     * Of one volume, whatever the cap is: a part of a large file (8 MiB) has to find room beside what comes in while it is sent
     * ({@code LargeFileTest}; with 16 MiB a copy to public/ gets ENOSPC).
     */
    private static final long LEAST_SHARE_BYTES = 24L << 20;

    /** Numbers of inodes of a new index begin with the time, so that those of a lost one are not given again. */
    private static final Instant FIRST_INODE_TIME = Instant.parse("2020-01-01T00:00:00Z");

    private static final int INODES_PER_SECOND_BITS = 16;

    private final Map<String, String> environment;

    private final VaultVolumes vaultVolumes;

    Wiring(Map<String, String> environment) {
        this(environment, new SealedVolumes(HostName.of(environment)));
    }

    /** @param vaultVolumes shows vaults that are open */
    Wiring(Map<String, String> environment, VaultVolumes vaultVolumes) {
        this.environment = Map.copyOf(environment);
        this.vaultVolumes = vaultVolumes;
    }

    @Override
    public Engine open(Plan plan, Consumer<String> progress) throws DaemonException {
        Parts parts = new Parts();
        boolean done = false;
        try {
            Engine engine = open(plan, progress, parts);
            done = true;
            return engine;
        } catch (FsException e) {
            throw new DaemonException(
                    FailureKind.FAILED,
                    "The volumes cannot be opened: " + e.getMessage() + ".",
                    "See " + plan.profile().folders().logFile() + "; isle doctor looks at the disk and the rights.");
        } catch (IOException e) {
            throw e instanceof DaemonException known
                    ? known
                    : new DaemonException(
                            FailureKind.REFUSED,
                            "The profile's folders cannot be used: " + e.getMessage() + ".",
                            "Check their rights and the free space.");
        } finally {
            if (!done) {
                parts.close();
            }
        }
    }

    private Engine open(Plan plan, Consumer<String> progress, Parts parts) throws IOException {
        ProfileFolders folders = plan.profile().folders();
        Settings settings = plan.settings();
        Account account = Account.current(folders.lockFile());
        EngineEvents events = new EngineEvents(plan.health());
        MountPlace place = new MountPlace(settings, folders.id(), plan.health());
        place.cleanUp();
        openStores(plan, progress, parts);
        parts.index = openIndex(plan);
        parts.cache = openCache(folders, settings, events);
        Ownership ownership = new Ownership(
                settings.ownership() == OwnershipChoice.STORED ? Ownership.Mode.STORED : Ownership.Mode.MOUNTER,
                account.uid(),
                account.gid(),
                account.groups());
        List<VolumeSetup> setups = new ArrayList<>();
        Path journals = LocalState.journal(folders, settings);
        openVault(plan, parts);
        int volumes = Settings.PLAIN.size() + (parts.areVaultsShown ? 1 : 0);
        long cap = Math.max(LEAST_SHARE_BYTES, journalCap(settings, journals) / volumes);
        String device = plan.profile().kept().device();
        for (String name : Settings.PLAIN) {
            PlainVolume.Local local = new PlainVolume.Local(
                    account.uid(), account.gid(), device, InstantSource.system(), new SecureRandom());
            setups.add(new VolumeSetup(
                    Settings.VOLUMES.indexOf(name) + 1,
                    new PlainVolume(name, parts.store(name), local),
                    RealDisk.at(journals.resolve(name)),
                    JournalSettings.withCap(cap),
                    ownership,
                    ROOT_PERMISSIONS,
                    settings.readOnly()));
        }
        addVault(plan, parts, ownership, cap, setups);
        Vfs.Settings vfsSettings = new Vfs.Settings(
                VfsClock.system(),
                ownership,
                device,
                place.listener(),
                events,
                controlFiles(plan),
                parts.care == null ? Map.of() : Map.of("history", new HistoryTree(parts.care)));
        parts.vfs = Vfs.open(vfsSettings, parts.index, parts.cache, setups);
        return new OpenEngine(parts, settings, place, account, new OpenEngine.JournalFolder(journals, cap));
    }

    private void openStores(Plan plan, Consumer<String> progress, Parts parts) throws DaemonException {
        Settings settings = plan.settings();
        Stores stores = new Stores(settings, plan.profile().folders().keptKeys(), environment);
        if (plan.newStore() && settings.isRemote()) {
            progress.accept("Looking at " + settings.store());
            for (String name : Settings.PLAIN) {
                stores.introduce(name);
            }
        }
        for (String name : Settings.PLAIN) {
            ObjectStore store = stores.open(name);
            parts.stores.put(
                    name, settings.isRemote() ? new GuardedObjectStore(store, FIRST_PROBE, LONGEST_PAUSE) : store);
        }
    }

    /** Whatever is wrong with private/, the other folders are shown. */
    private void openVault(Plan plan, Parts parts) throws IOException {
        ProfileFolders folders = plan.profile().folders();
        Settings settings = plan.settings();
        Stores stores = new Stores(settings, folders.keptKeys(), environment);
        Path folder = folders.vault();
        Profile.makePrivate(folder);
        ObjectStore store = stores.open(Settings.PRIVATE);
        ObjectStore guarded = settings.isRemote() ? new GuardedObjectStore(store, FIRST_PROBE, LONGEST_PAUSE) : store;
        parts.stores.put(Settings.PRIVATE, guarded);
        PrivateVault vault = new PrivateVault(
                new VaultAccess(guarded, folder, HostName.of(environment), new SecureRandom()), plan.health());
        parts.vault = vault;
        parts.areVaultsShown = vaultVolumes.areShown();
        boolean mayFound = plan.mayFound() && !settings.readOnly();
        try {
            if (mayFound && !vault.isKnown()) {
                stores.introduce(Settings.PRIVATE);
            }
            vault.enter(plan.keys(), mayFound);
        } catch (DaemonException e) {
            vault.unusable(e);
        }
        parts.refresh = new VaultRefresh(vault);
        parts.refresh.start();
    }

    private void addVault(Plan plan, Parts parts, Ownership ownership, long cap, List<VolumeSetup> setups) {
        PrivateVault vault = parts.vault();
        OpenVault first = vault.vault().orElse(null);
        if (first == null) {
            return;
        }
        ProfileFolders folders = plan.profile().folders();
        VaultVolumes.Place place = new VaultVolumes.Place(
                () -> vault.vault().orElse(first),
                parts.store(Settings.PRIVATE),
                folders.vault(),
                LocalState.journal(folders, plan.settings()).resolve(Settings.PRIVATE),
                Settings.VOLUMES.indexOf(Settings.PRIVATE) + 1,
                JournalSettings.withCap(cap),
                ownership,
                plan.settings().readOnly(),
                plan.settings().history());
        try {
            Optional<VolumeSetup> setup = vaultVolumes.setup(place);
            setup.ifPresent(setups::add);
            parts.isVaultShown = setup.isPresent();
            setup.ifPresent(shown -> lookAfter(shown, plan, parts));
        } catch (IOException e) {
            vault.cannotBeShown(e);
        }
    }

    private static void lookAfter(VolumeSetup shown, Plan plan, Parts parts) {
        if (shown.volume() instanceof VaultVolume volume) {
            parts.care = volume.care();
            VaultHealth told = new VaultHealth(volume.care(), plan.health());
            parts.vaultHealth = told;
            parts.watch = new VaultWatch(told, () -> !shown.readOnly() && isIdle(parts));
            parts.watch.start();
        }
    }

    private static boolean isIdle(Parts parts) {
        Vfs vfs = parts.vfs;
        return vfs != null
                && !parts.vault().isFromCopy()
                && vfs.status().volumes().stream()
                        .filter(each -> each.name().equals(Settings.PRIVATE))
                        .allMatch(each -> each.pendingOperations() == 0);
    }

    /** An index that cannot be used is put aside: what it said is in the stores and in the journals. */
    private static Index openIndex(Plan plan) throws FsException {
        ProfileFolders folders = plan.profile().folders();
        Path file = LocalState.index(folders);
        boolean lost = !plan.newStore() && !Files.exists(file);
        try {
            Index index = Index.open(file, folders.cache(), Wiring::freshInodes);
            if (lost) {
                tellRebuilt(plan, "was lost");
            }
            return index;
        } catch (FsException.Corrupt e) {
            Index.moveAside(file);
            tellRebuilt(plan, "was damaged (" + e.getMessage() + ")");
            return Index.open(file, folders.cache(), Wiring::freshInodes);
        }
    }

    private static void tellRebuilt(Plan plan, String what) {
        plan.health()
                .raise(
                        HealthCode.INDEX_REBUILT,
                        "",
                        "The index of what the stores list " + what
                                + "; it is made anew from the stores and the journal.",
                        "Nothing is lost; the first look into each folder takes longer.");
    }

    private static long freshInodes() {
        long seconds = Duration.between(FIRST_INODE_TIME, Instant.now()).toSeconds();
        return Math.min(InodeNumbers.MAX_COUNTER / 2, Math.max(1, seconds) << INODES_PER_SECOND_BITS);
    }

    private static BlockCache openCache(ProfileFolders folders, Settings settings, EngineEvents events) {
        CacheSettings cache = settings.cache().diskBytes() > 0
                ? CacheSettings.onDisk(LocalState.blocks(folders, settings), BlockCodec.PLAIN)
                        .withDiskBytes(settings.cache().diskBytes())
                : CacheSettings.inMemory();
        return new BlockCache(
                cache.withMemoryBytes(settings.cache().memoryBytes())
                        .withWait(
                                settings.limits().baseWait(), settings.limits().waitPerMebibyte()),
                events);
    }

    /** The smaller of 20 GiB and a tenth of the free disk, but enough to work with. */
    private static long journalCap(Settings settings, Path folder) throws IOException {
        Files.createDirectories(folder);
        long free = Files.getFileStore(folder).getUsableSpace();
        long standard = Math.max(LEAST_JOURNAL_BYTES, Math.min(LARGEST_JOURNAL_BYTES, free / 10));
        return settings.journal().capBytes().orElse(standard);
    }

    /** The files of {@code .isle} in the mount. */
    private static Map<String, Supplier<byte[]>> controlFiles(Plan plan) {
        Map<String, Supplier<byte[]>> files = new LinkedHashMap<>();
        files.put("status.json", () -> (plan.status().get().toJson().toIndentedString() + "\n")
                .getBytes(StandardCharsets.UTF_8));
        files.put("health.txt", () -> plan.health().toText().getBytes(StandardCharsets.UTF_8));
        return files;
    }
}
