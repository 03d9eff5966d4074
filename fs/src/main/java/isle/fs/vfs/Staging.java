package isle.fs.vfs;

import isle.fs.journal.JournalRecord;
import isle.fs.model.Attributes;
import isle.fs.model.FileKind;
import isle.fs.model.FileName;
import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the parts of large files ahead of their commit, while more of the file still comes in slowly, or when the journal
 * is half full: each as an object of isle's own, out of which the commit makes the file by copies inside the store. So
 * little is left to do when a slow file is closed, and a file may be larger than the journal, which needs the bytes no
 * more. Parts of an upload would do the same with fewer requests, but they cannot be read, are lost with the upload, and
 * are bound to a name that may change.
 */
final class Staging {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

    /** Parts that are under way at once. */
    private static final int PARTS = 6;

    private static final int SCANNED = 20_000;
    private static final long RETRY_NANOS = 1_000_000_000L;

    /** A file that is written faster than this is sent by its commit: that takes fewer requests, and no time of the writer. */
    private static final long SLOW_NANOS = 10_000_000_000L;

    private final VolumeTree tree;
    private final ContentReader reader;
    private final Room room;
    private final CommittedContent kept;
    private final String prefix;

    /** Smaller files wait for their commit, which sends them in one request. */
    private final long leastBytes;

    private long retryNanos;

    Staging(VolumeTree tree, ContentReader reader, Room room, String device) {
        this.tree = tree;
        this.reader = reader;
        this.room = room;
        this.kept = new CommittedContent(tree.cache);
        this.prefix = VolumeTree.KEEP_PREFIX + device + ".";
        this.leastBytes = 2 * tree.volume.part(0).length();
        this.retryNanos = tree.clock.nanos();
    }

    /** A part on its way: what was written to it until a journal position. */
    record Job(Inode inode, Volume.Part part, FileContent frozen, FileName name, long upTo) {}

    /** The parts to send next, of one file; it is marked as being staged. Takes the write lock. */
    List<Job> next() {
        // By reference, a commit sends only the blocks that changed, also of a file that is held open.
        if (tree.isByReference() || retryNanos - tree.clock.nanos() > 0) {
            return List.of();
        }
        boolean needed = room.isHalfFull();
        try (TreeLock.Held held = tree.lock.write()) {
            for (Dentry dentry : tree.dirty.inOrder(SCANNED)) {
                Inode inode = dentry.inode;
                FileContent content = inode == null ? null : inode.content;
                if (inode == null || content == null || content.size() < leastBytes || isBusy(inode)) {
                    continue;
                }
                if (!needed && tree.clock.nanos() - inode.dirtyNanos < SLOW_NANOS) {
                    continue;
                }
                List<Volume.Part> parts = content.wholeParts(tree.volume, PARTS);
                if (!parts.isEmpty()) {
                    return jobs(inode, content.snapshot(), parts);
                }
            }
        } catch (FsException e) {
            putOff(e);
        }
        return List.of();
    }

    /** Or closed: then the commit sends what is left of it. */
    private static boolean isBusy(Inode inode) {
        return inode.inFlight || inode.staging || inode.refused != null || inode.writers == 0;
    }

    /** Journals where the parts go, so that they are taken away again whatever happens. */
    private List<Job> jobs(Inode inode, FileContent frozen, List<Volume.Part> parts) throws FsException {
        List<Job> jobs = new ArrayList<>();
        Map<String, Long> places = new HashMap<>();
        for (Volume.Part part : parts) {
            long number = tree.newNumber();
            FileName name = new FileName(prefix + "p" + Long.toHexString(number));
            String place = tree.volume.place("", name, FileKind.FILE);
            tree.append(new JournalRecord.Place(number, place));
            jobs.add(new Job(inode, part, frozen, name, inode.changedAt));
            places.put(place, part.length());
        }
        // A checkpoint made meanwhile says their places once more.
        tree.staged.putAll(places);
        inode.staging = true;
        return jobs;
    }

