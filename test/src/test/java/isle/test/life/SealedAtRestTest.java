package isle.test.life;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.atrest.LocalKey;
import isle.crypto.identity.DeviceKeys;
import isle.crypto.seal.Id;
import isle.fs.cache.BlockCache;
import isle.fs.cache.CacheSettings;
import isle.fs.index.Index;
import isle.fs.journal.JournalSettings;
import isle.fs.journal.RealDisk;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.plain.PlainVolume;
import isle.fs.spi.AtRest;
import isle.fs.spi.BlockCodec;
import isle.fs.store.MemoryObjectStore;
import isle.fs.vfs.ChangeListener;
import isle.fs.vfs.CommitEvents;
import isle.fs.vfs.FileSystem;
import isle.fs.vfs.FileSystem.Caller;
import isle.fs.vfs.FileSystem.OpenFlags;
import isle.fs.vfs.Ownership;
import isle.fs.vfs.Vfs;
import isle.fs.vfs.VfsClock;
import isle.fs.vfs.VolumeSetup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a volume with the keys of a vault leaves on this host's disk: its journal and its part of the block cache. */
class SealedAtRestTest {

    private static final Caller ME = new Caller(1000, 1000, 1);
    private static final FileName VOLUME = FileName.of("v");

    private static final String NAME = "palimpsest-of-a-name-40127";
    private static final String ATTRIBUTE = "palimpsest-of-an-attribute-88301";
    private static final String CONTENT = "palimpsest-of-a-content-63950";

    @TempDir
    Path folder;

    private final SecureRandom random = new SecureRandom();
    private final DeviceKeys device = DeviceKeys.random("host", random);
    private final Id vault = Id.random(random);
    private final AtomicLong numbers = new AtomicLong(1000);
    private final MemoryObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(1));

    /** One run of the VFS on the folder. */
    private final class Run implements AutoCloseable {
        private final Index index;
        private final BlockCache cache;
        private final Vfs vfs;

        Run(AtRest atRest) throws IOException {
            Ownership ownership = new Ownership(Ownership.Mode.STORED, 1000, 1000, Set.of(1000));
            index = Index.open(folder.resolve("index.db"), folder, () -> numbers.addAndGet(1L << 34));
            cache = new BlockCache(CacheSettings.onDisk(folder.resolve("blocks"), BlockCodec.PLAIN)
                    .withMemoryBytes(4 << 20)
                    .withDiskBytes(64 << 20));
            PlainVolume.Local local = new PlainVolume.Local(1000, 1000, "here", InstantSource.system(), new Random(2));
            VolumeSetup setup = new VolumeSetup(
                    1,
                    new PlainVolume("v", store, local),
                    RealDisk.at(folder.resolve("journal")),
                    JournalSettings.withCap(1 << 30),
                    ownership,
                    0755,
                    false,
                    atRest);
            Vfs.Settings settings = new Vfs.Settings(
                    VfsClock.system(), ownership, "dev", ChangeListener.NONE, CommitEvents.NONE, Map.of(), Map.of());
            vfs = Vfs.open(settings, index, cache, List.of(setup));
        }

        private long root() throws FsException {
            return vfs.lookup(FileSystem.ROOT, VOLUME).inode();
        }

        void put(String name, byte[] content) throws FsException {
            long handle = vfs.create(root(), FileName.of(name), 0644, new OpenFlags(true, true, true, false), ME)
                    .handle();
            vfs.write(handle, 0, ByteBuffer.wrap(content));
            vfs.fsync(handle, false);
            vfs.release(handle);
            long inode = vfs.lookup(root(), FileName.of(name)).inode();
            vfs.setxattr(inode, "user.note", ATTRIBUTE, 0, ME);
            vfs.fsyncDirectory(vfs.openDirectory(root()));
        }

        byte[] read(String name, int bytes) throws FsException {
            long inode = vfs.lookup(root(), FileName.of(name)).inode();
            long handle = vfs.open(inode, new OpenFlags(true, false, false, false), ME);
            ByteBuffer into = ByteBuffer.allocate(bytes);
            while (into.hasRemaining() && vfs.read(handle, into.position(), into) > 0) {
                // a read may give less than was asked for
            }
            vfs.release(handle);
            return into.array();
        }

        void awaitStored() throws FsException {
            assertTrue(vfs.awaitStored(Optional.empty(), Duration.ofMinutes(1)));
        }

        long cachedBytes() {
            return cache.forVolume("v", BlockCodec.PLAIN).usage().volumeBytes();
        }

        @Override
        public void close() {
            vfs.close();
            index.close();
            cache.close();
        }
    }

    private void work(boolean sealed) throws IOException {
        AtRest atRest = sealed ? LocalKey.open(folder, device, random).atRest(vault) : AtRest.PLAIN;
        byte[] content = CONTENT.repeat(40_000).getBytes(UTF_8);
        try (Run run = new Run(atRest)) {
            run.put(NAME, content);
            search(sealed);
            run.awaitStored();
            assertEquals(CONTENT, new String(run.read(NAME, CONTENT.length()), UTF_8));
            assertTrue(run.cachedBytes() > content.length / 2, "in the cache: " + run.cachedBytes());
            search(sealed);
        }
        try (Run run = new Run(atRest)) {
            assertEquals(CONTENT.repeat(40_000), new String(run.read(NAME, content.length), UTF_8));
        }
        search(sealed);
    }

    /** Whether something of it can be seen in the files of journal and cache. */
    private void search(boolean sealed) throws IOException {
        boolean found = false;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(SealedAtRestTest::isOfJournalOrCache).toList()) {
                String bytes = new String(Files.readAllBytes(file), ISO_8859_1);
                for (String secret : List.of(NAME, ATTRIBUTE, CONTENT)) {
                    boolean shown = shows(bytes, secret);
                    assertFalse(sealed && shown, () -> file + " shows " + secret);
                    found |= shown;
                }
            }
        }
        assertTrue(sealed || found, "what is not sealed is found: the search works");
    }

    /** The index of a plain volume has its names, and is no part of this. */
    private static boolean isOfJournalOrCache(Path path) {
        return Files.isRegularFile(path) && !path.getFileName().toString().startsWith("index.db");
    }

    private static boolean shows(String bytes, String secret) {
        byte[] utf8 = secret.getBytes(UTF_8);
        HexFormat hex = HexFormat.of();
        boolean shown = bytes.contains(secret)
                || bytes.contains(hex.formatHex(utf8))
                || bytes.contains(hex.withUpperCase().formatHex(utf8))
                || bytes.contains(new String(secret.getBytes(UTF_16BE), ISO_8859_1));
        for (int skip = 0; skip < 3; skip++) {
            byte[] middle = secret.substring(skip, skip + 15).getBytes(UTF_8);
            shown |= bytes.contains(Base64.getEncoder().encodeToString(middle));
        }
        return shown;
    }

    @Test
    void isSeenByNobodyElse() throws Exception {
        work(true);
    }

    @Test
    void ofAPlainVolumeLiesThereAsItIs() throws Exception {
        work(false);
    }
}
