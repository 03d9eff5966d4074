package isle.fs.vfs;

import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns what commits have done whose outcome was not heard of, as far as the store answers. */
final class Attempts implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

    private final VolumeTree tree;
    private final CommitLedger ledger;

    Attempts(VolumeTree tree, CommitLedger ledger) {
        this.tree = tree;
        this.ledger = ledger;
    }

    /**
     * Looks at names that were renamed or deleted while it was open whether their commit had come through. One at a time:
     * what one has learned and taken away must not be taken away again by another when something new is there. The
     * caller holds no lock.
     */
    @Override
    public synchronized void run() {
        List<Dentry> uncertain = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : tree.dirty.inOrder(Integer.MAX_VALUE)) {
                if (dentry.isUncertain()) {
                    uncertain.add(dentry);
                }
            }
        }
        for (Dentry dentry : uncertain) {
            try {
                resolve(dentry);
            } catch (FsException e) {
                LOG.debug("the outcome of an earlier commit cannot be learned now: {}", e.getMessage());
                return;
            }
        }
    }

    private void resolve(Dentry dentry) throws FsException {
        String ref;
        List<String> tokens;
        Volume.Source source;
        try (TreeLock.Held held = tree.lock.read()) {
            ref = dentry.attemptRef;
            tokens = List.copyOf(dentry.tokens);
            Inode inode = tree.inodes.get(dentry.attemptInode);
            source = inode == null ? null : inode.stored;
        }
        EntryVersion found = tree.volume.recognise(ref, tokens, source).orElse(null);
        if (found != null) {
            Optional<Volume.Source> left = ledger.claimAttempt(dentry, found);
            if (left.isPresent()) {
                remove(left.get());
            }
        }
        ledger.bookAttempt(dentry, found);
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
