package isle.fs.spi;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/**
 * How the journal of a volume lies sealed on this host's disk. Each file that is begun gets a key of its own, so a file
 * that takes the place or the name of a lost one shares nothing with it. May be used by several threads at once.
 */
public interface JournalSeal {

    /** Bytes by which sealed ones are longer than they were, whatever their number; at most {@link #MOST_OVERHEAD}. */
    int overhead();

    /** What {@link #overhead} may be at most. */
    int MOST_OVERHEAD = 64;

    /** What a sealed key may have at most, in bytes. */
    int MOST_KEY_BYTES = 256;

    /**
     * Draws the key of a file that is begun.
     *
     * @param bound bound to the key, and needed again to open
     * @throws FsException if the seal has no key just now
     */
    FileSeal begin(byte[] bound) throws FsException;

    /**
     * Opens the key of a file that was begun earlier.
     *
     * @param sealedKey what {@link FileSeal#sealedKey} gave
     * @throws FsException.Corrupt if it was not sealed by this seal, with the same bytes bound to it
     */
    FileSeal resume(byte[] bound, byte[] sealedKey) throws FsException;

    /** Seals and opens parts of one file. */
    interface FileSeal {

        /** The key of the file, itself sealed: to be kept at its beginning. */
        byte[] sealedKey();

        /**
         * Seals the remaining bytes of {@code plain}. Twice the same gives different bytes, and no key is ever used twice
         * with the same nonce, also not for a part that takes the place of one whose write failed.
         *
         * @param bound bound to the sealed bytes, and needed again to open
         * @param into has room for them and {@link JournalSeal#overhead} more
         * @throws IllegalStateException if the file was not begun but resumed: such a file is only read
         */
        void seal(byte[] bound, ByteBuffer plain, ByteBuffer into);

        /**
         * Opens the remaining bytes of {@code sealed}.
         *
         * @param into has room for them
         * @throws FsException.Corrupt if they are not what was sealed in this file with the same bytes bound to it;
         *     {@code into} may then hold rubbish
         */
        void open(byte[] bound, ByteBuffer sealed, ByteBuffer into) throws FsException.Corrupt;
    }
}
