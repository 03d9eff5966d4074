package isle.fs.cache;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;

/** Seals by a mask that depends on the block, and adds a tag that says which one it is. */
final class XorCodec implements BlockCodec {

    private static final int TAG_BYTES = 8;

    private final int key;
    private volatile boolean locked;

    XorCodec() {
        this(0);
    }

    /** What was sealed under another key does not open. */
    XorCodec(int key) {
        this.key = key;
    }

    /** Without its key it can neither seal nor open. */
    void setLocked(boolean locked) {
        this.locked = locked;
    }

    @Override
    public int sealedSize(int plainSize) {
        return plainSize + TAG_BYTES;
    }

    @Override
    public ByteBuffer seal(BlockId id, ByteBuffer plain) throws FsException {
        refuseIfLocked();
        ByteBuffer sealed = ByteBuffer.allocate(sealedSize(plain.remaining()));
        xor(id, plain, sealed);
        return sealed.putLong(tag(id)).flip();
    }

    @Override
    public ByteBuffer open(BlockId id, ByteBuffer sealed) throws FsException {
        refuseIfLocked();
        int length = sealed.remaining() - TAG_BYTES;
        if (length < 0 || sealed.getLong(sealed.position() + length) != tag(id)) {
            throw new FsException.Corrupt("not sealed for " + id);
        }
        ByteBuffer plain = ByteBuffer.allocate(length);
        xor(id, sealed.slice(sealed.position(), length), plain);
        return plain.flip();
    }

    private void refuseIfLocked() throws FsException {
        if (locked) {
            throw new FsException.AccessDenied("locked");
        }
    }

    private long tag(BlockId id) {
        return id.hashCode() + ((long) key << Integer.SIZE);
    }

    private static void xor(BlockId id, ByteBuffer from, ByteBuffer into) {
        byte mask = (byte) (id.hashCode() | 1);
        while (from.hasRemaining()) {
            into.put((byte) (from.get() ^ mask));
        }
    }
}
