package isle.fs.vfs;

import isle.fs.model.FsException;
import isle.fs.spi.Volume;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes attributes of entries that only a list has told of. One look asks for one entry; who goes on looking in the
 * same directory ({@code ls -l}) gets its siblings in growing batches, fetched in parallel, each once per version.
 */
final class Describer {
    private static final Logger LOG = LoggerFactory.getLogger(Describer.class);
    private static final int LARGEST_BATCH = 512;
    private static final int GROWTH = 8;
    private static final long WAIT_SECONDS = 5;

    private final VolumeTree tree;
    private final IndexQueue queue;
    private final Executor background;
    private final Map<Long, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();
    private final Map<Long, Integer> batchSizes = new ConcurrentHashMap<>();

    Describer(VolumeTree tree, IndexQueue queue, Executor background) {
        this.tree = tree;
        this.queue = queue;
        this.background = background;
    }

    void describe(Inode inode) {
        if (inode.described) {
            return;
        }
        CompletableFuture<Boolean> mine = new CompletableFuture<>();
        CompletableFuture<Boolean> earlier = underWay.putIfAbsent(inode.id, mine);
        if (earlier == null) {
            List<Dentry> batch = batchFor(inode);
            if (batch.size() <= 1) {
                fetch(batch);
            } else {
                background.execute(() -> fetch(batch));
            }
            earlier = mine;
            if (batch.isEmpty()) {
                finish(inode.id);
            }
        }
        try {
            earlier.get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("attributes of an entry are not known yet");
        }
    }

    private void finish(long inode) {
        CompletableFuture<Boolean> future = underWay.remove(inode);
        if (future != null) {
            future.complete(true);
        }
    }

    private List<Dentry> batchFor(Inode inode) {
        List<Dentry> batch = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            Dentry dentry = inode.dentry;
            if (dentry == null) {
                return batch;
            }
            batch.add(dentry);
            int size = batchSizes.merge(dentry.parent.id, 1, (before, one) -> Math.min(LARGEST_BATCH, before * GROWTH));
            for (Dentry sibling :
                    Objects.requireNonNull(dentry.parent.directory).children.values()) {
                if (batch.size() >= size) {
                    return batch;
                }
                Inode other = sibling.inode;
                if (other != null
                        && !other.described
                        && other != inode
                        && underWay.putIfAbsent(other.id, new CompletableFuture<>()) == null) {
                    batch.add(sibling);
                }
            }
            batchSizes.remove(dentry.parent.id);
        }
        return batch;
    }

    private void fetch(List<Dentry> batch) {
        Map<String, Dentry> byRef = new HashMap<>();
        List<Volume.Entry> entries = new ArrayList<>();
        List<Long> numbers = new ArrayList<>();
        try (TreeLock.Held held = tree.lock.read()) {
            for (Dentry dentry : batch) {
                Inode inode = dentry.inode;
                Volume.Source here = dentry.storedHere;
                if (inode == null) {
                    continue;
                }
                numbers.add(inode.id);
                if (here != null && !inode.described) {
                    byRef.put(here.ref(), dentry);
                    entries.add(new Volume.Entry(dentry.name, here.ref(), here.version(), inode.attributes, false));
                }
            }
        }
        try {
            tree.volume.describe(entries, entry -> {
                Dentry dentry = byRef.get(entry.ref());
                if (dentry != null) {
                    take(dentry, entry);
                }
            });
        } catch (FsException e) {
            LOG.debug("attributes cannot be fetched now: {}", e.getMessage());
        } finally {
            numbers.forEach(this::finish);
        }
    }

    private void take(Dentry dentry, Volume.Entry entry) {
        try (TreeLock.Held held = tree.lock.write()) {
            Inode inode = dentry.inode;
            Volume.Source here = dentry.storedHere;
            if (inode != null && here != null && !inode.described && entry.ref().equals(here.ref())) {
                if (VolumeTree.isDirty(dentry)) {
                    inode.described = true;
                } else {
                    inode.attributes = Reconciler.withLaterTimes(entry.attributes(), inode.attributes);
                    inode.described = true;
                    Volume.Source exact = new Volume.Source(entry.ref(), entry.version());
                    dentry.storedHere = exact;
                    inode.stored = exact;
                    queue.add(List.of(Reconciler.put(dentry, inode)));
                }
            }
        }
        finish(dentry.inode == null ? 0 : dentry.inode.id);
    }
}
