package isle.fs.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One file of a {@link JournalDisk}. One thread at a time writes; any number may read and force meanwhile. An interrupt
 * of a thread never harms the file.
 */
public interface JournalFile extends Closeable {

    /** Bytes in the file. */
    long size() throws IOException;

    /**
     * Writes all remaining bytes of all buffers, one behind the other, in as few calls to the system as it takes; they
     * survive the end of this process. When it throws, anything may lie from {@code position} on.
     */
    void write(long position, ByteBuffer... buffers) throws IOException;

    /** Reads at least one byte if there is any, at most what {@code into} takes. -1 at the end of the file. */
    int read(long position, ByteBuffer into) throws IOException;

    /** Cuts the file. */
    void truncate(long size) throws IOException;

    /**
     * Makes content and size survive power loss. When it throws, nothing may be assumed about what was written since
     * the last success, <em>and a later success says nothing about it either</em>: kernels forget the pages that they
     * could not write.
     */
    void force() throws IOException;
}
