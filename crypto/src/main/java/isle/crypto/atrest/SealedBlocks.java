package isle.crypto.atrest;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import isle.fs.spi.BlockCodec;
import java.nio.ByteBuffer;

/** Blocks of the cache, each bound to the content it is of and to its number. */
final class SealedBlocks implements BlockCodec {

    private final LocalSeal seal;

    SealedBlocks(byte[] key) {
        this.seal = new LocalSeal(key);
    }

    @Override
    public int sealedSize(int plainSize) {
        return plainSize + LocalSeal.OVERHEAD;
    }

    @Override
    public ByteBuffer seal(BlockId id, ByteBuffer plain) {
        return ByteBuffer.wrap(seal.seal(bound(id), LocalSeal.bytes(plain)));
    }

    @Override
    public ByteBuffer open(BlockId id, ByteBuffer sealed) throws FsException {
        return ByteBuffer.wrap(seal.open(bound(id), LocalSeal.bytes(sealed)));
    }

    /** The number has a fixed length, so two blocks never share these bytes. */
    private static byte[] bound(BlockId id) {
        String content = id.contentId();
        ByteBuffer bound = ByteBuffer.allocate(Long.BYTES + content.length() * Character.BYTES);
        bound.putLong(id.index());
        for (int i = 0; i < content.length(); i++) {
            bound.putChar(content.charAt(i));
        }
        return bound.array();
    }
}
