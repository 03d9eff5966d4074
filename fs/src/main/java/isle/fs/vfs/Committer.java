package isle.fs.vfs;

import isle.fs.journal.JournalRecord;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what was changed here into the store, in the background and at once: one thread per volume that chooses,
 * journals the attempt, has the volume publish it, and books the outcome. Large files travel on threads of their own,
 * so that small ones do not wait for them. Nothing else writes to the store.
 */
final class Committer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);

    private static final long FORCE_MILLIS = 500;

    /** With a long backlog a look for work is long, and holds the lock: this many times as long nobody looks again. */
    private static final int RESTS_PER_LOOK = 8;

    private static final long LONGEST_REST_NANOS = FORCE_MILLIS * 1_000_000;
    private static final int MOST_LARGE = 3;

    /** After a batch of so many changes a volume by reference lingers; who saves a file now and then does not wait. */
    private static final int MANY = 8;

    private static final long LINGER_NANOS = 100_000_000L;

    private final VolumeTree tree;
    private final CommitPlan plan;
    private final CommitLedger ledger;
    private final Checkpoint checkpoint;
    private final Attempts attempts;
    private final CommittedContent kept;
    private final Loader loader;
    private final Room room;
    private final Staging staging;
    private final ExecutorService transfers;
    private final Thread thread;
    private final Object monitor = new Object();
    /** Counts what did not fail. */
    private final AtomicLong progress = new AtomicLong();

    private boolean signalled;
    private boolean closing;
    private volatile boolean draining;
    private int largeUnderWay;
    private boolean isStaging;
    private long lastForceNanos;
    private long restNanos;

    Committer(VolumeTree tree, Parts parts) {
        this.tree = tree;
        this.plan = parts.plan;
        this.ledger = parts.ledger;
        this.checkpoint = parts.checkpoint;
        this.loader = parts.loader;
        this.room = parts.room;
        this.staging = parts.staging;
        this.transfers = parts.transfers;
        this.thread = new Thread(this::work, "commit-" + tree.name());
        this.thread.setDaemon(true);
        this.attempts = new Attempts(tree, parts.attempts);
        this.kept = new CommittedContent(tree.cache);
        tree.resolver = attempts::learn;
    }

    /** What the committer works with. */
    record Parts(
            CommitPlan plan,
            CommitLedger ledger,
            AttemptLedger attempts,
            Checkpoint checkpoint,
            Loader loader,
            Room room,
            Staging staging,
            ExecutorService transfers) {}

    void start() {
        lastForceNanos = tree.clock.nanos();
        thread.start();
    }

    /** Something may be ripe. Never waits. */
    void signal() {
        synchronized (monitor) {
            signalled = true;
            monitor.notifyAll();
        }
    }

    private void work() {
        while (true) {
            try {
                long wait = round();
                synchronized (monitor) {
                    rest();
                    if (closing) {
                        return;
                    }
                    if (!signalled) {
                        monitor.wait(Math.max(1, Math.min(FORCE_MILLIS, wait / 1_000_000)));
                    }
                    signalled = false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | Error e) {
                LOG.error("the committer of {} stumbled and goes on", tree.name(), e);
                pause();
            }
        }
    }

    /** Whatever is signalled meanwhile: looking for work must not take the lock from those who make it. */
    private void rest() throws InterruptedException {
        long end = tree.clock.nanos() + restNanos;
        long left = restNanos / 1_000_000;
        while (left > 0 && !closing) {
            monitor.wait(left);
            left = (end - tree.clock.nanos()) / 1_000_000;
        }
    }

    private void pause() {
        synchronized (monitor) {
            try {
                signalled = false;
                while (!signalled && !closing) {
                    monitor.wait(FORCE_MILLIS);
                    signalled = true;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does what can be done now; returns how long to wait at most, in ns. The work of the committer's thread. */
    long round() {
        forceIfDue();
        loadMoves();
        attempts.learnAll();
        long wait = Long.MAX_VALUE;
        while (true) {
            long from = tree.clock.nanos();
            stageParts();
            CommitPlan.Batch batch = plan.next(() -> draining);
            restNanos = Math.min(RESTS_PER_LOOK * (tree.clock.nanos() - from), LONGEST_REST_NANOS);
            wait = batch.waitNanos;
            if (batch.jobs.isEmpty()) {
                break;
            }
            long before = progress.get();
            publish(batch.jobs);
            if (progress.get() == before) {
                // All of it failed: what stands in others' way would be chosen again and again.
                restNanos = LONGEST_REST_NANOS;
                wait = Math.min(wait, restNanos);
                break;
            }
            if (tree.isByReference() && batch.jobs.size() >= MANY && !draining) {
                // What is being made right now goes together with what comes next: that takes a few requests only.
                restNanos = Math.max(restNanos, LINGER_NANOS);
                wait = Math.min(wait, restNanos);
                break;
            }
            removeAbandoned();
            forceIfDue();
            loadMoves();
            attempts.learnAll();
            checkpointIfDue();
        }
        removeAbandoned();
        checkpointIfDue();
        return wait;
    }

    /** What close acknowledged is forced within a second. */
    private void forceIfDue() {
        long now = tree.clock.nanos();
        if (now - lastForceNanos < FORCE_MILLIS * 1_000_000) {
            return;
        }
        lastForceNanos = now;
        if (tree.journal().hasUnforced()) {
            try {
                tree.journal().force();
            } catch (FsException e) {
                LOG.error("the journal of {} cannot be forced to disk: {}", tree.name(), e.getMessage());
            }
        }
    }

    private void checkpointIfDue() {
        if (checkpoint.isDue()) {
            writeCheckpoint();
        }
    }

    private void writeCheckpoint() {
        try {
            if (checkpoint.write()) {
                room.freed();
            }
        } catch (FsException e) {
            LOG.warn("no checkpoint of {} now: {}", tree.name(), e.getMessage());
        }
    }

    /** A directory that moves takes everything in it along: all of that has to be known first. */
    private void loadMoves() {
        if (tree.isByReference()) {
            return;
        }
        List<Inode> moving = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(CommitPlan.BATCH)) {
                Inode inode = dentry.inode;
                if (inode != null && inode.directory != null && inode.stored != null && !inode.directory.loaded) {
                    moving.add(inode);
                }
            }
        }
        for (Inode inode : moving) {
            try {
                loader.load(inode);
            } catch (FsException e) {
                LOG.debug("a folder that moves cannot be listed now: {}", e.getMessage());
                return;
            }
        }
    }

    private void publish(List<CommitJob> jobs) {
        List<CommitJob> small = new ArrayList<>();
        for (CommitJob job : jobs) {
            if (job.weight() < CommitJob.LARGE_BYTES || !publishApart(job)) {
                small.add(job);
            }
        }
        if (!small.isEmpty()) {
            publishNow(small);
        }
    }

    private boolean publishApart(CommitJob job) {
        synchronized (monitor) {
            if (largeUnderWay >= MOST_LARGE) {
                return false;
            }
            largeUnderWay++;
        }
        progress.incrementAndGet();
        return apart(() -> publishNow(List.of(job)), () -> largeUnderWay--);
    }

    /** Does work on a thread of its own, and {@code then} under the monitor; false if there is no thread. */
    private boolean apart(Runnable work, Runnable then) {
        try {
            transfers.execute(() -> {
                try {
                    work.run();
                } finally {
                    synchronized (monitor) {
                        then.run();
                    }
                    signal();
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            synchronized (monitor) {
                then.run();
            }
            return false;
        }
    }

    /** One file's parts at a time: they fill the line. */
    private void stageParts() {
        synchronized (monitor) {
            if (isStaging || closing) {
                return;
            }
            isStaging = true;
        }
        List<Staging.Job> jobs = staging.next();
        if (jobs.isEmpty()) {
            synchronized (monitor) {
                isStaging = false;
            }
        } else if (!apart(() -> send(jobs), () -> isStaging = false)) {
            staging.giveUp(jobs.get(0).inode(), jobs);
        }
    }

    private void send(List<Staging.Job> jobs) {
        room.sending();
        try {
            if (staging.send(jobs)) {
                room.freed();
            }
        } finally {
            room.sent();
        }
    }

    private void publishNow(List<CommitJob> jobs) {
        room.sending();
        try {
            FsException away = attempts.whyNothingCanBeSent();
            if (away == null) {
                prepareAndPublish(jobs);
            } else {
                jobs.forEach(job -> settle(job, new Volume.Outcome.Failed(away, true), ""));
            }
        } finally {
            room.sent();
        }
    }

    private void prepareAndPublish(List<CommitJob> jobs) {
        IdentityHashMap<Volume.Prepared, CommitJob> byPrepared = new IdentityHashMap<>();
        List<Volume.Prepared> prepared = new ArrayList<>();
        for (CommitJob job : jobs) {
            try {
                Volume.Prepared p = prepare(job);
                byPrepared.put(p, job);
                prepared.add(p);
            } catch (FsException e) {
                settle(job, new Volume.Outcome.Failed(e), "");
            }
        }
        try {
            tree.journal().force();
            tree.volume.publish(prepared, (p, outcome) -> {
                CommitJob job;
                synchronized (byPrepared) {
                    job = byPrepared.remove(p);
                }
                if (job != null) {
                    settle(job, outcome, p.token());
                }
            });
        } catch (FsException e) {
            LOG.warn("nothing can be committed now: {}", e.getMessage());
        } finally {
            List<CommitJob> left;
            synchronized (byPrepared) {
                left = List.copyOf(byPrepared.values());
            }
            for (CommitJob job : left) {
                settle(
                        job,
                        new Volume.Outcome.Failed(new FsException.Unavailable("the commit was not carried out")),
                        "");
            }
        }
    }

    private Volume.Prepared prepare(CommitJob job) throws FsException {
        Volume.Prepared fresh = tree.volume.prepare(job.change());
        try (TreeLock.Held held = tree.lock.write()) {
            List<String> earlier = List.copyOf(job.dentry().tokens);
            Inode inode = job.inode();
            if (inode != null && job.keeps() && !tree.isByReference()) {
                tree.append(new JournalRecord.Place(inode.id, job.place(tree.volume)));
            } else if (inode != null) {
                noteAttempt(job, inode, fresh.token());
            }
            return new Volume.Prepared(fresh.change(), fresh.token(), earlier);
        }
    }

    private void noteAttempt(CommitJob job, Inode inode, String token) throws FsException {
        Dentry dentry = job.dentry();
        String ref = job.place(tree.volume);
        tree.append(new JournalRecord.Attempt(dentry.parent.id, dentry.name, inode.id, ref, token));
        dentry.tokens.add(token);
        dentry.attemptRef = ref;
        dentry.attemptInode = inode.id;
        inode.attempted = dentry;
    }

    private void settle(CommitJob job, Volume.Outcome outcome, String token) {
        if (outcome instanceof Volume.Outcome.Done done && done.stored().isPresent()) {
            kept.keep(job, done.stored().get());
        }
        if (outcome instanceof Volume.Outcome.Failed failed && failed.unsent()) {
            attempts.forget(job, token);
        }
        ledger.book(job, outcome);
        if (!(outcome instanceof Volume.Outcome.Failed)) {
            progress.incrementAndGet();
            room.freed();
        }
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }

    /** Places of isle's own with content that nobody needs any more. */
    private void removeAbandoned() {
        List<String> refs = tree.abandonedKeeps.stream().limit(CommitPlan.BATCH).toList();
        if (refs.isEmpty()) {
            return;
        }
        try {
            // What says that they are not needed must be safe before they go.
            tree.journal().force();
            List<Volume.Prepared> removals = new ArrayList<>();
            for (String ref : refs) {
                removals.add(tree.volume.prepare(new Volume.Change.Remove(ref, null, ref.endsWith("/"), false)));
            }
            tree.volume.publish(removals, (p, outcome) -> {
                // Until then a checkpoint says them once more.
                if (!(outcome instanceof Volume.Outcome.Failed)) {
                    tree.abandonedKeeps.remove(((Volume.Change.Remove) p.change()).ref());
                }
            });
        } catch (FsException e) {
            LOG.debug("copies that nobody needs were not removed: {}", e.getMessage());
        }
    }

    /** Since when (ticker) something ripe that the store has not refused is waiting; empty if nothing is. */
    OptionalLong oldestWaitingNanos() {
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(CommitPlan.BATCH)) {
                Inode inode = dentry.inode;
                if (inode != null
                        && inode.refused == null
                        && inode.writers == 0
                        && dentry.failures == 0
                        && VolumeTree.isDirty(dentry)) {
                    return OptionalLong.of(dentry.dirtyNanos);
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Waits until a condition holds that commits bring about; open files are committed too meanwhile. */
    boolean await(BooleanSupplier condition, Duration most) {
        long end = tree.clock.nanos() + most.toNanos();
        synchronized (monitor) {
            draining = true;
        }
        signal();
        try {
            while (!condition.getAsBoolean()) {
                long left = (end - tree.clock.nanos()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                synchronized (monitor) {
                    monitor.wait(Math.min(left, 50));
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            synchronized (monitor) {
                draining = false;
            }
        }
    }

    /** Stops choosing; waits for what is under way, then leaves the journal short. */
    @Override
    public void close() {
        synchronized (monitor) {
            closing = true;
            monitor.notifyAll();
        }
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        writeCheckpoint();
    }
}
