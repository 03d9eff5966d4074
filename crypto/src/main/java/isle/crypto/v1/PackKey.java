package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key of a pack: {@code d/DIRECTORY/TIER.GENERATION.PACK.LENGTH}. What a reader has to know before it asks for the
 * index section; all of it is bound to what is sealed, or follows from it.
 *
 * @param tier 0 for commits, one more than that of its inputs for a compaction (R13)
 * @param generation of the vault key that it is sealed under
 * @param indexBytes sealed length of the index section, with which the object begins
 */
public record PackKey(Id directory, int tier, int generation, Id pack, int indexBytes) {

    /** What the keys of all packs begin with. */
    public static final String PREFIX = "d/";

    private static final int MOST_TIER = 15;
    private static final Pattern FORM = Pattern.compile(
            PREFIX + "([0-9a-f]{32})/([0-9a-f])\\.([1-9][0-9]{0,8})\\.([0-9a-f]{32})\\.([1-9][0-9]{0,8})");

    public PackKey {
        if (tier < 0 || tier > MOST_TIER || generation < 1 || indexBytes < 1) {
            throw new IllegalArgumentException("tier " + tier + ", generation " + generation + ", " + indexBytes);
        }
    }

    /** What the keys of all packs of a directory begin with. */
    public static String prefix(Id directory) {
        return PREFIX + directory + "/";
    }

    public ObjectKey key() {
        return new ObjectKey(
                prefix(directory) + Integer.toHexString(tier) + "." + generation + "." + pack + "." + indexBytes);
    }

    /**
     * Reads a key that a list gave.
     *
     * @throws FsException.Corrupt no pack has such a key
     */
    public static PackKey parse(ObjectKey key) throws FsException {
        Matcher matcher = FORM.matcher(key.value());
        if (!matcher.matches()) {
            throw new FsException.Corrupt("an object in the vault is no pack by its key");
        }
        return new PackKey(
                Id.ofHex(matcher.group(1)),
                Integer.parseInt(matcher.group(2), 16),
                Integer.parseInt(matcher.group(3)),
                Id.ofHex(matcher.group(4)),
                Integer.parseInt(matcher.group(5)));
    }
}
