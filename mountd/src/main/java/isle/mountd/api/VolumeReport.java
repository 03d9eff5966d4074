package isle.mountd.api;

import java.util.ArrayList;
import java.util.List;

/**
 * State of one top-level folder.
 *
 * @param name of the folder
 * @param store kind and place of its store, for people
 * @param state {@code fresh}, {@code timeout}, {@code degraded} or {@code offline}
 * @param pendingOperations changes that the store does not have yet
 * @param pendingBytes content that the store does not have yet
 * @param uploading changes that are on their way to the store now
 * @param cachedBytes content of this volume in the local cache
 * @param failed what the store refused
 */
public record VolumeReport(
        String name,
        String store,
        String state,
        long pendingOperations,
        long pendingBytes,
        long uploading,
        long cachedBytes,
        List<Failed> failed) {

    public VolumeReport {
        failed = List.copyOf(failed);
    }

    /**
     * A change that the store refused; it stays in the journal and is tried again.
     *
     * @param path of the file, from the root of the mount
     * @param reason one sentence
     */
    public record Failed(String path, String reason) {}

    public JsonObject toJson() {
        List<JsonObject> refused = new ArrayList<>();
        for (Failed one : failed) {
            refused.add(JsonObject.EMPTY.with("path", one.path).with("reason", one.reason));
        }
        return JsonObject.EMPTY
                .with("name", name)
                .with("store", store)
                .with("state", state)
                .with("pendingOperations", pendingOperations)
                .with("pendingBytes", pendingBytes)
                .with("uploading", uploading)
                .with("cachedBytes", cachedBytes)
                .with("failed", refused);
    }

    static VolumeReport ofJson(JsonObject json) throws ProtocolException {
        List<Failed> refused = new ArrayList<>();
        for (JsonObject one : json.objects("failed")) {
            refused.add(new Failed(one.text("path"), one.text("reason")));
        }
        return new VolumeReport(
                json.text("name"),
                json.text("store"),
                json.text("state"),
                json.number("pendingOperations"),
                json.number("pendingBytes"),
                json.number("uploading"),
                json.number("cachedBytes"),
                refused);
    }
}
