package isle.crypto.v1;

import isle.crypto.seal.Binding;
import isle.crypto.seal.Id;
import isle.crypto.seal.Role;
import isle.crypto.seal.Sealer;
import isle.fs.model.ByteSink;
import isle.fs.model.ByteSource;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** Seals marks into objects and opens them: {@code FORMAT.md}, "Marks". */
final class MarkCodec {

    /** First byte of every one. */
    static final int FORMAT = 1;

    private final Sealer sealer;
    private final Id vault;
    private final int generation;

    /**
     * @param sealer of this generation's key
     * @param vault the vault that the marks belong to
     * @param generation of the key
     */
    MarkCodec(Sealer sealer, Id vault, int generation) {
        this.sealer = sealer;
        this.vault = vault;
        this.generation = generation;
    }

    /** An object that is ready to be sent. */
    record SealedMark(MarkKey key, ByteBuffer bytes) {}

    /** @param id one that was never used */
    SealedMark seal(Id device, Id id, Mark mark) {
        ByteSink sink = new ByteSink();
        sink.putByte(FORMAT);
        sink.putUnsigned(mark.made());
        sink.putUnsigned(mark.made() - mark.began());
        sink.putUnsigned(mark.since().size());
        for (Map.Entry<Spare, Long> each : mark.since().entrySet()) {
            IndexCodec.putId(sink, each.getKey().id());
            sink.putUnsigned(each.getKey().indexBytes());
            sink.putUnsigned(mark.made() - each.getValue());
        }
        ByteBuffer bytes = sealer.seal(binding(device, id), PackCodec.padded(ByteBuffer.wrap(sink.toBytes())));
        return new SealedMark(new MarkKey(device, generation, id, bytes.remaining()), bytes);
    }

    /**
     * Opens a mark.
     *
     * @throws FsException.Corrupt it is not what was sealed for this key
     * @throws FsException.Unsupported a later isle has written it
     */
    Mark open(MarkKey key, ByteBuffer bytes) throws FsException {
        ByteBuffer plain = sealer.open(binding(key.device(), key.mark()), bytes);
        byte[] array = new byte[plain.remaining()];
        plain.get(array);
        return decode(array);
    }

    private Binding binding(Id device, Id id) {
        return new Binding(vault, generation, device, id, Role.MARK);
    }

    private static Mark decode(byte[] bytes) throws FsException {
        try {
            ByteSource source = new ByteSource(bytes);
            int format = source.getByte();
            if (format > FORMAT) {
                throw new FsException.Unsupported("a mark of format " + format + "; this isle knows up to " + FORMAT);
            }
            if (format != FORMAT) {
                throw new IllegalArgumentException("another format");
            }
            long made = IndexCodec.natural(source.getUnsigned());
            long took = IndexCodec.natural(source.getUnsigned());
            TreeMap<Spare, Long> since = new TreeMap<>();
            for (int n = IndexCodec.count(source, Id.BYTES + 2); n > 0; n--) {
                Spare object = new Spare(IndexCodec.getId(source), Math.toIntExact(source.getUnsigned()));
                long before = IndexCodec.natural(source.getUnsigned());
                if (!since.isEmpty() && since.lastKey().compareTo(object) >= 0) {
                    throw new IllegalArgumentException("objects out of their order");
                }
                since.put(object, made - before);
            }
            IndexCodec.skipPadding(source);
            return new Mark(made - took, made, since);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new FsException.Corrupt("a mark does not decode", e);
        }
    }
}
