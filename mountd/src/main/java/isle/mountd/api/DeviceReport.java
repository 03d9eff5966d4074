package isle.mountd.api;

/**
 * A host that may open {@code private/}.
 *
 * @param id 32 hexadecimal digits
 * @param name of the host, as it called itself; empty if it cannot be read
 * @param own whether it is this one
 */
public record DeviceReport(String id, String name, boolean own) {

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("is", "device")
                .with("id", id)
                .with("name", name)
                .with("own", own);
    }

    static DeviceReport ofJson(JsonObject json) throws ProtocolException {
        return new DeviceReport(json.text("id"), json.optionalText("name").orElse(""), json.flag("own"));
    }
}
