package isle.crypto.vault;

import isle.crypto.seal.Id;
import isle.crypto.seal.Sealer;
import isle.fs.model.FsException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the first bytes of sealed objects, which are needed whichever part is opened: without them a read of the
 * middle takes two requests.
 */
final class Headers {

    private static final int MOST = 8192;

    private final Recent<Id, ByteBuffer> known = new Recent<>(MOST, header -> 1);

    /** Opens something with what it reads from a source. */
    @FunctionalInterface
    interface Opening<T> {
        T open(Sealer.Source source) throws FsException;
    }

    /** Opens a part of an object; its header is remembered when that was right. */
    <T> T open(Id object, Sealer.Source source, Opening<T> opening) throws FsException {
        Remembering remembering = new Remembering(source, known.get(object));
        T opened = opening.open(remembering);
        ByteBuffer header = remembering.header;
        if (header != null) {
            known.put(object, header);
        }
        return opened;
    }

    private static final class Remembering implements Sealer.Source {
        private final Sealer.Source source;
        private @Nullable ByteBuffer header;

        Remembering(Sealer.Source source, @Nullable ByteBuffer header) {
            this.source = source;
            this.header = header;
        }

        @Override
        public ByteBuffer read(long offset, int length) throws FsException {
            ByteBuffer remembered = header;
            if (offset == 0 && length == Sealer.HEADER_BYTES && remembered != null) {
                return remembered.duplicate();
            }
            ByteBuffer bytes = source.read(offset, length);
            if (offset == 0 && bytes.remaining() >= Sealer.HEADER_BYTES) {
                byte[] copy = new byte[Sealer.HEADER_BYTES];
                bytes.duplicate().get(copy);
                header = ByteBuffer.wrap(copy);
            }
            return bytes;
        }
    }
}
