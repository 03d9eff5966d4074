package isle.fs.plain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.store.MemoryObjectStore;
import isle.fs.store.MeteredObjectStore;
import isle.fs.store.StoreOperation;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnansweredTest {
    private final List<Duration> pauses = new ArrayList<>();
    private final MeteredObjectStore store =
            new MeteredObjectStore(new MemoryObjectStore(InstantSource.system(), new Random(1)));
    private final Unanswered unanswered = new Unanswered(store, pauses::add);

    private long lists() {
        return store.snapshot().requests(StoreOperation.LIST);
    }

    @Test
    void a_place_is_open_until_a_store_that_answers_has_been_given_time() throws FsException {
        assertFalse(unanswered.isOpen("a"));
        unanswered.note("a", "token");
        assertTrue(unanswered.isOpen("a"));
        assertFalse(unanswered.isOpen("b"));
        unanswered.await("a", List.of(), Unanswered.LONGEST);
        assertFalse(unanswered.isOpen("a"));
        assertEquals(1, pauses.size());
        assertTrue(pauses.get(0).compareTo(Duration.ofSeconds(1)) > 0, pauses.toString());
        unanswered.await("a", List.of(), Duration.ZERO);
        assertEquals(1, pauses.size());
        assertTrue(unanswered.isOf("a", "token"), "should it arrive all the same");
    }

    @Test
    void who_cannot_wait_so_long_does_not_wait_at_all_and_the_next_one_not_from_the_beginning() throws FsException {
        unanswered.note("a", "token");
        assertThrows(
                FsException.Unavailable.class, () -> unanswered.await("a", List.of("token"), Duration.ofMillis(100)));
        assertEquals(List.of(), pauses);
        assertTrue(unanswered.isOpen("a"));
        unanswered.await("a", List.of("token"), Unanswered.LONGEST);
        assertEquals(1, lists(), "it counts from the answer that the first one had");
        assertFalse(unanswered.isOpen("a"));
    }

    @Test
    void what_is_given_up_after_the_store_was_asked_waits_for_another_answer() throws FsException {
        unanswered.note("a", "1");
        assertThrows(FsException.Unavailable.class, () -> unanswered.await(Duration.ZERO));
        unanswered.note("b", "2");
        unanswered.await(Unanswered.LONGEST);
        assertEquals(2, lists());
        assertFalse(unanswered.isOpen("a"));
        assertFalse(unanswered.isOpen("b"));
    }

    @Test
    void places_beyond_those_that_are_remembered_are_open_too() throws FsException {
        for (int i = 0; i < 10_010; i++) {
            unanswered.note("place" + i, "token");
        }
        assertTrue(unanswered.isOpen("place0"));
        assertTrue(unanswered.isOpen("another"), "it may be one that was forgotten");
        unanswered.await(Unanswered.LONGEST);
        assertFalse(unanswered.isOpen("place0"));
        assertFalse(unanswered.isOpen("place10000"));
    }

    @Test
    void what_an_earlier_process_gave_up_may_be_anywhere() throws FsException {
        unanswered.inherit();
        assertTrue(unanswered.isOpen("anywhere"));
        unanswered.await(Unanswered.LONGEST);
        assertFalse(unanswered.isOpen("anywhere"));
    }
}
