package isle.crypto.identity;

import isle.crypto.seal.Id;

/**
 * Whose key signed a header record.
 *
 * @param kind whether it is the key of a device or of a user
 * @param id of that device or user
 * @param generation of the user's keys, from 1; 0 for a device
 */
public record Signer(Kind kind, Id id, int generation) {

    /** Whose key. */
    public enum Kind {
        /** The usual: a device. */
        DEVICE(1),
        /**
         * A user whose keys were opened by a code or passphrase: nobody knows the new device yet, so it cannot introduce
         * itself.
         */
        USER(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    public Signer {
        if ((kind == Kind.DEVICE) != (generation == 0) || generation < 0) {
            throw new IllegalArgumentException("a signer of generation " + generation);
        }
    }

    static Signer device(Id device) {
        return new Signer(Kind.DEVICE, device, 0);
    }

    static Signer user(Id user, int generation) {
        return new Signer(Kind.USER, user, generation);
    }
}
