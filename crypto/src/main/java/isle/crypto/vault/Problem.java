package isle.crypto.vault;

import isle.crypto.seal.Id;
import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong with a vault, without a name of anything in it. It takes nothing away from the rest (R2).
 *
 * @param directory where, if that is known
 * @param pack what, if it is a pack
 */
public record Problem(
        Kind kind, @Nullable Id directory, @Nullable Id pack) {

    /** What is wrong. */
    public enum Kind {
        /** A pack is not what was sealed for its key; what it says is missing. */
        UNREADABLE,
        /** A pack is sealed under a generation of the vault's keys that is not known here. */
        KEY_UNKNOWN,
        /** A pack is in a format that a later isle has made. */
        LATER_FORMAT,
        /** A pack is listed and not there (R12). */
        NOT_THERE,
        /** Some object in {@code d/} is no pack by its key. */
        STRANGER,
        /** Somebody had read more of this directory than the store has (R8). */
        MISSING,
        /** A part of a compaction is there without the others. */
        HALF_A_COMPACTION,
        /** A device was set back and went on without noticing (R7); both versions are kept. */
        USED_TWICE,
        /** The store had packs that this host has read, and lost them or was set back (R20). */
        SET_BACK,
        /** A part of the history of a directory is not what was sealed for its key; what is shown does not need it. */
        HISTORY,
        /** Bytes of a file are missing in the store, or are not what was written. */
        CONTENT,
        /** A directory that something lives in is shown nowhere: what says where it is cannot be read. */
        ADRIFT,
        /** This host's disk does not take the mirror: the next start has to fetch more. */
        NOT_MIRRORED
    }
}
