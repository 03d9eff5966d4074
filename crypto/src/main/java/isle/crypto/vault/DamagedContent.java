package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.tree.Content;
import isle.crypto.tree.Shown.VersionId;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Parts of files that could not be read, because the store has not what was written. May be used by several threads. */
final class DamagedContent {

    /** More are not remembered: whoever reads them is told each time. */
    private static final int MOST = 1000;

    private final Map<Content, Damage> damages = new HashMap<>();
    private volatile boolean isEmpty = true;

    /**
     * A part of a content that could not be read.
     *
     * @param versions the records that are behind it
     */
    record Damage(List<VersionId> versions, Id inode, Content content, long offset, int length) {}

    synchronized void note(Damage damage) {
        if (damages.size() < MOST) {
            damages.put(damage.content(), damage);
            isEmpty = false;
        }
    }

    /** These bytes were read. */
    void readable(Content content, long offset, long length) {
        if (!isEmpty) {
            remove(content, offset, length);
        }
    }

    private synchronized void remove(Content content, long offset, long length) {
        Damage damage = damages.get(content);
        if (damage != null && offset <= damage.offset() && damage.offset() + damage.length() <= offset + length) {
            damages.remove(content);
            isEmpty = damages.isEmpty();
        }
    }

    /** Nobody needs it any more. */
    synchronized void forget(Damage damage) {
        damages.remove(damage.content(), damage);
        isEmpty = damages.isEmpty();
    }

    synchronized List<Damage> all() {
        return isEmpty ? List.of() : new ArrayList<>(damages.values());
    }

    /**
     * Reads them again: the store may have been mended.
     *
     * @throws FsException the store is away
     */
    void recheck(VaultContent contents) throws FsException {
        for (Damage each : all()) {
            try {
                contents.read(each.inode(), each.content(), each.offset(), ByteBuffer.allocate(each.length()));
                forget(each);
            } catch (FsException.Corrupt e) {
                // still so
            }
        }
    }
}
