package isle.crypto.identity;

import isle.crypto.seal.Id;
import isle.crypto.seal.Octets;
import isle.fs.model.FsException;

/**
 * A vault's keys, sealed to one member.
 *
 * @param user the member
 * @param generation of the member's keys that open it, from 1
 * @param sealed HPKE over the keys of this generation and all before it
 */
public record KeyCopy(Id user, int generation, Octets sealed) {

    public KeyCopy {
        if (generation < 1) {
            throw new IllegalArgumentException("generation " + generation);
        }
    }

    void write(FieldWriter sink) {
        sink.putId(user).putInt(generation).putBytes(sealed);
    }

    static KeyCopy read(FieldReader source) throws FsException {
        return new KeyCopy(source.getId(), source.getInt(1, Integer.MAX_VALUE), source.getOctets());
    }
}
