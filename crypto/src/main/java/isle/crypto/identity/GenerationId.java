package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.util.Comparator;

/**
 * Names a key generation of a vault. Two devices that begin one at the same time give it the same number; then there are
 * two keys of that number, and both are kept.
 *
 * @param number from 1; the highest is the newest
 * @param key drawn with the key; of one number, the smaller one is used by everybody to seal
 */
public record GenerationId(int number, Id key) implements Comparable<GenerationId> {

    private static final Comparator<GenerationId> ORDER =
            Comparator.comparingInt(GenerationId::number).thenComparing(GenerationId::key, Comparator.reverseOrder());

    public GenerationId {
        if (number < 1) {
            throw new IllegalArgumentException("key generation " + number);
        }
    }

    /** The last in this order is the one to seal with. */
    @Override
    public int compareTo(GenerationId other) {
        return ORDER.compare(this, other);
    }

    void write(FieldWriter sink) {
        sink.putInt(number).putId(key);
    }

    static GenerationId read(FieldReader source) throws FsException {
        return new GenerationId(source.getInt(1, Integer.MAX_VALUE), source.getId());
    }
}
