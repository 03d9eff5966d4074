package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.Dot;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.EntryRecord.Origin;
import isle.crypto.tree.Pack;
import isle.crypto.tree.Shown;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.model.Timestamp;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.store.MemoryObjectStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A vault with one file, whose five blocks are named by three leaves; written once, and only read since. {@code
 * -Disle.golden.tree.folder=FOLDER} writes one like it.
 */
class GoldenTreeTest {

    private static final String NAME = "large.bin";
    private static final int BLOCK_BYTES = 700;
    private static final int BLOCKS_OF_A_LEAF = 2;
    private static final Timestamp TIME = new Timestamp(1_800_000_000L, 0);

    private static byte[] large() {
        byte[] bytes = new byte[4 * BLOCK_BYTES + 123];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        return bytes;
    }

    /** The objects of a vault, and what opens them. */
    private record Golden(MemoryObjectStore store, Id vault, String key) {
        PackStore packs() {
            Sealer sealer = new Sealer(HexFormat.of().parseHex(key));
            return new PackStore(store, vault, generation -> List.of(sealer));
        }

        void put(String object, byte[] bytes) throws FsException {
            store.put(new ObjectKey(object), Body.of(bytes), ObjectMetadata.NONE);
        }

        byte[] get(String object) throws FsException {
            ByteBuffer bytes = ByteBuffer.allocate(
                    (int) store.head(new ObjectKey(object)).summary().size());
            store.get(new ObjectKey(object), 0, bytes, null);
            return bytes.array();
        }

        List<String> objects() throws FsException {
            return store.list("", false, "", 1000).objects().stream()
                    .map(ObjectSummary::key)
                    .map(ObjectKey::value)
                    .toList();
        }

        byte[] read() throws FsException {
            VaultReader reader = new VaultReader(packs(), vault);
            reader.refresh();
            Shown file = reader.tree().list().get(NAME);
            if (file == null) {
                assertFalse(reader.problems().isEmpty(), "a file is gone silently");
                throw new FsException.Corrupt("its pack is not there");
            }
            return reader.content(file);
        }
    }

    private static MemoryObjectStore memory() {
        return new MemoryObjectStore(InstantSource.system(), new Random(1));
    }

    private static Golden stored() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(GoldenTreeTest.class.getResource("/isle/crypto/golden-tree"))
                .toURI());
        List<String> keys = Files.readAllLines(folder.resolve("key.txt"));
        Golden golden = new Golden(memory(), Id.ofHex(keys.get(0)), keys.get(1));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String object = folder.relativize(file).toString();
                if (!object.equals("key.txt")) {
                    golden.put(object, Files.readAllBytes(file));
                }
            }
        }
        return golden;
    }

    private static Golden made() throws FsException {
        Random random = new Random(20261130);
        byte[] key = new byte[Sealer.KEY_BYTES];
        random.nextBytes(key);
        Golden golden = new Golden(memory(), id(random), HexFormat.of().formatHex(key));
        PackStore packs = golden.packs();
        TreeStore trees = new TreeStore(packs);
        Id inode = id(random);
        ByteBuffer bytes = ByteBuffer.wrap(large());
        List<TreeStore.Leaf> leaves = new ArrayList<>();
        while (bytes.hasRemaining()) {
            List<Content.Block> blocks = new ArrayList<>();
            while (bytes.hasRemaining() && blocks.size() < BLOCKS_OF_A_LEAF) {
                int length = Math.min(BLOCK_BYTES, bytes.remaining());
                ByteBuffer plain = bytes.slice(bytes.position(), length);
                ByteBuffer sealed = ByteBuffer.allocate(PackStore.sealedBytes(length));
                blocks.add(packs.put(inode, id(random), 1, plain, sealed));
                bytes.position(bytes.position() + length);
            }
            leaves.add(trees.putLeaf(inode, id(random), 1, blocks));
        }
        Content tree = trees.putRoot(inode, id(random), 1, leaves);
        Attributes attributes = Attributes.of(FileKind.FILE, 0644, 1000, 1000, large().length, TIME);
        Dot dot = new Dot(1, 1);
        EntryRecord record = new EntryRecord(
                dot, NAME, new Origin(1, "laptop", TIME), new Here(inode, attributes, tree), dot, List.of(), List.of());
        Pack pack = new Pack(id(random), golden.vault(), List.of(record), null, null, Map.of());
        packs.put(packs.codec(1).seal(pack, 0, ByteBuffer.allocate(0)));
        return golden;
    }

    private static Id id(Random random) {
        return new Id(random.nextLong(), random.nextLong());
    }

    @Test
    void isRead() throws Exception {
        assertArrayEquals(large(), stored().read());
        assertEquals(1 + 5 + 3 + 1, stored().objects().size());
    }

    @Test
    void oneMadeTodayIsReadAlike() throws Exception {
        Golden golden = made();
        assertArrayEquals(large(), golden.read());
        String folder = System.getProperty("isle.golden.tree.folder");
        if (folder != null) {
            Files.createDirectories(Path.of(folder));
            Files.writeString(Path.of(folder, "key.txt"), golden.vault() + "\n" + golden.key() + "\n");
            for (String object : golden.objects()) {
                Path file = Path.of(folder, object);
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.write(file, golden.get(object));
            }
        }
    }

    /** Each object with a bit changed, cut, made longer, exchanged for each other one, taken away. */
    @Test
    void whateverIsChangedGivesNoWrongBytes() throws Exception {
        Golden whole = stored();
        Random random = new Random(1);
        for (String object : whole.objects()) {
            byte[] bytes = whole.get(object);
            List<byte[]> attacks = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] turned = bytes.clone();
                turned[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                attacks.add(turned);
            }
            attacks.add(Arrays.copyOf(bytes, bytes.length - 1));
            attacks.add(Arrays.copyOf(bytes, bytes.length / 2));
            attacks.add(new byte[0]);
            for (String other : whole.objects()) {
                if (!other.equals(object)) {
                    attacks.add(whole.get(other));
                }
            }
            for (byte[] attack : attacks) {
                Golden golden = stored();
                golden.put(object, attack);
                assertFails(golden, object);
            }
            Golden golden = stored();
            golden.put(object, Arrays.copyOf(bytes, bytes.length + 1));
            assertArrayEquals(large(), golden.read(), "what is added is not read");
            golden.store().delete(new ObjectKey(object));
            if (!object.startsWith(PackKey.PREFIX)) {
                assertFails(golden, object);
            }
        }
    }

    private static void assertFails(Golden golden, String object) throws FsException {
        try {
            golden.read();
        } catch (FsException.Corrupt | FsException.NotFound e) {
            return;
        }
        throw new AssertionError("what was changed was not noticed: " + object);
    }
}
