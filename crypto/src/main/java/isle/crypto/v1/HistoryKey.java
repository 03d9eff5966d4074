package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key of a history pack: {@code p/DIRECTORY/TIER.GENERATION.PACK.LENGTH}. No list of a directory has it; it is looked
 * for by who asks for the past.
 *
 * @param tier 0 as a compaction writes it, one more than that of its inputs if it was merged
 * @param generation of the vault key that it is sealed under
 * @param bytes length of the object
 */
public record HistoryKey(Id directory, int tier, int generation, Id pack, int bytes) {

    /** What the keys of all history packs begin with. */
    static final String PREFIX = "p/";

    /** There is no higher one. */
    public static final int MOST_TIER = 15;

    private static final Pattern FORM = Pattern.compile(
            PREFIX + "([0-9a-f]{32})/([0-9a-f])\\.([1-9][0-9]{0,8})\\.([0-9a-f]{32})\\.([1-9][0-9]{0,8})");

    public HistoryKey {
        if (tier < 0 || tier > MOST_TIER || generation < 1 || bytes < 1) {
            throw new IllegalArgumentException("tier " + tier + ", generation " + generation + ", " + bytes);
        }
    }

    /** What the keys of all history packs of a directory begin with. */
    static String prefix(Id directory) {
        return PREFIX + directory + "/";
    }

    public ObjectKey key() {
        return new ObjectKey(
                prefix(directory) + Integer.toHexString(tier) + "." + generation + "." + pack + "." + bytes);
    }

    /**
     * Reads a key that a list gave.
     *
     * @throws FsException.Corrupt no history pack has such a key
     */
    static HistoryKey parse(ObjectKey key) throws FsException {
        Matcher matcher = FORM.matcher(key.value());
        if (!matcher.matches()) {
            throw new FsException.Corrupt("an object in the vault is no history pack by its key");
        }
        return new HistoryKey(
                Id.ofHex(matcher.group(1)),
                Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3)),
                Id.ofHex(matcher.group(4)),
                Integer.parseInt(matcher.group(5)));
    }
}
