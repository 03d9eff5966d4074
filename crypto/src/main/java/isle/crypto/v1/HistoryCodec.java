package isle.crypto.v1;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.crypto.tree.Content;
import isle.crypto.tree.EntryRecord;
import isle.crypto.tree.EntryRecord.Here;
import isle.crypto.tree.Pack;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Seals history packs into objects and opens them: {@code FORMAT.md}, "History packs". */
public final class HistoryCodec {

    /** First byte of every one. */
    static final int FORMAT = 1;

    private final Sealer sealer;
    private final Id vault;
    private final int generation;

    /**
     * @param sealer of this generation's key
     * @param vault the vault that the packs belong to
     * @param generation of the key
     */
    HistoryCodec(Sealer sealer, Id vault, int generation) {
        this.sealer = sealer;
        this.vault = vault;
        this.generation = generation;
    }

    /**
     * Records that became history together.
     *
     * @param since when, by the store's clock, in seconds since 1970; 0 when the pack that they are in was written
     */
    public record Past(long since, List<EntryRecord> records) {
        public Past {
            records = List.copyOf(records);
            if (since < 0) {
                throw new IllegalArgumentException("history since " + since);
            }
        }
    }

    /** An object that is ready to be sent. */
    public record SealedHistory(HistoryKey key, ByteBuffer bytes) {}

    /**
     * Seals a history pack.
     *
     * @param pack an id that was never used
     */
    public SealedHistory seal(Id directory, Id pack, int tier, List<Past> past) {
        ByteBuffer plain = PackCodec.padded(ByteBuffer.wrap(encode(directory, pack, past)));
        ByteBuffer bytes = sealer.seal(binding(directory, pack), plain);
        return new SealedHistory(new HistoryKey(directory, tier, generation, pack, bytes.remaining()), bytes);
    }

    /**
     * Opens a history pack.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.Unsupported a later isle has written it
     */
    List<Past> open(HistoryKey key, ByteBuffer bytes) throws FsException {
        ByteBuffer plain = sealer.open(binding(key.directory(), key.pack()), bytes);
        byte[] array = new byte[plain.remaining()];
        plain.get(array);
        return decode(array, key);
    }

    private Binding binding(Id directory, Id pack) {
        return new Binding(vault, generation, directory, pack, Role.HISTORY);
    }

    private byte[] encode(Id directory, Id pack, List<Past> past) {
        List<EntryRecord> all =
                past.stream().flatMap(each -> each.records().stream()).toList();
        Tables tables = Tables.of(new Pack(pack, directory, all, null, null, Map.of()));
        ByteSink sink = new ByteSink();
        sink.putByte(FORMAT);
        IndexCodec.putTables(sink, tables);
        sink.putUnsigned(past.size());
        RecordCodec records = new RecordCodec(directory, pack, generation);
        for (Past each : past) {
            sink.putUnsigned(each.since());
            sink.putUnsigned(each.records().size());
            each.records().forEach(record -> records.put(sink, record, tables));
        }
        return sink.toBytes();
    }

    private static List<Past> decode(byte[] bytes, HistoryKey key) throws FsException {
        try {
            ByteSource source = new ByteSource(bytes);
            int format = source.getByte();
            if (format > FORMAT) {
                throw new FsException.Unsupported(
                        "a history pack of format " + format + "; this isle knows up to " + FORMAT);
            }
            if (format != FORMAT) {
                throw new IllegalArgumentException("another format");
            }
            Tables tables = IndexCodec.getTables(source);
            List<Past> past = new ArrayList<>();
            RecordCodec codec = new RecordCodec(key.directory(), key.pack(), key.generation());
            for (int n = IndexCodec.count(source, 2); n > 0; n--) {
                long since = IndexCodec.natural(source.getUnsigned());
                List<EntryRecord> records = new ArrayList<>();
                for (int of = IndexCodec.count(source, RecordCodec.LEAST_BYTES); of > 0; of--) {
                    records.add(checked(codec.get(source, tables), key));
                }
                past.add(new Past(since, records));
            }
            IndexCodec.skipPadding(source);
            return past;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new FsException.Corrupt("a history pack does not decode", e);
        }
    }

    /** It has no payload that a record could name. */
    private static EntryRecord checked(EntryRecord each, HistoryKey key) {
        if (each.state() instanceof Here here
                && here.content() instanceof Content.Packed packed
                && packed.pack().equals(key.pack())) {
            throw new IllegalArgumentException("a payload that is not there");
        }
        return each;
    }
}
