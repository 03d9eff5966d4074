package isle.mountd.api;

import java.util.Locale;

/** How much a health issue matters. */
public enum Severity {
    /** Worth knowing, nothing to do. */
    INFO,
    /** Something does not work as it should, or soon will not. */
    WARNING,
    /** Something does not work at all. */
    ERROR;

    /** The word for it in JSON. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Severity ofWord(String word) {
        for (Severity severity : values()) {
            if (severity.word().equals(word)) {
                return severity;
            }
        }
        return WARNING;
    }
}
