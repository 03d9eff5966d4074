package isle.mountd.api;

import java.io.IOException;

/** Something was asked of the daemon and not done. Two sentences for people: what happened to what, and what to do. */
public final class DaemonException extends IOException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;
    private final String sentence;
    private final String action;

    /**
     * @param message what happened to what, one sentence
     * @param action what to do, one sentence; may be empty when the first one says it all
     */
    public DaemonException(FailureKind kind, String message, String action) {
        super(message);
        this.kind = kind;
        this.sentence = message;
        this.action = action;
    }

    public FailureKind kind() {
        return kind;
    }

    /** What happened to what. */
    public String sentence() {
        return sentence;
    }

    /** What to do. */
    public String action() {
        return action;
    }

    /** As a line on the socket. */
    public JsonObject toJson() {
        return JsonObject.EMPTY
                .with("is", "failed")
                .with("kind", kind.word())
                .with("message", sentence)
                .with("action", action);
    }

    static DaemonException ofJson(JsonObject line) throws ProtocolException {
        return new DaemonException(
                FailureKind.ofWord(line.text("kind")),
                line.text("message"),
                line.optionalText("action").orElse(""));
    }
}
