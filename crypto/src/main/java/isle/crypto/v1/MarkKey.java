package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key of a mark: {@code m/DEVICE/GENERATION.MARK.LENGTH}.
 *
 * @param device that made it
 * @param generation of the vault key that it is sealed under
 * @param mark its id, drawn once
 * @param bytes length of the object
 */
public record MarkKey(Id device, int generation, Id mark, int bytes) {

    /** What the keys of all marks begin with. */
    static final String PREFIX = "m/";

    private static final Pattern FORM =
            Pattern.compile(PREFIX + "([0-9a-f]{32})/([1-9][0-9]{0,8})\\.([0-9a-f]{32})\\.([1-9][0-9]{0,8})");

    public MarkKey {
        if (generation < 1 || bytes < 1) {
            throw new IllegalArgumentException("generation " + generation + ", " + bytes);
        }
    }

    public ObjectKey key() {
        return new ObjectKey(PREFIX + device + "/" + generation + "." + mark + "." + bytes);
    }

    /**
     * Reads a key that a list gave.
     *
     * @throws FsException.Corrupt no mark has such a key
     */
    static MarkKey parse(ObjectKey key) throws FsException {
        Matcher matcher = FORM.matcher(key.value());
        if (!matcher.matches()) {
            throw new FsException.Corrupt("an object in the vault is no mark by its key");
        }
        return new MarkKey(
                Id.ofHex(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Id.ofHex(matcher.group(3)),
                Integer.parseInt(matcher.group(4)));
    }
}
