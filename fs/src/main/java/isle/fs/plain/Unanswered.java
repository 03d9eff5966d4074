package isle.fs.plain;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import java.time.Duration;
import java.util.HashSet;
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
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final ObjectStore store;
    private final PlainVolume.Quiet quiet;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final AtomicLong noted = new AtomicLong();

    /** Everything up to here has been carried out or is lost; not even what an earlier process gave up, at first. */
    private long quietUpTo = -1;

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
    static void sleep(Duration answered) throws InterruptedException {
        Duration wanted = answered.multipliedBy(ANSWERS);
        Duration least = wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
        Duration pause = least.compareTo(LONGEST) < 0 ? least : LONGEST;
        boolean unused = new CountDownLatch(1).await(pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A write to a place was given up. */
    synchronized void note(String ref, String token) {
        Place place = place(ref);
        place.tokens.add(token);
        place.last = noted.incrementAndGet();
    }

    private Place place(String ref) {
        Place place = places.computeIfAbsent(ref, r -> new Place());
        if (places.size() > MOST_PLACES) {
            places.remove(places.keySet().iterator().next());
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
        return place != null && place.last > quietUpTo;
    }

    /** Returns when no write to the place, given up here or by an earlier process with these tokens, can arrive any more. */
    void await(String ref, List<String> tokens) throws FsException {
        synchronized (this) {
            Place place = place(ref);
            place.tokens.addAll(tokens);
            if (place.last <= quietUpTo) {
                return;
            }
        }
        await();
    }

    /** Returns when no write that was given up before can arrive any more. */
    void await() throws FsException {
        long mark = noted.get();
        long from = System.nanoTime();
        store.list("", false, "", 1);
        try {
            quiet.await(Duration.ofNanos(System.nanoTime() - from));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FsException.Unavailable("interrupted", e);
        }
        synchronized (this) {
            quietUpTo = Math.max(quietUpTo, mark);
        }
    }
}
