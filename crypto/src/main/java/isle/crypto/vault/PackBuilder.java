package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.Pack;
import isle.crypto.v1.PackCodec;
import isle.crypto.v1.PackCodec.SealedPack;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Makes the packs of one commit in one directory: records in their order, with the content of small files, in as few
 * packs as they fit into. For one commit and one thread.
 */
final class PackBuilder {

    /** A longer content goes into blocks. */
    static final int LONGEST_CONTENT = 64 << 10;

    /** Plain bytes of a payload section. */
    static final int MOST_PAYLOAD = 4 << 20;

    /** Records of one pack: their index section stays about as long as what is read of a payload at once. */
    static final int MOST_RECORDS = 2048;

    private static final int FIRST_ROOM = 16 << 10;

    private final Id directory;
    private final int generation;
    private final PackCodec codec;
    private final Supplier<Id> ids;
    private final List<Filled> filled = new ArrayList<>();

    private Id pack;
    private ByteBuffer payload = ByteBuffer.allocate(FIRST_ROOM);
    private List<EntryRecord> records = new ArrayList<>();

    private record Filled(Id pack, List<EntryRecord> records, ByteBuffer payload) {}

    /**
     * @param generation of the vault key to seal under
     * @param ids draws ids that were never used
     */
    PackBuilder(Id directory, int generation, PackStore packs, Supplier<Id> ids) throws FsException {
        this.directory = directory;
        this.generation = generation;
        this.codec = packs.codec(generation);
        this.ids = ids;
        this.pack = ids.get();
    }

    /**
     * Puts the content of a small file into the pack that the next record is in.
     *
     * @param bytes at most {@link #LONGEST_CONTENT}
     * @return what its record says, which has to be the next that is added
     */
    Content content(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return Content.NONE;
        }
        int length = bytes.remaining();
        if (length > LONGEST_CONTENT) {
            throw new IllegalArgumentException("a content of " + length + " bytes is not small");
        }
        if (payload.position() + length > MOST_PAYLOAD || records.size() >= MOST_RECORDS) {
            next();
        }
        if (payload.remaining() < length) {
            int room = Math.min(MOST_PAYLOAD, Math.max(2 * payload.capacity(), payload.position() + length));
            payload = ByteBuffer.allocate(room).put(payload.flip());
        }
        Content.Packed content = new Content.Packed(directory, pack, generation, payload.position(), length);
        payload.put(bytes.duplicate());
        return content;
    }

    /** Adds a record. Its dot follows that of the record before. */
    void add(EntryRecord each) {
        boolean ofThisPack = each.state() instanceof EntryRecord.Here here
                && here.content() instanceof Content.Packed packed
                && packed.pack().equals(pack);
        if (records.size() >= MOST_RECORDS && !ofThisPack) {
            next();
        }
        records.add(each);
    }

    private void next() {
        if (!records.isEmpty() || payload.position() > 0) {
            filled.add(new Filled(pack, records, payload.flip()));
        }
        pack = ids.get();
        payload = ByteBuffer.allocate(FIRST_ROOM);
        records = new ArrayList<>();
    }

    /**
     * Seals all of them. To be sent in this order or at once: a later one says that it has seen the ones before.
     *
     * @param seen by incarnation, how far the writer had joined the directory before this commit
     */
    List<SealedPack> seal(Map<Long, Long> seen) {
        next();
        Map<Long, Long> before = new HashMap<>(seen);
        List<SealedPack> sealed = new ArrayList<>();
        for (Filled each : filled) {
            sealed.add(codec.seal(
                    new Pack(each.pack(), directory, each.records(), null, null, before), 0, each.payload()));
            each.records()
                    .forEach(record -> before.merge(
                            record.dot().incarnation(), record.dot().counter(), Math::max));
        }
        filled.clear();
        return sealed;
    }
}
