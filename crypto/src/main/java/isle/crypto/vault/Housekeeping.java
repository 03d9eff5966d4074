package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.fs.model.FsException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Lets a {@link Compactor} work in the background, on one directory at a time, after something was written to it or read
 * from it. Nobody waits for it. May be used by several threads.
 */
final class Housekeeping {

    /** At most, after a run that broke off, by this host's clock: the store may be away. */
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);

    private static final int MOST_REMEMBERED = 4096;

    private final Compactor compactor;
    private final Duration grace;
    private final Duration rest;
    private final Executor executor;
    private final InstantSource clock;

    /** Guarded by this object. */
    private final Set<Id> due = new LinkedHashSet<>();

    /** When a directory may be looked at for remains again; guarded by this object. */
    private final Map<Id, Instant> notBefore = new LinkedHashMap<>();

    private @Nullable Instant restUntil;
    private boolean working;
    private boolean closed;

    /**
     * @param grace how long what a compaction has made superfluous has to stay; so often it is looked for
     * @param executor has a thread for it
     * @param clock of this host; it decides nothing but when to ask the store
     */
    Housekeeping(Compactor compactor, Duration grace, Executor executor, InstantSource clock) {
        this.compactor = compactor;
        this.grace = grace;
        this.rest = grace.compareTo(LONGEST_REST) < 0 ? grace : LONGEST_REST;
        this.executor = executor;
        this.clock = clock;
    }

    /** Something was written to these directories, or read from the store. */
    void touched(Collection<Id> directories) {
        synchronized (this) {
            due.addAll(directories);
        }
        start();
    }

    private boolean isNeeded(Id directory) {
        return compactor.isFull(directory) || (mayLook(directory, clock.instant()) && compactor.hasRemains(directory));
    }

    private synchronized boolean mayLook(Id directory, Instant now) {
        Instant next = notBefore.get(directory);
        return next == null || isPast(next, grace, now);
    }

    /** Also if the clock was set back. */
    private static boolean isPast(Instant until, Duration length, Instant now) {
        return !now.isBefore(until) || now.isBefore(until.minus(length));
    }

    private void start() {
        synchronized (this) {
            boolean rests = restUntil != null && !isPast(restUntil, rest, clock.instant());
            if (closed || working || due.isEmpty() || rests) {
                return;
            }
            working = true;
        }
        boolean begun = false;
        try {
            executor.execute(this::work);
            begun = true;
        } catch (RejectedExecutionException e) {
            // the volume is being closed
        } finally {
            if (!begun) {
                end();
            }
        }
    }

    private synchronized void end() {
        working = false;
    }

    private void work() {
        boolean emptied = false;
        try {
            for (Id next = next(); next != null; next = next()) {
                if (isNeeded(next)) {
                    compactor.run(next);
                    looked(next);
                }
            }
            emptied = true;
        } catch (FsException e) {
            rest();
        } finally {
            if (!emptied) {
                end();
            }
        }
    }

    /** Null if there is nothing to do any more: the work has ended then. */
    private synchronized @Nullable Id next() {
        if (closed || due.isEmpty()) {
            working = false;
            return null;
        }
        Id next = due.iterator().next();
        due.remove(next);
        return next;
    }

    private synchronized void looked(Id directory) {
        notBefore.remove(directory);
        notBefore.put(directory, clock.instant().plus(grace));
        if (notBefore.size() > MOST_REMEMBERED) {
            notBefore.remove(notBefore.keySet().iterator().next());
        }
    }

    private synchronized void rest() {
        restUntil = clock.instant().plus(rest);
    }

    /** Nothing more is begun. */
    synchronized void close() {
        closed = true;
        due.clear();
    }
}
