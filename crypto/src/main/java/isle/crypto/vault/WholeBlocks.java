package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.v1.PackStore;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the blocks of large files whole for who reads them in order, each with one request. The cache asks for pieces of
 * a length of its own, several at a time, and none of them ends where a block does: by itself each would take two or three
 * requests, for its parts and for headers. A few blocks are held, sealed, until all of them was read. May be used by several
 * threads.
 */
final class WholeBlocks {

    /** Who asks for so much at once reads in order: it is more than the cache asks for when somebody waits. */
    static final int IN_ORDER_BYTES = (1 << 20) + 1;

    /** So many blocks are held at once. */
    private static final int HELD = 4;

    private final PackStore packs;
    private final Headers headers;
    private final Buffers buffers;

    /** By the id of the object, the one asked for longest ago first. */
    private final Map<Id, Held> held = new LinkedHashMap<>(16, 0.75f, true);

    private int count;

    /** One block. What is not final is guarded by the lock beside it, or by that of all. */
    private static final class Held {
        private final ByteBuffer sealed;
        private final ReentrantLock fetching = new ReentrantLock();
        private boolean fetched;
        private boolean failed;
        private int users;
        private long unread;

        Held(ByteBuffer sealed, long unread) {
            this.sealed = sealed;
            this.unread = unread;
        }
    }

    WholeBlocks(PackStore packs, Headers headers, Buffers buffers) {
        this.packs = packs;
        this.headers = headers;
        this.buffers = buffers;
    }

    /**
     * Opens a part of a block with what its object holds. Who wants another part of the same block meanwhile waits for the
     * same request.
     *
     * @param length of the part
     * @return false if nothing was done, and the store has to be asked for the part: others use all that may be held, their
     *     request for this block has failed, or what is held does not open
     */
    boolean open(Content.Block block, int length, Headers.Opening<?> opening) throws FsException {
        Held one = take(block);
        if (one == null) {
            return false;
        }
        boolean good = false;
        try {
            if (!fetched(block.object(), one)) {
                return false;
            }
            headers.open(block.object(), (at, bytes) -> one.sealed.slice(Math.toIntExact(at), bytes), opening);
            good = true;
            return true;
        } catch (FsException.Corrupt e) {
            // it may have been damaged on its way, or mended since
            return false;
        } finally {
            giveBack(block.object(), one, length, good);
        }
    }

    private boolean fetched(Id object, Held one) throws FsException {
        one.fetching.lock();
        try {
            if (!one.fetched && !one.failed) {
                one.failed = true;
                packs.fetch(object, one.sealed);
                one.sealed.flip();
                one.failed = false;
                one.fetched = true;
            }
            return one.fetched;
        } finally {
            one.fetching.unlock();
        }
    }

    private synchronized @Nullable Held take(Content.Block block) throws FsException {
        Held one = held.get(block.object());
        if (one == null) {
            if (count == HELD && !forgetOne()) {
                return null;
            }
            one = new Held(buffers.take(PackStore.sealedBytes(PackStore.length(block))), block.length());
            count++;
            held.put(block.object(), one);
        }
        one.users++;
        return one;
    }

    /** The one asked for longest ago, of those that nobody uses. */
    private boolean forgetOne() {
        for (Map.Entry<Id, Held> entry : held.entrySet()) {
            if (entry.getValue().users == 0) {
                held.remove(entry.getKey());
                release(entry.getValue());
                return true;
            }
        }
        return false;
    }

    private synchronized void giveBack(Id object, Held one, int read, boolean good) {
        one.users--;
        one.unread -= read;
        if (!good || one.unread <= 0) {
            // another one may be in its place by now
            held.remove(object, one);
        }
        if (one.users == 0 && held.get(object) != one) {
            release(one);
        }
    }

    private void release(Held one) {
        count--;
        if (one.fetched) {
            // not after a failure: the request may still write into it
            buffers.giveBack(one.sealed);
        }
    }
}
