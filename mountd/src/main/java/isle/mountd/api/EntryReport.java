package isle.mountd.api;

import java.time.Instant;
import java.util.Optional;

/**
 * One entry of a listing.
 *
 * @param path from where the listing began; its name if it is an entry of the listed folder itself
 * @param kind {@code file}, {@code directory}, {@code symlink}, {@code fifo}, {@code socket}, {@code char-device},
 *     {@code block-device}, or {@code unknown} in a list of names only
 * @param permissions twelve bits
 * @param size bytes
 * @param mtimeSeconds last change of content, since 1970
 * @param mtimeNanos and the nanoseconds of it
 * @param target what a symlink points to
 * @param extras only in a list that is asked for whole
 */
public record EntryReport(
        String path,
        String kind,
        int permissions,
        int links,
        int uid,
        int gid,
        long size,
        long mtimeSeconds,
        int mtimeNanos,
        Optional<String> target,
        Extras extras) {

    /** What a file or folder that is written shall have. */
    public static EntryReport wanted(int permissions, Instant mtime) {
        return new EntryReport(
                "",
                "file",
                permissions,
                1,
                0,
                0,
                0,
                mtime.getEpochSecond(),
                mtime.getNano(),
                Optional.empty(),
                Extras.NONE);
    }

    public boolean isDirectory() {
        return kind.equals("directory");
    }

    public JsonObject toJson() {
        JsonObject json = JsonObject.EMPTY
                .with("is", "entry")
                .with("path", path)
                .with("kind", kind)
                .with("permissions", permissions)
                .with("links", links)
                .with("uid", uid)
                .with("gid", gid)
                .with("size", size)
                .with("mtime", mtimeSeconds)
                .with("nanos", mtimeNanos)
                .with("target", target);
        return extras.equals(Extras.NONE) ? json : json.with("extras", extras.toJson());
    }

    /** What {@link #toJson()} made. */
    public static EntryReport ofJson(JsonObject json) throws ProtocolException {
        return new EntryReport(
                json.text("path"),
                json.text("kind"),
                (int) json.number("permissions"),
                (int) json.number("links"),
                (int) json.number("uid"),
                (int) json.number("gid"),
                json.number("size"),
                json.number("mtime"),
                (int) json.number("nanos"),
                json.optionalText("target"),
                Extras.ofJson(json.object("extras")));
    }
}
