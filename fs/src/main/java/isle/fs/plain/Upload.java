package isle.fs.plain;

import isle.fs.model.EntryVersion;
import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.PartSource;
import isle.fs.spi.ObjectStore.PutResult;
import isle.fs.spi.Volume.Content;
import isle.fs.spi.Volume.StoredRange;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executor;

/** Sends content: small files in one put, larger ones in parts side by side, those that did not change as copies. */
final class Upload {
    /** Content up to this size is in memory while it is sent. */
    private static final int BUFFERED_BYTES = 1 << 20;

    private final ObjectStore store;
    private final Executor pool;
    private final Parts parts;

    Upload(ObjectStore store, Executor pool, Parts parts) {
        this.store = store;
        this.pool = pool;
        this.parts = parts;
    }

    EntryVersion send(ObjectKey key, Content content, ObjectMetadata metadata) throws FsException {
        long size = content.size();
        PutResult result;
        if (size >= parts.leastBytes()) {
            result = sendParts(key, content, metadata);
        } else if (size > BUFFERED_BYTES) {
            result = store.put(key, new RangeBody(content, 0, size), metadata);
        } else {
            byte[] bytes = new byte[(int) size];
            content.read(0, ByteBuffer.wrap(bytes));
            result = store.put(key, Body.of(bytes), metadata);
        }
        return PlainVersions.of(result, size);
    }

    private record Range(int number, long offset, long length) {}

    private PutResult sendParts(ObjectKey key, Content content, ObjectMetadata metadata) throws FsException {
        long size = content.size();
        List<Range> ranges = new ArrayList<>();
        for (long at = 0; at < size; at += parts.at(at).length()) {
            ranges.add(new Range(ranges.size() + 1, at, Math.min(parts.at(at).length(), size - at)));
        }
        String id = store.startUpload(key, metadata);
        try {
            List<Part> sent = Collections.synchronizedList(new ArrayList<>());
            Parallel.allOrNone(
                    pool, ranges, range -> sent.add(new Part(range.number(), send(key, id, range, content))));
            List<Part> ordered = new ArrayList<>(sent);
            ordered.sort(Comparator.comparingInt(Part::number));
            return store.completeUpload(key, id, ordered);
        } catch (FsException e) {
            abort(key, id, e);
            throw e;
        }
    }

    private void abort(ObjectKey key, String id, FsException reason) {
        try {
            store.abortUpload(key, id);
        } catch (FsException e) {
            reason.addSuppressed(e);
        }
    }

    private String send(ObjectKey key, String id, Range range, Content content) throws FsException {
        StoredRange there = content.stored(range.offset(), range.length());
        EntryVersion version = there == null ? null : there.source().version();
        if (there != null && version != null) {
            PartSource from = new PartSource(
                    PlainKeys.key(there.source().ref()), PlainVersions.etag(version), there.offset(), range.length());
            try {
                return store.copyPart(key, id, range.number(), from);
            } catch (FsException.NotFound | FsException.PreconditionFailed e) {
                // The source has moved since; the content knows where its bytes are now.
            }
        }
        return store.uploadPart(key, id, range.number(), new RangeBody(content, range.offset(), range.length()));
    }

    /** A range of a content, read piece by piece while it is sent. */
    private record RangeBody(Content content, long offset, long length) implements Body {
        /** Not more, so that what is read for each part stays among the young objects of the heap. */
        private static final int STEP = 128 << 10;

        @Override
        public long size() {
            return length;
        }

        @Override
        public InputStream open() {
            return new InputStream() {
                private final ByteBuffer buffer =
                        ByteBuffer.allocate((int) Math.min(STEP, length)).limit(0);
                private long at;

                @Override
                public int read() throws IOException {
                    return fill() ? buffer.get() & 0xff : -1;
                }

                @Override
                public int read(byte[] into, int start, int count) throws IOException {
                    if (count == 0) {
                        return 0;
                    }
                    if (!fill()) {
                        return -1;
                    }
                    int n = Math.min(count, buffer.remaining());
                    buffer.get(into, start, n);
                    return n;
                }

                private boolean fill() throws IOException {
                    if (!buffer.hasRemaining() && at < length) {
                        buffer.clear().limit((int) Math.min(buffer.capacity(), length - at));
                        content.read(offset + at, buffer);
                        at += buffer.position();
                        buffer.flip();
                    }
                    return buffer.hasRemaining();
                }
            };
        }
    }
}
