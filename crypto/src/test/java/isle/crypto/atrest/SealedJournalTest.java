package isle.crypto.atrest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.crypto.seal.Draws;
import isle.fs.model.FsException;
import isle.fs.spi.JournalSeal;
import isle.fs.spi.JournalSeal.FileSeal;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a journal may ask of its seal. */
class SealedJournalTest {

    private static final byte[] BOUND = {1, 2, 3};
    private static final byte[] OTHER = {1, 2, 4};

    private final SecureRandom random = Draws.of(81);
    private final byte[] key = Draws.bytes(random, 32);
    private final JournalSeal seal = new SealedJournal(key, random);

    private ByteBuffer sealed(FileSeal file, ByteBuffer plain) {
        ByteBuffer into = ByteBuffer.allocate(plain.remaining() + seal.overhead());
        file.seal(BOUND, plain, into);
        assertEquals(0, into.remaining());
        return into.flip();
    }

    private static ByteBuffer opened(FileSeal file, byte[] bound, ByteBuffer sealed) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(sealed.remaining());
        file.open(bound, sealed.duplicate(), into);
        return into.flip();
    }

    @Test
    void whatWasSealedOpensAlsoInALaterRun() throws Exception {
        for (int length : new int[] {0, 1, 40, 65536}) {
            ByteBuffer plain = ByteBuffer.wrap(Draws.bytes(random, length)).asReadOnlyBuffer();
            FileSeal file = seal.begin(OTHER);
            ByteBuffer sealed = sealed(file, plain.duplicate());
            assertEquals(plain, opened(file, BOUND, sealed));
            FileSeal again = new SealedJournal(key, random).resume(OTHER, file.sealedKey());
            assertEquals(plain, opened(again, BOUND, sealed));
            assertThrows(IllegalStateException.class, () -> sealed(again, plain.duplicate()));
        }
    }

    @Test
    void partsOfDirectBuffersGoAsWell() throws Exception {
        ByteBuffer plain = ByteBuffer.allocateDirect(50).position(7).limit(33);
        FileSeal file = seal.begin(OTHER);
        assertEquals(plain, opened(file, BOUND, sealed(file, plain.duplicate())));
        ByteBuffer into = ByteBuffer.allocateDirect(100).position(3);
        file.open(BOUND, sealed(file, plain.duplicate()), into);
        assertEquals(plain, into.flip().position(3));
    }

    @Test
    void everyChangeIsNoticed() throws Exception {
        FileSeal file = seal.begin(OTHER);
        ByteBuffer sealed = sealed(file, ByteBuffer.wrap(new byte[20]));
        assertThrows(FsException.Corrupt.class, () -> opened(file, OTHER, sealed));
        assertThrows(FsException.Corrupt.class, () -> opened(seal.begin(OTHER), BOUND, sealed));
        for (int at = 0; at < sealed.limit(); at++) {
            byte[] changed = LocalSeal.bytes(sealed);
            changed[at] ^= 4;
            assertThrows(FsException.Corrupt.class, () -> opened(file, BOUND, ByteBuffer.wrap(changed)));
            ByteBuffer cut = sealed.slice(0, at);
            assertThrows(FsException.Corrupt.class, () -> opened(file, BOUND, cut));
        }
    }

    @Test
    void aKeyOpensOnlyUnderItsLocalKeyAndWithWhatIsBoundToIt() throws Exception {
        byte[] sealedKey = seal.begin(BOUND).sealedKey();
        assertTrue(sealedKey.length <= JournalSeal.MOST_KEY_BYTES);
        assertTrue(seal.overhead() <= JournalSeal.MOST_OVERHEAD);
        assertThrows(FsException.Corrupt.class, () -> seal.resume(OTHER, sealedKey));
        JournalSeal stranger = new SealedJournal(Draws.bytes(random, 32), random);
        assertThrows(FsException.Corrupt.class, () -> stranger.resume(BOUND, sealedKey));
        for (int at = 0; at < sealedKey.length; at++) {
            byte[] changed = sealedKey.clone();
            changed[at] ^= 1;
            assertThrows(FsException.Corrupt.class, () -> seal.resume(BOUND, changed));
        }
        assertThrows(FsException.Corrupt.class, () -> seal.resume(BOUND, new byte[0]));
    }

    @Test
    void noNonceComesTwiceInAFileAndNoKeyInTwoFiles() throws Exception {
        Set<ByteBuffer> nonces = new HashSet<>();
        FileSeal file = seal.begin(BOUND);
        for (int i = 0; i < 100_000; i++) {
            assertTrue(nonces.add(sealed(file, ByteBuffer.allocate(1)).slice(0, 12)));
        }
        assertNotEquals(
                sealed(seal.begin(BOUND), ByteBuffer.allocate(9)), sealed(seal.begin(BOUND), ByteBuffer.allocate(9)));
    }
}
