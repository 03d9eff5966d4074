package isle.fs.fuse;

import java.nio.ByteBuffer;
import java.util.TreeMap;

/** Content of a file in memory, with holes, so that a file of many gigabytes can be tried. */
final class SparseBytes {

    private static final int PAGE = 64 * 1024;

    private final TreeMap<Long, byte[]> pages = new TreeMap<>();
    private long size;

    long size() {
        return size;
    }

    long allocated() {
        return (long) pages.size() * PAGE;
    }

    int read(long offset, ByteBuffer into) {
        int start = into.position();
        long position = offset;
        while (into.hasRemaining() && position < size) {
            int within = (int) (position % PAGE);
            int count = (int) Math.min(Math.min(PAGE - within, into.remaining()), size - position);
            byte[] page = pages.get(position / PAGE);
            into.put(page == null ? new byte[PAGE] : page, within, count);
            position += count;
        }
        return into.position() - start;
    }

    void write(long offset, ByteBuffer from) {
        long position = offset;
        while (from.hasRemaining()) {
            int within = (int) (position % PAGE);
            int count = Math.min(PAGE - within, from.remaining());
            from.get(pages.computeIfAbsent(position / PAGE, index -> new byte[PAGE]), within, count);
            position += count;
        }
        size = Math.max(size, position);
    }

    void truncate(long length) {
        if (length < size) {
            zero(length, size - length);
            pages.tailMap((length + PAGE - 1) / PAGE, true).clear();
        }
        size = length;
    }

    void extend(long length) {
        size = Math.max(size, length);
    }

    void zero(long offset, long length) {
        long end = Math.min(offset + length, size);
        long position = offset;
        while (position < end) {
            int within = (int) (position % PAGE);
            int count = (int) Math.min(PAGE - within, end - position);
            byte[] page = pages.get(position / PAGE);
            if (page != null) {
                java.util.Arrays.fill(page, within, within + count, (byte) 0);
            }
            position += count;
        }
    }
}
