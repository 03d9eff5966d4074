package isle.fs.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;

import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/** Reads that are compared with what a {@link FakeSource} has. */
final class Reads {

    private Reads() {}

    static void check(ReadStream stream, FakeSource source, long offset, int length) throws FsException {
        ByteBuffer into = length % 3 == 0 ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
        stream.read(offset, into);
        long expected = Math.max(0, Math.min(length, source.size() - offset));
        assertEquals(expected, into.position(), "bytes read at " + offset + " of " + source.contentId());
        if (!FakeSource.bytes(source.contentId(), offset, into.position()).equals(into.flip())) {
            throw new AssertionError("wrong bytes at " + offset + " of " + source.contentId());
        }
    }

    static void checkAll(ReadStream stream, FakeSource source, int step) throws FsException {
        for (long offset = 0; offset < source.size(); offset += step) {
            check(stream, source, offset, step);
        }
    }
}
