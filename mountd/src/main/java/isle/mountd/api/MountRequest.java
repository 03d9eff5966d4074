package isle.mountd.api;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What {@code isle mount} was told. What is empty is taken from {@code daemon.yml}, or from what was told earlier.
 *
 * @param dir where to mount, an absolute path
 * @param store a folder, or the {@code http(s)} address of an S3 store
 * @param region of the store
 * @param buckets name of a volume to name of its bucket
 * @param readOnly whether the mount takes no writes
 * @param allowOther whether other users of this machine may enter
 * @param credentials keys from the caller's environment
 */
public record MountRequest(
        Optional<String> dir,
        Optional<String> store,
        Optional<String> region,
        Map<String, String> buckets,
        Optional<Boolean> readOnly,
        Optional<Boolean> allowOther,
        Optional<Credentials> credentials) {

    /** Nothing was told. */
    public static final MountRequest DEFAULT = new MountRequest(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    public MountRequest {
        buckets = Map.copyOf(buckets);
    }

    /** The same with this store. */
    public MountRequest withStore(Optional<String> other) {
        return new MountRequest(dir, other, region, buckets, readOnly, allowOther, credentials);
    }

    /** The same with these keys. */
    public MountRequest withCredentials(Optional<Credentials> keys) {
        return new MountRequest(dir, store, region, buckets, readOnly, allowOther, keys);
    }

    public JsonObject toJson() {
        JsonObject names = JsonObject.EMPTY;
        for (Map.Entry<String, String> bucket : new TreeMap<>(buckets).entrySet()) {
            names = names.with(bucket.getKey(), bucket.getValue());
        }
        JsonObject json = JsonObject.EMPTY
                .with("dir", dir)
                .with("store", store)
                .with("region", region)
                .with("buckets", names)
                .with("readOnly", readOnly.map(MountRequest::word))
                .with("allowOther", allowOther.map(MountRequest::word));
        return credentials.isPresent()
                ? json.with("credentials", credentials.get().toJson())
                : json;
    }

    /** What {@link #toJson()} made. */
    public static MountRequest ofJson(JsonObject json) throws ProtocolException {
        JsonObject names = json.object("buckets");
        Map<String, String> buckets = new TreeMap<>();
        for (String volume : names.names()) {
            buckets.put(volume, names.text(volume));
        }
        JsonObject keys = json.object("credentials");
        return new MountRequest(
                json.optionalText("dir"),
                json.optionalText("store"),
                json.optionalText("region"),
                buckets,
                json.optionalText("readOnly").map("yes"::equals),
                json.optionalText("allowOther").map("yes"::equals),
                keys.equals(JsonObject.EMPTY) ? Optional.empty() : Optional.of(Credentials.ofJson(keys)));
    }

    private static String word(boolean value) {
        return value ? "yes" : "no";
    }
}
