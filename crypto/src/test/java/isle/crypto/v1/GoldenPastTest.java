package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.MemoryObjectStore;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A vault with a file that was saved twelve times and compacted; written once, and only read since. */
class GoldenPastTest {

    @Test
    void whatWasDroppedIsInTheHistory() throws Exception {
        URL url = Objects.requireNonNull(GoldenPastTest.class.getResource("/isle/crypto/golden-past"));
        Path golden = Path.of(url.toURI());
        List<String> keys = Files.readAllLines(golden.resolve("key.txt"));
        MemoryObjectStore store = new MemoryObjectStore(InstantSource.system(), new Random(1));
        try (Stream<Path> files = Files.walk(golden)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String key = golden.relativize(file).toString();
                if (!key.equals("key.txt")) {
                    store.put(new ObjectKey(key), Body.of(Files.readAllBytes(file)), ObjectMetadata.NONE);
                }
            }
        }
        Sealer sealer = new Sealer(HexFormat.of().parseHex(keys.get(1)));
        Id vault = Id.ofHex(keys.get(0));
        PackStore packs = new PackStore(store, vault, generation -> List.of(sealer));
        VaultReader reader = new VaultReader(packs, vault);
        reader.refresh();
        assertEquals(List.of(), reader.problems());
        Map<Long, String> versions = new TreeMap<>();
        for (HistoryKey key : packs.history(vault).keySet()) {
            for (HistoryCodec.Past past : packs.read(key)) {
                for (EntryRecord each : past.records()) {
                    if (each.state() instanceof Here here && here.content() instanceof Content.Packed packed) {
                        ByteBuffer bytes = packs.read(packed, located(packs, packed), 0, packed.length());
                        versions.put(
                                each.made().lamport(),
                                StandardCharsets.UTF_8.decode(bytes).toString());
                    }
                }
            }
        }
        Map<Long, String> expected = new TreeMap<>();
        for (long i = 0; i < 11; i++) {
            expected.put(i + 1, "version " + i);
        }
        expected.remove(9L, "version 8"); // replaced, too, and in d/ still
        assertEquals(expected, versions);
        byte[] shown =
                reader.content(Objects.requireNonNull(reader.tree().list().get("f")));
        assertEquals("version 11", new String(shown, StandardCharsets.UTF_8));
    }

    /** A pack that a compaction has taken in may be there for a while. */
    private static PackStore.Located located(PackStore packs, Content.Packed content) throws FsException {
        for (PackKey key : packs.list(content.directory()).packs()) {
            if (key.pack().equals(content.pack())) {
                return packs.in(key, packs.read(key));
            }
        }
        return packs.apart(content);
    }
}
