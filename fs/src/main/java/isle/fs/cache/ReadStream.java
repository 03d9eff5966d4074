package isle.fs.cache;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One open content, read through a {@link BlockCache}. Thread-safe. */
public final class ReadStream implements AutoCloseable {

    /** A longer read is made in steps, so that from the second on the bytes come in several requests at once. */
    private static final int LONGEST_STEP = Reading.MOST_DEMANDED_BYTES;

    private final Reading reading;
    private final ReadAhead readAhead;
    private final Content content;
    private final ContentSource source;
    private final AccessPattern pattern;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    ReadStream(Reading reading, ReadAhead readAhead, Content content, ContentSource source, Runnable onClose) {
        this.reading = reading;
        this.readAhead = readAhead;
        this.content = content;
        this.source = source;
        this.pattern = new AccessPattern(content.ref().size());
        this.onClose = onClose;
    }

    /**
     * Fills {@code into} from {@code offset}, but not past the end of the content: there it keeps room. Waits at most
     * {@link CacheSettings#baseWait()} and {@link CacheSettings#waitPerMebibyte()} for what is not local. After a
     * failure what {@code into} holds is undefined, and so is its position.
     *
     * @throws FsException what the source threw
     * @throws FsException.TimedOut it gave no answer in time
     */
    public void read(long offset, ByteBuffer into) throws FsException {
        if (offset < 0) {
            throw new FsException.Invalid("read at " + offset);
        }
        long size = content.ref().size();
        long end = offset > size - into.remaining() ? size : offset + into.remaining();
        Deadline deadline = reading.deadline(end - offset);
        for (long from = offset; from < end; from += LONGEST_STEP) {
            step(from, Math.min(end, from + LONGEST_STEP), into, deadline);
        }
    }

    private void step(long from, long end, ByteBuffer into, Deadline deadline) throws FsException {
        boolean backward = pattern.record(from, end);
        readAhead.want(this);
        reading.read(this, from, end, into, deadline);
        if (content.consumed(from, end, backward)) {
            readAhead.pump();
        }
    }

    Content content() {
        return content;
    }

    ContentSource source() {
        return source;
    }

    AccessPattern pattern() {
        return pattern;
    }

    boolean wantsAhead(AccessPattern.Limits limits) {
        return nextAhead(limits) != null;
    }

    AccessPattern.@Nullable Want nextAhead(AccessPattern.Limits limits) {
        return closed.get() ? null : pattern.want(limits);
    }

    /**
     * Drops what was fetched ahead and not read, when nobody else has the content open. A read that is under way, or
     * comes later all the same, is answered as ever, but nothing is fetched ahead of it.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            readAhead.forget(this);
            onClose.run();
            readAhead.pump();
        }
    }
}
