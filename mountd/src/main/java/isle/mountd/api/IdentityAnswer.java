package isle.mountd.api;

import java.util.List;
import java.util.Optional;

/**
 * How a change of the identity went.
 *
 * @param code a code that was made, to be shown once; never for a log
 * @param notes what the person should know, one sentence each
 */
public record IdentityAnswer(Optional<String> code, List<String> notes) {

    public IdentityAnswer {
        notes = List.copyOf(notes);
    }

    public JsonObject toJson() {
        return JsonObject.EMPTY.with("is", "done").with("code", code).with("notes", notes);
    }

    static IdentityAnswer ofJson(JsonObject line) throws ProtocolException {
        return new IdentityAnswer(line.optionalText("code"), line.texts("notes"));
    }

    /** Never the code. */
    @Override
    public String toString() {
        return "answer with " + notes.size() + " notes";
    }
}
