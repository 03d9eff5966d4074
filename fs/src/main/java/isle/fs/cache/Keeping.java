package isle.fs.cache;

import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where blocks go that arrived. Those of a plain volume go to disk only: reading them from there is reading the
 * system's page cache, which costs no more than our own memory and gives way when the system needs it. Those that have
 * to be opened first go to both tiers.
 */
final class Keeping {

    private final MemoryTier memory;
    private final @Nullable DiskTier disk;
    private final long mostWaitingBytes;

    /** Bytes that a thread is writing to disk just now. */
    private final AtomicLong waitingBytes = new AtomicLong();

    /**
     * @param mostWaitingBytes when more than this waits for the disk, blocks are not kept there: a slow disk may cost
     *     a later request, but must not hold up the requests of now
     */
    Keeping(MemoryTier memory, @Nullable DiskTier disk, long mostWaitingBytes) {
        this.memory = memory;
        this.disk = disk;
        this.mostWaitingBytes = mostWaitingBytes;
    }

    /**
     * Keeps whole blocks: {@code plain} from index {@code at} on holds {@code count} of them.
     *
     * @param found is run as soon as readers find them in a tier
     */
    void keep(ContentRef ref, long first, long count, ByteBuffer plain, int at, Runnable found) {
        boolean plainOnDisk = ref.codec() == BlockCodec.PLAIN && disk != null;
        boolean done = false;
        try {
            if (plainOnDisk) {
                done = write(ref, first, count, plain, at);
            }
            if (!done) {
                memory.insert(ref, first, count, plain, at);
            }
        } finally {
            found.run();
        }
        if (!plainOnDisk) {
            done = write(ref, first, count, plain, at);
        }
    }

    /** False when not all of it is on disk now. */
    private boolean write(ContentRef ref, long first, long count, ByteBuffer plain, int at) {
        int length = ref.lengthOf(first, count);
        if (disk == null) {
            return false;
        }
        long waiting = waitingBytes.addAndGet(length);
        try {
            // One alone may always.
            return (waiting <= mostWaitingBytes || waiting == length) && disk.write(ref, first, count, plain, at);
        } finally {
            waitingBytes.addAndGet(-length);
        }
    }
}
