package isle.mountd.api;

import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * One thing that is not as it should be.
 *
 * @param code stable word for scripts, such as {@code store-unreachable}
 * @param subject what it concerns: a volume, a path; empty if it concerns the whole daemon
 * @param title what happened to what, one sentence
 * @param action what to do, one sentence
 * @param since when it began
 */
public record HealthIssue(String code, String subject, Severity severity, String title, String action, Instant since) {

    public HealthIssue {
        if (code.isEmpty() || title.isEmpty()) {
            throw new IllegalArgumentException("health issue without code or title");
        }
    }

    /** Whether it concerns a path that its sentence does not name. */
    public boolean isAboutAPath() {
        return subject.contains("/") && !title.contains(subject);
    }

    public JsonObject toJson() {
        JsonObject json = JsonObject.EMPTY
                .with("code", code)
                .with("severity", severity.word())
                .with("title", title)
                .with("action", action)
                .with("since", since.toString());
        return subject.isEmpty() ? json : json.with("subject", subject);
    }

    static HealthIssue ofJson(JsonObject json) throws ProtocolException {
        try {
            return new HealthIssue(
                    json.text("code"),
                    json.optionalText("subject").orElse(""),
                    Severity.ofWord(json.text("severity")),
                    json.text("title"),
                    json.text("action"),
                    Instant.parse(json.text("since")));
        } catch (DateTimeParseException e) {
            throw new ProtocolException("'since' is no time");
        }
    }
}
