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
import isle.fs.spi.Volume.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Sends content: small files in one put, larger ones in parts side by side, those that did not change as copies. */
final class Upload {
    /** Files from this size on go up in parts. */
    private static final long MULTIPART_BYTES = 16L << 20;

    /** Size of a part: eight of Garage's blocks. Grows when a file would have more than 10 000. */
    private static final long PART_BYTES = 8L << 20;

    private static final int MOST_PARTS = 10_000;
    private static final int PARTS_IN_FLIGHT = 4;

    private final ObjectStore store;
    private final ExecutorService parts;

    Upload(ObjectStore store) {
        this.store = store;
        this.parts = Executors.newFixedThreadPool(PARTS_IN_FLIGHT, task -> {
            Thread thread = new Thread(task, "upload-part");
            thread.setDaemon(true);
            return thread;
        });
    }

    EntryVersion send(ObjectKey key, Content content, @Nullable Source source, ObjectMetadata metadata)
            throws FsException {
        long size = content.size();
        PutResult result;
        if (size < MULTIPART_BYTES) {
            byte[] bytes = new byte[(int) size];
            content.read(0, ByteBuffer.wrap(bytes));
            result = store.put(key, Body.of(bytes), metadata);
        } else {
            result = sendParts(key, content, source, metadata);
        }
        return PlainVersions.of(result, size);
    }

    private record Range(int number, long offset, long length) {}

    private PutResult sendParts(ObjectKey key, Content content, @Nullable Source source, ObjectMetadata metadata)
            throws FsException {
        long size = content.size();
        long partBytes = PART_BYTES;
        while (size / partBytes >= MOST_PARTS) {
            partBytes *= 2;
        }
        List<Range> ranges = new ArrayList<>();
        for (long at = 0; at < size; at += partBytes) {
            ranges.add(new Range(ranges.size() + 1, at, Math.min(partBytes, size - at)));
        }
        String id = store.startUpload(key, metadata);
        try {
            List<Part> sent = Collections.synchronizedList(new ArrayList<>());
            Parallel.run(
                    parts, ranges, range -> sent.add(new Part(range.number(), send(key, id, range, content, source))));
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

    private String send(ObjectKey key, String id, Range range, Content content, @Nullable Source source)
            throws FsException {
        EntryVersion version = source == null ? null : source.version();
        if (source != null && version != null && content.isClean(range.offset(), range.length())) {
            PartSource from = new PartSource(
                    PlainKeys.key(source.ref()), PlainVersions.etag(version), range.offset(), range.length());
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
        private static final int STEP = 1 << 20;

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
