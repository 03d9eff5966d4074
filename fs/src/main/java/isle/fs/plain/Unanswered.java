package isle.fs.plain;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes that were given up without an answer. A store that had stopped, or something on the way to it, may carry them
 * out later, and of two writes to a key that one stands which the store takes up last: a late one would bring back what
 * has been written over since, and a late deletion would take away what has come since. So nothing more is written to
 * such a place, and nothing concluded from what is there, until a store that answers again has had time to take up what
 * it still had.
 */
final class Unanswered {
    /** More than can be under way at once. */
    private static final int MOST_PLACES = 10_000;

    /** A store takes up what it has in this many times as long as it needs for a short list. */
    private static final int ANSWERS = 20;

    private static final Duration SHORTEST = Duration.ofSeconds(2);
    static final Duration LONGEST = Duration.ofSeconds(4);

    private final ObjectStore store;
    private final PlainVolume.Quiet quiet;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final AtomicLong noted = new AtomicLong();

    /** Everything up to here has been carried out or is lost; not even what an earlier process gave up, at first. */
    private long quietUpTo = -1;

    /** The last write of which the place is not known; it may be any. */
    private long elsewhere = -1;

    private Answer last = new Answer(-1, System.nanoTime());

    /** The store has answered: what was noted up to {@code mark} has arrived at {@code quietNanos} or never will. */
    private record Answer(long mark, long quietNanos) {}

    /** What was written to a place and not answered. */
    private static final class Place {
        private final Set<String> tokens = new HashSet<>();
        private long last;
    }

    Unanswered(ObjectStore store, PlainVolume.Quiet quiet) {
        this.store = store;
        this.quiet = quiet;
    }

    /** The {@link PlainVolume.Quiet} of real stores. */
    static void sleep(Duration time) throws InterruptedException {
        boolean unused = new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** A write to a place was given up. */
    synchronized void note(String ref, String token) {
        Place place = place(ref);
        place.tokens.add(token);
        place.last = noted.incrementAndGet();
    }

    /** A write without a token was given up. */
    synchronized void note(String ref) {
        place(ref).last = noted.incrementAndGet();
    }

    /** An earlier process may have given up writes, nobody knows where. */
    synchronized void inherit() {
        elsewhere = noted.incrementAndGet();
    }

    private Place place(String ref) {
        Place place = places.computeIfAbsent(ref, r -> new Place());
        if (places.size() > MOST_PLACES) {
            Iterator<Place> eldest = places.values().iterator();
            elsewhere = Math.max(elsewhere, eldest.next().last);
            eldest.remove();
        }
        return place;
    }

    /**
     * What lies at a place is known, and was written after all that had been given up. Should one of those arrive even
     * later, it is still known as ours.
     */
    synchronized void settled(String ref) {
        Place place = places.get(ref);
        if (place != null) {
            place.last = Math.min(place.last, quietUpTo);
        }
    }

    /** Whether what an object carries says that a write that was given up has made it. */
    synchronized boolean isOf(String ref, String token) {
        Place place = places.get(ref);
        return place != null && place.tokens.contains(token);
    }

    /** Whether a write to the place may still arrive. */
    synchronized boolean isOpen(String ref) {
        Place place = places.get(ref);
        return Math.max(elsewhere, place == null ? -1 : place.last) > quietUpTo;
    }

    /**
     * Returns when no write to the place, given up here or by an earlier process with these tokens, can arrive any more.
     *
     * @param patience longest time to wait beside the store's answer
     * @throws FsException.Unavailable also if that needs longer
     */
    void await(String ref, List<String> tokens, Duration patience) throws FsException {
        synchronized (this) {
            place(ref).tokens.addAll(tokens);
        }
        if (isOpen(ref)) {
            await(patience);
        }
    }

    /** As {@link #await(String, List, Duration)}, for whatever was given up before, anywhere. */
    void await(Duration patience) throws FsException {
        Answer answer = answerAfter(noted.get());
        long left = Math.max(0, answer.quietNanos() - System.nanoTime());
        if (left > patience.toNanos()) {
            throw new FsException.Unavailable("what was sent to the store before may still arrive");
        }
        try {
            quiet.await(Duration.ofNanos(left));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.Unavailable("interrupted", e);
        }
        synchronized (this) {
            quietUpTo = Math.max(quietUpTo, answer.mark());
        }
    }

    /** An answer of the store that was asked for after the write of that number was given up. */
    private Answer answerAfter(long mark) throws FsException {
        synchronized (this) {
            if (last.mark() >= mark) {
                return last;
            }
        }
        long from = System.nanoTime();
        store.list("", false, "", 1);
        long now = System.nanoTime();
        long pause = Math.min(Math.max((now - from) * ANSWERS, SHORTEST.toNanos()), LONGEST.toNanos());
        synchronized (this) {
            if (last.mark() < mark) {
                last = new Answer(mark, now + pause);
            }
            return last;
        }
    }
}
