package isle.fs.vfs;

import isle.fs.journal.JournalRecord;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns what commits have done whose outcome was not heard of, as far as the store answers. */
final class Attempts {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    /** How long one look waits beside the store's answers: somebody may wait for what it finds. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final VolumeTree tree;
    private final AttemptLedger ledger;
    private final RankedLock one = new RankedLock(LockRank.ATTEMPT);
    private volatile boolean isAway;

    Attempts(VolumeTree tree, AttemptLedger ledger) {
        this.tree = tree;
        this.ledger = ledger;
    }

    /** Looks at all names that were renamed or deleted while it was open whether their commit had come through. */
    void learnAll() {
        List<Dentry> uncertain = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
                if (dentry.isUncertain()) {
                    uncertain.add(dentry);
                }
            }
        }
        for (Dentry dentry : uncertain) {
            if (!learn(dentry)) {
                return;
            }
        }
    }

    /**
     * After a batch that could not be sent: why it cannot be sent now either; null if the store answers. A store that is
     * away for days is not to leave a line in the journal for each try of each name.
     */
    @Nullable FsException whyNothingCanBeSent() {
        if (isAway) {
            try {
                tree.volume.knock();
                isAway = false;
            } catch (FsException e) {
                return e;
            }
        }
        return null;
    }

    /**
     * Nobody will ever meet a token that was not sent. Were it kept, a store that is away often would leave one in
     * memory for each try of each name.
     */
    void forget(CommitJob job, String token) {
        isAway = true;
        Dentry dentry = job.dentry();
        Inode inode = job.inode();
        try (TreeLock.Held held = tree.lock.write()) {
            if (dentry.tokens.size() == 1 && dentry.tokens.contains(token)) {
                // A replay has to know it too: the next attempt may be one of the same file under another name.
                tree.writePlace(dentry.parent);
                tree.append(JournalRecord.Attempt.settled(dentry.parent.id, dentry.name));
                dentry.settled();
                if (inode != null && inode.attempted == dentry) {
                    inode.attempted = null;
                }
            }
            dentry.tokens.remove(token);
        } catch (FsException e) {
            LOG.debug("an attempt that was not sent is kept: {}", e.getMessage());
        }
    }

    /** Looks at the name under which an inode was sent last, if that is open. The caller holds no lock. */
    void learn(Inode inode) {
        Dentry attempted;
        try (TreeLock.Held held = tree.lock.write()) {
            attempted = inode.attempted;
            if (attempted != null && !attempted.inFlight) {
                // Its answer was lost, and the next try, which would find out, may be half a minute away.
                attempted.attemptElsewhere = true;
            }
        }
        if (attempted != null) {
            learn(attempted);
        }
    }

    /**
     * One at a time: what one has learned and taken away must not be taken away again by another when something new is
     * there. False if the store, or who was first, does not answer in time.
     */
    private boolean learn(Dentry dentry) {
        long end = tree.clock.nanos() + PATIENCE.toNanos();
        try {
            if (!one.tryLock(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            resolve(dentry, Duration.ofNanos(end - tree.clock.nanos()));
            return true;
        } catch (FsException e) {
            LOG.debug("the outcome of an earlier commit cannot be learned now: {}", e.getMessage());
            return false;
        } finally {
            one.unlock();
        }
    }

    private void resolve(Dentry dentry, Duration patience) throws FsException {
        String ref;
        List<String> tokens;
        Volume.Source source;
        try (TreeLock.Held held = tree.lock.read()) {
            if (!dentry.isUncertain()) {
                return;
            }
            ref = dentry.attemptRef;
            tokens = List.copyOf(dentry.tokens);
            Inode inode = tree.inodes.get(dentry.attemptInode);
            source = inode == null ? null : inode.stored;
        }
        Volume.Source found =
                tree.volume.recognise(ref, tokens, source, patience).orElse(null);
        if (found != null) {
            Optional<Volume.Source> left = ledger.claim(dentry, found);
            if (left.isPresent()) {
                remove(left.get());
            }
        }
        ledger.book(dentry, found);
    }

    private void remove(Volume.Source source) throws FsException {
        boolean directory = source.ref().endsWith("/");
        Volume.Change change = new Volume.Change.Remove(source.ref(), source.version(), directory, false);
        List<FsException> failures = new ArrayList<>();
        tree.volume.publish(List.of(tree.volume.prepare(change)), (p, outcome) -> {
            if (outcome instanceof Volume.Outcome.Failed failed) {
                failures.add(failed.reason());
            }
        });
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }
}
