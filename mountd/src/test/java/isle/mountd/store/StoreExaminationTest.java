package isle.mountd.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.s3.ProbeResult;
import isle.fs.s3.ProbeResult.ConditionalPut;
import isle.fs.s3.ProbeResult.Outcome;
import isle.mountd.api.HealthIssue;
import isle.mountd.health.HealthRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the answers of a store mean for health. */
class StoreExaminationTest {

    private final HealthRegistry health = new HealthRegistry(InstantSource.system());
    private final StoreExamination examination = new StoreExamination(Map.of(), health);

    private void report(Outcome outcome, Optional<Duration> ahead) {
        examination.report("public", new ProbeResult(outcome, ConditionalPut.UNKNOWN, ahead, "the store said so"));
    }

    private List<String> codes() {
        return health.issues().stream().map(HealthIssue::code).toList();
    }

    @Test
    void aClockThatIsAMinuteOffIsToldAndForgivenWhenItIsRight() {
        report(Outcome.READABLE, Optional.of(Duration.ofSeconds(-90)));
        assertEquals(List.of("clock-skew"), codes());
        assertTrue(
                health.issues().get(0).title().contains("90 s behind"),
                health.issues().toString());
        report(Outcome.READABLE, Optional.of(Duration.ofSeconds(2)));
        assertEquals(List.of(), codes());
        report(Outcome.WRONG_CLOCK, Optional.empty());
        assertEquals(List.of("clock-skew"), codes());
    }

    @ParameterizedTest
    @EnumSource(Outcome.class)
    void everyRefusalHasASentenceAndSomethingToDo(Outcome outcome) {
        report(outcome, Optional.empty());
        boolean fine = List.of(Outcome.WRITABLE, Outcome.READABLE, Outcome.READ_ONLY, Outcome.FULL)
                .contains(outcome);
        assertEquals(fine, codes().isEmpty());
        for (HealthIssue issue : health.issues()) {
            assertFalse(issue.title().isEmpty() || issue.action().isEmpty());
        }
        report(Outcome.READABLE, Optional.empty());
        assertEquals(List.of(), codes());
    }
}
