package isle.fs.spi;

import static java.util.Objects.requireNonNull;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of {@link ObjectStore} that need no store to be checked: every implementation checks them before it does
 * anything. The limits are those of Garage, on every store alike.
 */
public final class StoreRules {

    /**
     * Longest key in UTF-8 bytes: what Garage on LMDB takes, so that a folder may move from any store to any other.
     * Measured on 2.5: it stores keys of up to 479 bytes, but answers a deletion of one over 471 with 503, because its
     * note of the deletion has 40 bytes more than the key and LMDB takes 511.
     */
    public static final int MAX_KEY_BYTES = 471;

    /** Sum of the names and values of user metadata, in bytes. */
    public static final int MAX_USER_METADATA_BYTES = 16_000;

    /** The greatest number of a part. */
    public static final int MAX_PART = 10_000;

    private static final Set<String> STANDARD_HEADERS =
            Set.of("cache-control", "content-disposition", "content-encoding", "content-language", "expires");

    private static final Pattern NAME = Pattern.compile("[a-z0-9!#$&'*+.^_`|~-]+");

    private StoreRules() {}

    /** A key that a store takes: not too long, and Unicode text. */
    public static void key(ObjectKey key) throws FsException {
        int size = key.sizeBytes();
        if (size > MAX_KEY_BYTES) {
            throw new FsException.NameTooLong(
                    "a key of " + size + " bytes is longer than the " + MAX_KEY_BYTES + " that a store takes");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(key.value())) {
            throw new FsException.Invalid("the key is not Unicode text: it has half of a surrogate pair");
        }
    }

    /** The keys of one deletion. */
    public static void keys(List<ObjectKey> keys) throws FsException {
        if (keys.size() > ObjectStore.MAX_PAGE) {
            throw new FsException.Invalid(
                    keys.size() + " keys in one request, more than the " + ObjectStore.MAX_PAGE + " allowed");
        }
        for (ObjectKey key : keys) {
            key(key);
        }
    }

    /** Metadata that comes back as it was given. */
    public static void metadata(ObjectMetadata metadata) throws FsException {
        int total = 0;
        for (Map.Entry<String, String> entry : metadata.user().entrySet()) {
            header(entry.getKey(), entry.getValue());
            total += entry.getKey().length() + entry.getValue().length();
        }
        if (total > MAX_USER_METADATA_BYTES) {
            throw new FsException.TooLarge("user metadata of " + total + " bytes is more than the "
                    + MAX_USER_METADATA_BYTES + " that a store takes");
        }
        for (Map.Entry<String, String> entry : metadata.headers().entrySet()) {
            if (!STANDARD_HEADERS.contains(entry.getKey())) {
                throw new FsException.Invalid("\"" + entry.getKey() + "\" is not a header that a store keeps");
            }
            header(entry.getKey(), entry.getValue());
        }
        header("content-type", metadata.contentType());
    }

    private static void header(String name, String value) throws FsException {
        if (!NAME.matcher(name).matches()) {
            throw new FsException.Invalid("\"" + name + "\" cannot be the name of metadata");
        }
        boolean printable = value.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (value.length() > MAX_USER_METADATA_BYTES) {
            throw new FsException.TooLarge("the value of the metadata \"" + name + "\" has " + value.length()
                    + " bytes, more than the " + MAX_USER_METADATA_BYTES + " that a store takes");
        }
        // HTTP strips blanks around a value: what would come back different is refused.
        if (!printable || !value.strip().equals(value)) {
            throw new FsException.Invalid("the value of the metadata \"" + name + "\" is not plain ASCII text");
        }
    }

    /** What a get is asked for. */
    public static void range(long offset, ByteBuffer into) throws FsException {
        requireNonNull(into);
        if (offset < 0) {
            throw new FsException.Invalid("negative offset " + offset);
        }
    }

    /** The size of a page. */
    public static void limit(int limit) throws FsException {
        if (limit < 1 || limit > ObjectStore.MAX_PAGE) {
            throw new FsException.Invalid("a page of " + limit + " keys, not 1 to " + ObjectStore.MAX_PAGE);
        }
    }

    /** The number of a part. */
    public static void part(int number) throws FsException {
        if (number < 1 || number > MAX_PART) {
            throw new FsException.Invalid("part number " + number + ", not 1 to " + MAX_PART);
        }
    }

    /** A part to be uploaded. Garage refuses an empty one, even the only one of an upload. */
    public static void part(int number, Body body) throws FsException {
        part(number);
        if (body.size() == 0) {
            throw new FsException.Invalid("part " + number + " is empty");
        }
    }

    /** The parts of which an object is made: some, in ascending order. */
    public static void parts(List<Part> parts) throws FsException {
        if (parts.isEmpty() || parts.size() > MAX_PART) {
            throw new FsException.Invalid("an upload of " + parts.size() + " parts, not 1 to " + MAX_PART);
        }
        int last = 0;
        for (Part part : parts) {
            part(part.number());
            if (part.number() <= last) {
                throw new FsException.Invalid("part " + part.number() + " follows part " + last);
            }
            last = part.number();
        }
    }

    /** A range that is copied: not empty, and inside a source of this many bytes. */
    public static void source(PartSource source, long sourceSize) throws FsException {
        boolean inside = source.offset() >= 0
                && source.length() > 0
                && source.offset() <= sourceSize
                && source.length() <= sourceSize - source.offset();
        if (!inside) {
            throw new FsException.Invalid("a range of " + source.length() + " bytes from " + source.offset()
                    + " does not lie in " + source.key() + " of " + sourceSize + " bytes");
        }
    }

    /** The etag of an object and the one that a request demands, if it does. */
    public static void matches(ObjectKey key, String etag, @Nullable String ifMatch) throws FsException {
        if (ifMatch != null && !ifMatch.equals(etag)) {
            throw new FsException.PreconditionFailed(key + " has the etag " + etag + ", not " + ifMatch);
        }
    }

    /** The answer to a key that is not there. */
    public static FsException.NotFound noObject(ObjectKey key) {
        return new FsException.NotFound("there is no object " + key);
    }

    /** The answer to an upload that is not there. */
    public static FsException.NotFound noUpload(ObjectKey key, String uploadId) {
        return new FsException.NotFound("there is no upload " + uploadId + " of " + key);
    }

    /** The answer to a part that was not uploaded, or not with this etag. */
    public static FsException.Invalid noPart(ObjectKey key, Part part) {
        return new FsException.Invalid(
                "the upload of " + key + " has no part " + part.number() + " with the etag " + part.etag());
    }
}
