package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** The bytes in flight on links that exist in arithmetic only. */
class PaceTest {

    private static final int REQUEST = Grid.UNIT_BYTES;
    private static final long MOST = 64L << 20;

    private record Flight(double start, double end, long before) {}

    /** Keeps as many requests under way as the pace says, one behind the other on a link. Returns the last limit. */
    private static long limitOn(Pace pace, double bytesPerSecond, double latency, int answers) {
        ArrayDeque<Flight> flights = new ArrayDeque<>();
        double now = 0;
        double busyUntil = 0;
        for (int i = 0; i < answers; i++) {
            while (flights.isEmpty() || (flights.size() + 1L) * REQUEST <= Math.min(MOST, pace.bytesInFlight())) {
                busyUntil = Math.max(busyUntil, now) + REQUEST / bytesPerSecond;
                flights.add(new Flight(now, busyUntil + latency, pace.arrivedBytes()));
            }
            Flight first = flights.remove();
            now = first.end();
            pace.arrived(REQUEST, (long) ((first.end() - first.start()) * 1e9), first.before());
        }
        return pace.bytesInFlight();
    }

    @Test
    void beforeTheFirstAnswerNothingIsLimited() {
        assertEquals(Long.MAX_VALUE, new Pace().bytesInFlight());
    }

    @Test
    void aSlowLinkHoldsASecondAtMost() {
        long limit = limitOn(new Pace(), 2e6, 0.03, 1000);
        assertTrue(limit >= 2e6 * 0.25 && limit <= 2.2e6, () -> "limit " + limit);
    }

    @Test
    void aFastLinkIsNotLimited() {
        long limit = limitOn(new Pace(), 500e6, 0.0005, 1000);
        assertTrue(limit >= 500e6 * 0.2, () -> "limit " + limit);
    }

    @Test
    void aLongRoundTripIsFilled() {
        long limit = limitOn(new Pace(), 50e6, 0.3, 1000);
        assertTrue(limit >= 50e6 * 0.3, () -> "limit " + limit);
    }

    @Test
    void aLinkThatBecomesSlowIsNoticed() {
        Pace pace = new Pace();
        limitOn(pace, 500e6, 0.0005, 200);
        long limit = limitOn(pace, 1e6, 0.05, 300);
        assertTrue(limit <= 1.2e6, () -> "limit " + limit);
    }

    @Test
    void oneUnitMayAlwaysFly() {
        assertEquals(Grid.UNIT_BYTES, limitOn(new Pace(), 1000, 1, 10));
    }
}
