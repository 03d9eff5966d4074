package isle.mountd.api;

/**
 * Where the content of one path is.
 *
 * @param path from the root of the mount
 * @param state {@code local}, {@code uploading}, {@code stored}, {@code conflict} or {@code failed}
 * @param size bytes of content
 * @param version what tells this version in the store from others; empty while the store has none
 */
public record FileReport(String path, String state, long size, String version) {

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("path", path)
                .with("state", state)
                .with("size", size)
                .with("version", version);
    }

    static FileReport ofJson(JsonObject json) throws ProtocolException {
        return new FileReport(json.text("path"), json.text("state"), json.number("size"), json.text("version"));
    }
}
