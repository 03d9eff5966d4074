package isle.fs.vfs;

import isle.crypto.access.OpenVault;
import isle.crypto.access.VaultAccess;
import isle.crypto.atrest.LocalKey;
import isle.crypto.vault.Tiers;
import isle.crypto.vault.VaultVolume;
import isle.fs.model.EntryVersion;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.spi.AtRest;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/** The volume of a vault, as in a profile: with the keys of one host in a folder that survives all lives. */
final class VaultRigVolume implements RigVolume {
    private final long seed;
    private final Path keys;
    private final String host;
    private final OpenVault vault;
    private int lives;

    VaultRigVolume(long seed, Path folder, ObjectStore store) throws FsException {
        this.seed = seed;
        this.keys = folder.resolve("keys" + seed);
        this.host = "here";
        this.vault = enter(store, new SeededRandom(seed));
    }

    private VaultRigVolume(long seed, Path keys, String host, OpenVault vault) {
        this.seed = seed;
        this.keys = keys;
        this.host = host;
        this.vault = vault;
    }

    /** The same vault on another host, which knows nothing yet. */
    VaultRigVolume onHost(String name, long itsSeed) throws FsException {
        try {
            return new VaultRigVolume(
                    itsSeed, Files.createDirectories(keys.resolveSibling("keys-" + name + itsSeed)), name, vault);
        } catch (IOException e) {
            throw new FsException.Failed("keys", e);
        }
    }

    @Override
    public Volume open(ObjectStore connection, Path folder, Around rig) throws FsException {
        SeededRandom random = new SeededRandom(seed ^ (rig.life() << 32));
        VaultVolume.Local local =
                new VaultVolume.Local(folder.resolve("vault"), host, rig.clock().wall(), random, records());
        return rig.isStepped()
                ? VaultVolume.open("v", () -> vault, connection, local, new CallersThread(), tiers(random))
                : VaultVolume.open("v", () -> vault, connection, local);
    }

    private int records() {
        return seed % 2 == 0 ? VaultVolume.Local.USUAL_RECORDS : VaultHost.FEW_RECORDS;
    }

    /** Mostly it compacts after every few commits, so that something goes wrong in the midst of it often enough. */
    private static Tiers tiers(SeededRandom random) {
        int most = random.nextInt(5);
        return most < 2
                ? Tiers.USUAL
                : new Tiers(most, 2 * most, random.nextBoolean() ? Duration.ZERO : Duration.ofSeconds(3), 3);
    }

    /** Another host of the same user, which compacts whatever it can. */
    VaultHost another(ObjectStore store, Path folder, InstantSource clock) throws FsException {
        Tiers eager = new Tiers(2, 4, Duration.ZERO, 3);
        return new VaultHost(vault, store, folder, "there", clock, new SeededRandom(seed + 100), eager);
    }

    @Override
    public AtRest atRest() {
        try {
            return LocalKey.open(keys, vault.device(), new SeededRandom(seed)).atRest(vault.vault());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OpenVault enter(ObjectStore store, SeededRandom random) throws FsException {
        try {
            Files.createDirectories(keys);
            VaultAccess access = new VaultAccess(store, keys, "here", random);
            if (access.enter() instanceof VaultAccess.Entrance.Founded founded) {
                return founded.vault();
            }
            throw new AssertionError("the store has a vault already");
        } catch (IOException e) {
            throw new FsException.Failed("keys", e);
        }
    }

    /** As another host of the same user sees it, which knows nothing yet. */
    @Override
    public NavigableMap<String, byte[]> stored(ObjectStore store) throws FsException {
        NavigableMap<String, byte[]> found = new TreeMap<>();
        Path other = keys.resolve("other" + lives++);
        VaultVolume.Local local =
                new VaultVolume.Local(other, "there", new SimulatedClock().wall(), new SeededRandom(seed), records());
        try (Volume volume =
                VaultVolume.open("v", () -> vault, new UnclosedStore(store, () -> {}), local, new CallersThread())) {
            walk(volume, "", "", found);
        }
        return found;
    }

    private static void walk(Volume volume, String directory, String path, NavigableMap<String, byte[]> found)
            throws FsException {
        for (Volume.Entry entry : volume.list(directory)) {
            String below = path + entry.name().raw();
            if (entry.attributes().kind() == FileKind.DIRECTORY) {
                found.put(below, new byte[0]);
                walk(volume, entry.ref(), below + "/", found);
            } else {
                EntryVersion version = Objects.requireNonNull(entry.version());
                ByteBuffer into = ByteBuffer.allocate((int) version.size());
                volume.read(entry.ref(), version, 0, into);
                found.put(below, into.array());
            }
        }
    }

    @Override
    public void loseIndex(Path folder) throws FsException {
        try {
            StateFiles.deleteTree(folder.resolve("vault").resolve("mirror"));
        } catch (IOException e) {
            throw new FsException.Failed("mirror", e);
        }
    }
}
