package isle.fs.vfs;

import isle.crypto.access.OpenVault;
import isle.crypto.access.VaultAccess;
import isle.crypto.identity.Code;
import isle.crypto.vault.Tiers;
import isle.crypto.vault.VaultVolume;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.Volume;
import isle.fs.spi.Volume.Change.Put;
import isle.fs.spi.Volume.Change.Unname;
import isle.fs.spi.Volume.Entry;
import isle.fs.spi.Volume.Outcome;
import isle.fs.spi.Volume.Prepared;
import isle.fs.spi.Volume.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A host that writes to the volume of a vault directly, without a VFS; everything happens on the caller's thread. */
final class VaultHost implements AutoCloseable {
    /** In memory at a time: so few that directories go to rest and come back again and again. */
    static final int FEW_RECORDS = 4;

    final VaultVolume volume;
    private final InstantSource clock;

    VaultHost(
            OpenVault vault,
            ObjectStore store,
            Path folder,
            String name,
            InstantSource clock,
            SeededRandom random,
            Tiers tiers)
            throws FsException {
        this.clock = clock;
        VaultVolume.Local local = new VaultVolume.Local(folder, name, clock, random, FEW_RECORDS);
        this.volume = VaultVolume.open("v", () -> vault, store, local, new CallersThread(), tiers);
    }

    /** Founds a vault in an empty store. */
    static OpenVault found(ObjectStore store, Path keys, SeededRandom random) throws IOException, FsException {
        Files.createDirectories(keys);
        if (new VaultAccess(store, keys, "here", random).enter() instanceof VaultAccess.Entrance.Founded founded) {
            return founded.vault();
        }
        throw new AssertionError("the store has a vault already");
    }

    /** Founds a vault in an empty store, and opens it on so many devices, each of which knows all of them. */
    static List<OpenVault> found(ObjectStore store, Path keys, SeededRandom random, int devices)
            throws IOException, FsException {
        List<VaultAccess> accesses = new ArrayList<>();
        Code code = null;
        for (int i = 0; i < devices; i++) {
            Path folder = Files.createDirectories(keys.resolve("device" + i));
            VaultAccess access = new VaultAccess(store, folder, "device" + i, random);
            accesses.add(access);
            if (code != null) {
                access.recover(code);
            } else if (access.enter() instanceof VaultAccess.Entrance.Founded founded) {
                code = founded.recovery();
            }
        }
        List<OpenVault> vaults = new ArrayList<>();
        for (VaultAccess each : accesses) {
            if (each.enter() instanceof VaultAccess.Entrance.Opened opened) {
                vaults.add(opened.vault());
            }
        }
        return vaults;
    }

    NavigableMap<String, Entry> list(String directory) throws FsException {
        NavigableMap<String, Entry> entries = new TreeMap<>();
        volume.list(directory).forEach(each -> entries.put(each.name().raw(), each));
        return entries;
    }

    /** One that is there. */
    Entry entry(String directory, String name) throws FsException {
        return Objects.requireNonNull(list(directory).get(name), name);
    }

    static Source source(Entry entry) {
        return new Source(entry.ref(), entry.version());
    }

    private Attributes attributes(FileKind kind, long size) {
        return Attributes.of(kind, kind == FileKind.FILE ? 0644 : 0755, 1, 1, size, now());
    }

    private Timestamp now() {
        return Timestamp.of(clock.instant());
    }

    /** A new file, or a new content of one. */
    Put save(String directory, String name, @Nullable Source there, byte[] bytes) {
        return new Put(
                directory,
                new FileName(name),
                there == null ? null : there.version(),
                attributes(FileKind.FILE, bytes.length),
                new Bytes(ByteBuffer.wrap(bytes), null),
                there,
                Volume.After.SOURCE_STAYS,
                false,
                volume.newNumber().orElseThrow(),
                now());
    }

    /** A file with the bytes that a version of it had, of which the store may have blocks. */
    Put saveAgain(String directory, String name, @Nullable Entry target, Entry file, byte[] bytes) {
        return new Put(
                directory,
                new FileName(name),
                target == null ? null : target.version(),
                attributes(FileKind.FILE, bytes.length),
                new Bytes(ByteBuffer.wrap(bytes), source(file)),
                source(file),
                Volume.After.SOURCE_STAYS,
                false,
                volume.numberOf(file.ref()).orElseThrow(),
                now());
    }

    Put makeDirectory(String parent, String name) {
        return new Put(
                parent,
                new FileName(name),
                null,
                attributes(FileKind.DIRECTORY, 0),
                null,
                null,
                Volume.After.SOURCE_STAYS,
                false,
                volume.newNumber().orElseThrow(),
                now());
    }

    /** The same file here, with these rights. */
    Put put(String directory, String name, @Nullable Entry target, Entry file, int permissions) {
        return new Put(
                directory,
                new FileName(name),
                target == null ? null : target.version(),
                file.attributes().withPermissions(permissions),
                null,
                source(file),
                Volume.After.SOURCE_STAYS,
                false,
                volume.numberOf(file.ref()).orElseThrow(),
                now());
    }

    Unname unname(String directory, Entry entry, boolean livesOn) {
        return new Unname(
                directory,
                entry.name(),
                source(entry),
                entry.attributes().kind() == FileKind.DIRECTORY,
                livesOn,
                now());
    }

    /** One commit; the outcome of its first change. */
    Outcome publish(Volume.Change... changes) {
        List<Prepared> prepared =
                java.util.Arrays.stream(changes).map(volume::prepare).toList();
        TreeMap<Integer, Outcome> outcomes = new TreeMap<>();
        volume.publish(prepared, (change, outcome) -> outcomes.put(prepared.indexOf(change), outcome));
        return Objects.requireNonNull(outcomes.get(0));
    }

    byte[] read(Entry file) throws FsException {
        ByteBuffer into =
                ByteBuffer.allocate((int) Objects.requireNonNull(file.version()).size());
        volume.read(file.ref(), Objects.requireNonNull(file.version()), 0, into);
        return into.array();
    }

    private record Bytes(ByteBuffer bytes, @Nullable Source stored) implements Volume.Content {
        @Override
        public long size() {
            return bytes.remaining();
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            into.put(bytes.slice((int) offset, into.remaining()));
        }

        @Override
        public Volume.@Nullable StoredRange stored(long offset, long length) {
            return stored == null ? null : new Volume.StoredRange(stored, offset);
        }
    }

    @Override
    public void close() {
        volume.close();
    }
}
