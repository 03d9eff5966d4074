package isle.mountd.api;

import java.util.List;
import java.util.Optional;

/**
 * How a mount went.
 *
 * @param dir where it is mounted
 * @param already whether it was mounted there before
 * @param readOnly whether it takes no writes
 * @param recoveryCode of a private/ that has begun, to be shown once; never for a log
 * @param notes what the person should know, one sentence each
 */
public record MountAnswer(
        String dir, boolean already, boolean readOnly, Optional<String> recoveryCode, List<String> notes) {

    public MountAnswer {
        notes = List.copyOf(notes);
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("is", "done")
                .with("dir", dir)
                .with("already", already)
                .with("readOnly", readOnly)
                .with("recoveryCode", recoveryCode)
                .with("notes", notes);
    }

    static MountAnswer ofJson(JsonObject line) throws ProtocolException {
        return new MountAnswer(
                line.text("dir"),
                line.flag("already"),
                line.flag("readOnly"),
                line.optionalText("recoveryCode"),
                line.texts("notes"));
    }

    /** Never the code. */
    @Override
    public String toString() {
        return "mounted at " + dir;
    }
}