    /** Sends parts and books them; whether the journal needs the bytes of one no more. Takes no lock meanwhile. */
    boolean send(List<Job> jobs) {
        List<Job> left = new ArrayList<>(jobs);
        boolean staged = false;
        try {
            tree.journal().force();
            Map<Volume.Prepared, Job> prepared = new LinkedHashMap<>();
            for (Job job : jobs) {
                prepared.put(tree.volume.prepare(change(job)), job);
            }
            Map<Job, Volume.Outcome> outcomes = new ConcurrentHashMap<>();
            tree.volume.publish(List.copyOf(prepared.keySet()), (change, outcome) -> {
                Job job = Objects.requireNonNull(prepared.get(change));
                keep(job, outcome);
                outcomes.put(job, outcome);
            });
            for (Map.Entry<Job, Volume.Outcome> sent : outcomes.entrySet()) {
                left.remove(sent.getKey());
                staged |= book(sent.getKey(), sent.getValue());
            }
        } catch (FsException e) {
            putOff(e);
        } finally {
            giveUp(jobs.get(0).inode(), left);
        }
        return staged;
    }

    /** No part of a file is under way any more; these were not sent, or nothing was heard of them. */
    void giveUp(Inode inode, List<Job> left) {
        left.forEach(this::abandon);
        try (TreeLock.Held held = tree.lock.write()) {
            tree.landed(inode);
        }
    }

    private Volume.Change change(Job job) {
        Attributes attributes = Attributes.of(
                FileKind.FILE,
                0600,
                tree.ownership.uid(),
                tree.ownership.gid(),
                job.part().length(),
                tree.clock.now());
        return new Volume.Change.Put(
                "", job.name(), null, attributes, content(job), null, Volume.After.SOURCE_STAYS, false, 0, null);
    }

    private Volume.Content content(Job job) {
        return reader.snapshot(job.inode(), job.frozen(), job.part());
    }

    /** Until it is booked, the bytes are in the journal. */
    private void keep(Job job, Volume.Outcome outcome) {
        if (outcome instanceof Volume.Outcome.Done done && done.stored().isPresent()) {
            kept.keepPart(content(job), done.stored().get(), job.frozen().size());
        }
    }

    private boolean book(Job job, Volume.Outcome outcome) {
        if (!(outcome instanceof Volume.Outcome.Done done) || done.stored().isEmpty()) {
            abandon(job);
            if (outcome instanceof Volume.Outcome.Failed failed) {
                if (!failed.reason().isTransient()) {
                    try (TreeLock.Held held = tree.lock.write()) {
                        job.inode().refused = failed.reason();
                    }
                }
                putOff(failed.reason());
            } else if (outcome instanceof Volume.Outcome.Conflict conflict) {
                conflict.ours().ifPresent(ours -> tree.abandonedKeeps.add(ours.ref()));
            }
            return false;
        }
        Volume.Source object = done.stored().get();
        try (TreeLock.Held held = tree.lock.write()) {
            FileContent content = job.inode().content;
            if (content == null || tree.inodes.get(job.inode().id) != job.inode()) {
                abandon(object.ref());
                return false;
            }
            Volume.Part part = job.part();
            tree.append(new JournalRecord.Staged(job.inode().id, job.upTo(), part.start(), part.length(), object));
            // Counted as whole until now, before anything of it could be given up.
            long bytes = content.stage(part, job.upTo(), object, tree.freed(job.inode()));
            tree.unstage(object.ref(), part.length() - bytes);
            return true;
        } catch (FsException e) {
            abandon(object.ref());
            putOff(e);
            return false;
        }
    }

    private void abandon(Job job) {
        try {
            abandon(tree.volume.place("", job.name(), FileKind.FILE));
        } catch (FsException e) {
            LOG.warn("the place of a part is not known: {}", e.getMessage());
        }
    }

    /** In this order: a checkpoint finds it at one of both. */
    private void abandon(String place) {
        tree.abandonedKeeps.add(place);
        tree.staged.remove(place);
    }

    private void putOff(FsException reason) {
        retryNanos = tree.clock.nanos() + RETRY_NANOS;
        LOG.debug("no part can be sent ahead now: {}", reason.getMessage());
    }
}
