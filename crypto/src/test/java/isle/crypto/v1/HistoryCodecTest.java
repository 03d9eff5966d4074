package isle.crypto.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Padding;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.seal.Vectors;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Pack;
import isle.crypto.v1.HistoryCodec.Past;
import isle.crypto.v1.HistoryCodec.SealedHistory;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryCodecTest {

    private static final Id VAULT = new Id(11, 12);
    private static final Id DIRECTORY = new Id(13, 14);

    private final Random random = new Random(4);
    private final Sealer sealer = new Sealer(bytes(Sealer.KEY_BYTES));
    private final HistoryCodec codec = new HistoryCodec(sealer, VAULT, 1);

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private List<Past> past(long seed) {
        RandomPacks packs = new RandomPacks(seed);
        List<Past> past = new ArrayList<>();
        for (int n = 1 + random.nextInt(4); n > 0; n--) {
            past.add(new Past(
                    random.nextInt() >>> random.nextInt(1, 32), packs.next().records()));
        }
        return past;
    }

    private SealedHistory sealed(List<Past> past) {
        return codec.seal(DIRECTORY, new Id(15, random.nextLong()), random.nextInt(16), past);
    }

    @Test
    void whatIsSealedIsOpened() throws FsException {
        for (long seed = 0; seed < 500; seed++) {
            List<Past> past = past(seed);
            SealedHistory sealed = sealed(past);
            HistoryKey key = HistoryKey.parse(sealed.key().key());
            assertEquals(sealed.key(), key);
            assertEquals(Padding.padded(key.bytes()), key.bytes());
            assertEquals(past, codec.open(key, sealed.bytes()), "seed " + seed);
        }
    }

    @Test
    void aBitThatIsTurnedIsTold() {
        SealedHistory sealed = sealed(past(1));
        for (int i = 0; i < sealed.key().bytes(); i++) {
            ByteBuffer damaged = ByteBuffer.allocate(sealed.key().bytes())
                    .put(sealed.bytes().duplicate())
                    .flip();
            damaged.put(i, (byte) (damaged.get(i) ^ 1 << random.nextInt(8)));
            assertThrows(FsException.Corrupt.class, () -> codec.open(sealed.key(), damaged), "byte " + i);
        }
    }

    @Test
    void itIsBoundToItsPlace() {
        SealedHistory sealed = sealed(past(2));
        HistoryKey key = sealed.key();
        for (HistoryKey other : List.of(
                new HistoryKey(new Id(1, 1), key.tier(), 1, key.pack(), key.bytes()),
                new HistoryKey(key.directory(), key.tier(), 1, new Id(1, 1), key.bytes()))) {
            assertThrows(FsException.Corrupt.class, () -> codec.open(other, sealed.bytes()));
        }
        HistoryCodec ofAnother = new HistoryCodec(sealer, new Id(1, 1), 1);
        assertThrows(FsException.Corrupt.class, () -> ofAnother.open(key, sealed.bytes()));
    }

    /** What a later isle has written is not taken for damage, whatever comes behind its format. */
    @Test
    void aLaterFormatIsNoDamage() {
        Id id = new Id(18, 19);
        for (int format : new int[] {0, 2, 255}) {
            ByteBuffer bytes = sealer.seal(
                    new Binding(VAULT, 1, DIRECTORY, id, Role.HISTORY),
                    PackCodec.padded(ByteBuffer.wrap(new byte[] {(byte) format, 77, 77})));
            HistoryKey key = new HistoryKey(DIRECTORY, 0, 1, id, bytes.remaining());
            Class<? extends FsException> expected =
                    format == 0 ? FsException.Corrupt.class : FsException.Unsupported.class;
            assertThrows(expected, () -> codec.open(key, bytes), "format " + format);
        }
    }

    /** Nobody brings back by it what was superseded. */
    @Test
    void itIsNoPack_andAPackIsNone() {
        SealedHistory sealed = sealed(past(3));
        HistoryKey key = sealed.key();
        PackCodec packs = new PackCodec(sealer, VAULT, 1);
        PackKey asPack = new PackKey(key.directory(), 0, 1, key.pack(), key.bytes());
        assertThrows(FsException.Corrupt.class, () -> packs.openIndex(asPack, sealed.bytes()));
        Pack pack = new Pack(key.pack(), key.directory(), List.of(), null, null, Map.of());
        ByteBuffer index = packs.seal(pack, 0, ByteBuffer.allocate(0)).bytes();
        HistoryKey asHistory = new HistoryKey(key.directory(), 0, 1, key.pack(), index.remaining());
        assertThrows(FsException.Corrupt.class, () -> codec.open(asHistory, index));
    }

    @Test
    void aRecordThatNamesAPayloadOfItIsDamage() {
        Id id = new Id(16, 17);
        for (long seed = 0; ; seed++) {
            List<EntryRecord> own = new RandomPacks(seed)
                    .next().records().stream()
                            .filter(each ->
                                    each.state() instanceof Here here && here.content() instanceof Content.Packed)
                            .toList();
            if (!own.isEmpty()
                    && own.get(0).state() instanceof Here here
                    && here.content() instanceof Content.Packed old) {
                Content content = new Content.Packed(DIRECTORY, id, 1, old.offset(), old.length());
                EntryRecord record = new EntryRecord(
                        own.get(0).dot(),
                        own.get(0).name(),
                        own.get(0).made(),
                        new Here(here.inode(), here.attributes(), content),
                        own.get(0).birth(),
                        List.of(),
                        List.of());
                SealedHistory sealed = codec.seal(DIRECTORY, id, 0, List.of(new Past(0, List.of(record))));
                assertThrows(FsException.Corrupt.class, () -> codec.open(sealed.key(), sealed.bytes()));
                return;
            }
        }
    }

    @Test
    void keysOfNoHistoryPackAreRefused() {
        String id = VAULT.toString();
        for (String key : List.of(
                "p/" + id + "/0.1." + id + ".256x",
                "p/" + id + "/10.1." + id + ".256",
                "p/" + id + "/0.0." + id + ".256",
                "p/" + id + "/0.1." + id + ".0",
                "p/" + id + "/0.1." + id,
                "d/" + id + "/0.1." + id + ".256")) {
            assertThrows(FsException.Corrupt.class, () -> HistoryKey.parse(new ObjectKey(key)), key);
        }
        ObjectKey longest = new HistoryKey(VAULT, 15, 999_999_999, VAULT, 999_999_999).key();
        assertTrue(longest.value().length() <= 90, longest.value());
    }

    /** Written once and only opened since. */
    @Test
    void aHistoryPackOfFormatOneOpens() throws Exception {
        Vectors.Values vector = Vectors.values("history-pack.txt");
        HistoryKey key = HistoryKey.parse(new ObjectKey(vector.get("key")));
        HistoryCodec opening = new HistoryCodec(
                new Sealer(HexFormat.of().parseHex(vector.get("vault-key"))),
                Id.ofHex(vector.get("vault")),
                key.generation());
        List<Past> past = opening.open(key, ByteBuffer.wrap(HexFormat.of().parseHex(vector.get("sealed"))));
        assertEquals(List.of(1_800_000_000L, 0L), past.stream().map(Past::since).toList());
        assertEquals(vector.get("first"), line(past.get(0)));
        assertEquals(vector.get("second"), line(past.get(1)));
    }

    /** Without spaces, which separate what is in the file. */
    private static String line(Past past) {
        StringBuilder line = new StringBuilder();
        past.records().forEach(each -> line.append(each.name()).append(':').append(each));
        return line.toString().replace(' ', '_');
    }
}
