package isle.fs.s3;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.spi.ObjectStore.PutResult;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes copies last. Garage stamps a copy with its plain wall clock, and of two versions of a key the later stamp wins:
 * when that clock was set back, or lags behind the clock of another node, a copy onto a key that was written or deleted
 * before is acknowledged and lost, and who moves a file would then remove the only one. So each copy is looked at, and
 * one that was lost is made once more as a new object: that one Garage stamps later than all that is there.
 */
final class Copies {
    private static final Logger LOG = LoggerFactory.getLogger(Copies.class);

    /** Garage takes no part from an object that it keeps with its name, and less than this is quickly sent. */
    private static final long SMALL_BYTES = 1L << 20;

    private static final long PART_BYTES = 1L << 30;

    /** S3 takes no more of them; a larger file has larger parts. */
    private static final int MOST_PARTS = 10_000;

    private final ObjectStore store;

    Copies(ObjectStore store) {
        this.store = store;
    }

    /** Returns {@code copied} if the store shows it under the target, else what was made instead. */
    PutResult lasting(ObjectKey source, ObjectKey target, @Nullable ObjectMetadata metadata, PutResult copied)
            throws FsException {
        if (copied.lastModified().isEmpty()
                || isThere(target, copied, copied.lastModified().get())) {
            return copied;
        }
        LOG.info(
                "the store's clock was set back or differs between its nodes: {} is copied once more",
                Keys.shown(target.value()));
        return copyAnew(source, copied.etag(), target, metadata);
    }

    private boolean isThere(ObjectKey target, PutResult copied, Instant stamp) throws FsException {
        for (ObjectSummary object : store.list(target.value(), false, "", 1).objects()) {
            if (object.key().equals(target)) {
                // Other stores than Garage give one of the times in seconds only.
                Instant listed = object.lastModified();
                boolean coarse =
                        (isCoarse(listed) || isCoarse(stamp)) && listed.getEpochSecond() == stamp.getEpochSecond();
                return object.etag().equals(copied.etag()) && (coarse || listed.equals(stamp));
            }
        }
        return false;
    }

    private static boolean isCoarse(Instant time) {
        return time.equals(time.truncatedTo(ChronoUnit.SECONDS));
    }

    private PutResult copyAnew(ObjectKey source, String etag, ObjectKey target, @Nullable ObjectMetadata metadata)
            throws FsException {
        ObjectHead from = store.head(source);
        long size = from.summary().size();
        if (!from.summary().etag().equals(etag)) {
            throw new FsException.PreconditionFailed(Keys.shown(source.value()) + " was changed meanwhile");
        }
        ObjectMetadata kept = metadata == null ? from.metadata() : metadata;
        if (size <= SMALL_BYTES) {
            ByteBuffer content = ByteBuffer.allocate((int) size);
            store.get(source, 0, content, etag);
            return store.put(target, Body.of(content.array()), kept);
        }
        String upload = store.startUpload(target, kept);
        try {
            long length = Math.max(PART_BYTES, (size + MOST_PARTS - 1) / MOST_PARTS);
            List<Part> parts = new ArrayList<>();
            for (long at = 0; at < size; at += length) {
                PartSource part = new PartSource(source, etag, at, Math.min(length, size - at));
                parts.add(new Part(parts.size() + 1, store.copyPart(target, upload, parts.size() + 1, part)));
            }
            return store.completeUpload(target, upload, parts);
        } catch (FsException e) {
            try {
                store.abortUpload(target, upload);
            } catch (FsException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }
}
