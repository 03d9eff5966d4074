package isle.mountd.health;

import isle.mountd.api.HealthIssue;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is wrong now. There is at most one issue of a code and a subject; raising it again changes its texts and keeps
 * its beginning. Thread safe; every call returns at once.
 */
public final class HealthRegistry {

    /** More are not shown; what is left out is counted. Only conflicts and the like can become many. */
    static final int MOST_ISSUES = 200;

    private record Key(HealthCode code, String subject) {}

    private final InstantSource clock;
    private final Map<Key, HealthIssue> issues = new LinkedHashMap<>();
    private long leftOut;

    public HealthRegistry(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Something is wrong.
     *
     * @param subject what it concerns; empty for the whole daemon
     * @param title what happened to what, one sentence
     * @param action what to do, one sentence
     */
    public synchronized void raise(HealthCode code, String subject, String title, String action) {
        Key key = new Key(code, subject);
        HealthIssue old = issues.get(key);
        if (old == null && issues.size() >= MOST_ISSUES) {
            leftOut++;
            return;
        }
        issues.put(
                key,
                new HealthIssue(
                        code.word(),
                        subject,
                        code.severity(),
                        title,
                        action,
                        old == null ? clock.instant() : old.since()));
    }

    /** It is right again. */
    public synchronized void clear(HealthCode code, String subject) {
        issues.remove(new Key(code, subject));
    }

    /** Raises or clears. */
    public void set(boolean wrong, HealthCode code, String subject, String title, String action) {
        if (wrong) {
            raise(code, subject, title, action);
        } else {
            clear(code, subject);
        }
    }

    /** Everything that is wrong, worst first, then oldest first. */
    public synchronized List<HealthIssue> issues() {
        List<HealthIssue> result = new ArrayList<>(issues.values());
        result.sort(Comparator.comparing(HealthIssue::severity).reversed().thenComparing(HealthIssue::since));
        return result;
    }

    /** How many issues did not find a place. */
    public synchronized long leftOut() {
        return leftOut;
    }

    /** For people, as the file {@code .isle/health.txt} in the mount shows it. */
    public String toText() {
        List<HealthIssue> now = issues();
        if (now.isEmpty()) {
            return "Everything is as it should be.\n";
        }
        StringBuilder text = new StringBuilder();
        for (HealthIssue issue : now) {
            text.append(issue.severity().word())
                    .append(' ')
                    .append(issue.code())
                    .append(" since ")
                    .append(issue.since())
                    .append("\n  ")
                    .append(issue.isAboutAPath() ? issue.subject() + ": " : "")
                    .append(issue.title())
                    .append('\n');
            if (!issue.action().isEmpty()) {
                text.append("  ").append(issue.action()).append('\n');
            }
        }
        return text.toString();
    }
}
