package isle.mountd.api;

/**
 * One version of a file or folder of private/.
 *
 * @param path from where was asked; empty for what was asked for itself, else a name in that folder
 * @param version names it: ten digits
 * @param seconds when, since 1970, by the clock of the host that did it
 * @param host that did it
 * @param what {@code made}, {@code written}, {@code attributes} or {@code removed}
 * @param kind as in {@link EntryReport}; of what was removed, what it was
 * @param shown whether it is what is there now
 */
public record VersionReport(
        String path,
        String version,
        long seconds,
        int nanos,
        String host,
        String what,
        String kind,
        long size,
        boolean shown) {

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("is", "version")
                .with("path", path)
                .with("version", version)
                .with("time", seconds)
                .with("nanos", nanos)
                .with("host", host)
                .with("what", what)
                .with("kind", kind)
                .with("size", size)
                .with("shown", shown);
    }

    static VersionReport ofJson(JsonObject json) throws ProtocolException {
        return new VersionReport(
                json.text("path"),
                json.text("version"),
                json.number("time"),
                (int) json.number("nanos"),
                json.text("host"),
                json.text("what"),
                json.text("kind"),
                json.number("size"),
                json.flag("shown"));
    }
}
