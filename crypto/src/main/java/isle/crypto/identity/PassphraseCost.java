package isle.crypto.identity;

import isle.fs.model.FsException;

/**
 * How dear it is to try one passphrase: parameters of Argon2id (RFC 9106). They are stored beside what the passphrase
 * opens, where somebody else may have written them; so a reader refuses what would exhaust this host.
 *
 * @param memoryKib kibibytes of memory
 * @param passes over it
 * @param lanes at once
 */
public record PassphraseCost(int memoryKib, int passes, int lanes) {

    /** About 160 ms of one processor: what new passphrases get. */
    public static final PassphraseCost USUAL = new PassphraseCost(64 * 1024, 3, 1);

    private static final int MOST_MEMORY_KIB = 1024 * 1024;
    private static final int MOST_PASSES = 20;
    private static final int MOST_LANES = 16;

    public PassphraseCost {
        if (lanes < 1 || passes < 1 || memoryKib < 8 * lanes) {
            throw new IllegalArgumentException("Argon2id takes no such cost");
        }
    }

    void write(FieldWriter sink) {
        sink.putInt(memoryKib).putInt(passes).putInt(lanes);
    }

    /** @throws FsException.Invalid if it asks for more than 1 GiB, 20 passes or 16 lanes */
    static PassphraseCost read(FieldReader source) throws FsException {
        int memoryKib = source.getInt();
        int passes = source.getInt();
        int lanes = source.getInt();
        if (memoryKib > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES) {
            throw new FsException.Invalid("a passphrase lock asks for more memory or time than isle gives it: at most "
                    + "1 GiB and " + MOST_PASSES + " passes");
        }
        if (lanes < 1 || passes < 1 || memoryKib < 8 * lanes) {
            throw source.damaged("Argon2id takes no such cost");
        }
        return new PassphraseCost(memoryKib, passes, lanes);
    }
}
