package isle.crypto.seal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/** A sealed object of which only the first bytes and one run of segments are here. */
final class Window implements SeekableByteChannel {

    private final long size;
    private final ByteBuffer head;
    private final long from;
    private final ByteBuffer run;
    private long position;

    /**
     * @param size of the whole object
     * @param head its first bytes
     * @param from where the run begins in the object
     * @param run bytes from there
     */
    Window(long size, ByteBuffer head, long from, ByteBuffer run) {
        this.size = size;
        this.head = head.slice();
        this.from = from;
        this.run = run.slice();
    }

    @Override
    public int read(ByteBuffer sink) throws IOException {
        if (position >= size) {
            return -1;
        }
        ByteBuffer held = position < head.limit() ? head : run;
        long at = position < head.limit() ? position : position - from;
        if (at < 0 || at >= held.limit()) {
            throw new IOException("byte " + position + " of a sealed object was not fetched");
        }
        int count = (int) Math.min(sink.remaining(), held.limit() - at);
        sink.put(held.slice((int) at, count));
        position += count;
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long newPosition) {
        position = newPosition;
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int write(ByteBuffer source) {
        throw new NonWritableChannelException();
    }

    @Override
    public SeekableByteChannel truncate(long newSize) {
        throw new NonWritableChannelException();
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // holds nothing but memory
    }
}
