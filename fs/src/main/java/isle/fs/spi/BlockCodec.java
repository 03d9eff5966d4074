package isle.fs.spi;

import isle.fs.model.BlockId;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;

/**
 * How blocks of a volume lie on this host's disk: as they are for plain volumes, sealed for vaults. Used by the disk
 * tier of the block cache; the journal has {@link JournalSeal}.
 */
public interface BlockCodec {

    /** Bytes that {@code plainSize} bytes take once sealed. */
    int sealedSize(int plainSize);

    /** Seals the remaining bytes of {@code plain}, bound to {@code id}; the result may share memory with it. */
    ByteBuffer seal(BlockId id, ByteBuffer plain) throws FsException;

    /**
     * Opens what {@link #seal} made for the same id.
     *
     * @throws FsException.Corrupt the bytes are not what was sealed for this id
     */
    ByteBuffer open(BlockId id, ByteBuffer sealed) throws FsException;

    /** The codec of plain volumes: bytes stay as they are. */
    BlockCodec PLAIN = new BlockCodec() {
        @Override
        public int sealedSize(int plainSize) {
            return plainSize;
        }

        @Override
        public ByteBuffer seal(BlockId id, ByteBuffer plain) {
            return plain;
        }

        @Override
        public ByteBuffer open(BlockId id, ByteBuffer sealed) {
            return sealed;
        }
    };
}
