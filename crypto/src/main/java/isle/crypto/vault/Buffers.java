package isle.crypto.vault;

import isle.crypto.v1.PackStore;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Buffers for full blocks, plain or sealed, that are used again: a fresh one for each read or write makes the heap grow to
 * its end. Those that nobody uses go when memory is wanted. May be used by several threads.
 */
final class Buffers {

    private static final int BYTES = PackStore.sealedBytes(VaultContent.BLOCK_BYTES);

    private final Deque<SoftReference<ByteBuffer>> free = new ArrayDeque<>();

    /** A buffer in an array, with room for exactly so many bytes. What is in it does not matter. */
    ByteBuffer take(int bytes) {
        if (bytes < VaultContent.BLOCK_BYTES || bytes > BYTES) {
            return ByteBuffer.allocate(bytes);
        }
        ByteBuffer buffer = known();
        return (buffer == null ? ByteBuffer.allocate(BYTES) : buffer.clear()).limit(bytes);
    }

    private synchronized @Nullable ByteBuffer known() {
        while (!free.isEmpty()) {
            ByteBuffer buffer = free.pop().get();
            if (buffer != null) {
                return buffer;
            }
        }
        return null;
    }

    /** @param buffer one that was taken, and that nobody reads or writes any more */
    synchronized void giveBack(ByteBuffer buffer) {
        if (buffer.capacity() == BYTES) {
            free.push(new SoftReference<>(buffer));
        }
    }
}
