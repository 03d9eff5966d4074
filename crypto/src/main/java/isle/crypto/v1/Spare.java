package isle.crypto.v1;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An object in {@code b/} that nothing may name any more, by its key.
 *
 * @param id its own, or that of the pack that it is a copy of
 * @param indexBytes of a copy of a pack, the length of the index section that it begins with; else 0
 */
public record Spare(Id id, int indexBytes) implements Comparable<Spare> {

    private static final Comparator<Spare> ORDER =
            Comparator.comparing(Spare::id).thenComparingInt(Spare::indexBytes);

    private static final Pattern FORM = Pattern.compile(PackStore.OBJECTS + "([0-9a-f]{32})(?:\\.([1-9][0-9]{0,8}))?");

    public Spare {
        if (indexBytes < 0) {
            throw new IllegalArgumentException(indexBytes + " bytes");
        }
    }

    public ObjectKey key() {
        return new ObjectKey(PackStore.OBJECTS + id + (indexBytes == 0 ? "" : "." + indexBytes));
    }

    /**
     * Reads a key that a list gave.
     *
     * @throws FsException.Corrupt no object of a vault has such a key
     */
    static Spare parse(ObjectKey key) throws FsException {
        Matcher matcher = FORM.matcher(key.value());
        if (!matcher.matches()) {
            throw new FsException.Corrupt("an object in the vault is no content by its key");
        }
        String length = matcher.group(2);
        return new Spare(Id.ofHex(matcher.group(1)), length == null ? 0 : Integer.parseInt(length));
    }

    @Override
    public int compareTo(Spare other) {
        return ORDER.compare(this, other);
    }
}
