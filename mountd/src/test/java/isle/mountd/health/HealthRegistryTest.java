package isle.mountd.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.mountd.api.HealthIssue;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is wrong, since when, and in which order it is told. */
class HealthRegistryTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final HealthRegistry health = new HealthRegistry(() -> now);

    @Test
    void anIssueKeepsItsBeginningWhileItsTextChanges() {
        health.raise(HealthCode.DISK_FULL, "", "90 % full.", "Free some.");
        Instant begin = now;
        now = begin.plusSeconds(60);
        health.raise(HealthCode.DISK_FULL, "", "99 % full.", "Free some.");
        HealthIssue issue = health.issues().get(0);
        assertEquals(begin, issue.since());
        assertEquals("99 % full.", issue.title());
        health.clear(HealthCode.DISK_FULL, "");
        assertEquals(List.of(), health.issues());
        health.raise(HealthCode.DISK_FULL, "", "Again.", "");
        assertEquals(now, health.issues().get(0).since());
    }

    @Test
    void theWorstComesFirstAndThenTheOldest() {
        health.set(true, HealthCode.INDEX_REBUILT, "", "info", "");
        health.set(true, HealthCode.STORE_UNREACHABLE, "public", "warning 1", "");
        now = now.plusSeconds(1);
        health.set(true, HealthCode.STORE_UNREACHABLE, "protected", "warning 2", "");
        health.set(true, HealthCode.DISK_FULL, "", "error", "Do something.");
        assertEquals(
                List.of("error", "warning 1", "warning 2", "info"),
                health.issues().stream().map(HealthIssue::title).toList());
        assertTrue(
                health.toText().startsWith("error disk-full since 2026-01-01T00:00:01Z\n  error\n  Do something.\n"));
        health.set(false, HealthCode.STORE_UNREACHABLE, "public", "", "");
        assertEquals(3, health.issues().size());
    }

    @Test
    void nothingWrongIsSaidToo() {
        assertEquals("Everything is as it should be.\n", health.toText());
    }

    @Test
    void thereIsABound() {
        for (int i = 0; i < HealthRegistry.MOST_ISSUES + 5; i++) {
            health.raise(HealthCode.CONFLICT, "file " + i, "Conflict.", "");
        }
        assertEquals(HealthRegistry.MOST_ISSUES, health.issues().size());
        assertEquals(5, health.leftOut());
    }

    @Test
    void everyCodeHasAWordOfItsOwn() {
        Set<String> words = new HashSet<>();
        for (HealthCode code : HealthCode.values()) {
            assertTrue(words.add(code.word()) && code.word().matches("[a-z-]+"), code.word());
        }
    }
}
