package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.store.FaultyObjectStore.Fault;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FaultyObjectStoreTest extends ObjectStoreContract {

    private final FaultyObjectStore faulty = faulty(1);

    private static FaultyObjectStore faulty(long seed) {
        return new FaultyObjectStore(
                new MemoryObjectStore(InstantSource.system(), new SplittableRandom(1)), new SplittableRandom(seed));
    }

    @Override
    protected ObjectStore openEmpty() {
        return faulty;
    }

    @Test
    void aFaultBeforeTheEffectChangesNothing() throws FsException {
        put("k", "old");
        faulty.failNext(Fault.UNAVAILABLE, 1, StoreOperation.PUT);
        faulty.failNext(Fault.TIMED_OUT, 1, StoreOperation.DELETE);

        assertThrows(FsException.Unavailable.class, () -> put("k", "new"));
        assertThrows(FsException.TimedOut.class, () -> store.delete(key("k")));

        assertContent("old", "k");
        put("k", "again");
        assertContent("again", "k");
    }

    @Test
    void aLostReplyHidesASuccess() throws FsException {
        faulty.failNext(Fault.LOST_REPLY, 1, StoreOperation.PUT);
        faulty.failNext(Fault.TIMED_OUT_AFTER, 1, StoreOperation.COPY);

        assertThrows(FsException.Unavailable.class, () -> put("k", "done"));
        assertContent("done", "k");
        assertThrows(FsException.TimedOut.class, () -> store.copy(key("k"), null, key("c"), null));
        assertContent("done", "c");
        assertEquals(Map.of(Fault.LOST_REPLY, 1L, Fault.TIMED_OUT_AFTER, 1L), faulty.injected());
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"ACCESS_DENIED", "QUOTA_EXCEEDED", "NO_SPACE", "READ_ONLY"})
    void refusedWritesLeaveReadsAlone(Fault fault) throws FsException {
        put("k", "old");
        faulty.refuseWrites(Optional.of(fault));

        FsException refused = assertThrows(FsException.class, () -> put("k", "new"));
        assertEquals(fault.name().replace("_", "").toLowerCase(Locale.ROOT), kind(refused));
        assertThrows(refused.getClass(), () -> store.delete(key("k")));
        assertContent("old", "k");
        assertEquals(1, store.list("", false, "", 10).objects().size());

        faulty.refuseWrites(Optional.empty());
        put("k", "new");
        assertContent("new", "k");
    }

    private static String kind(FsException e) {
        return e.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    @Test
    void downIsDownForEverythingUntilItIsUp() throws FsException {
        put("k", "x");
        faulty.setDown(true);

        assertThrows(FsException.Unavailable.class, () -> store.head(key("k")));
        assertThrows(FsException.Unavailable.class, () -> put("k", "y"));
        assertThrows(FsException.Unavailable.class, () -> store.list("", false, "", 1));
        assertThrows(FsException.Unavailable.class, () -> store.statistics());
        assertEquals(471, store.capabilities().maxKeyBytes());

        faulty.setDown(false);
        assertContent("x", "k");
    }

    @Test
    void aTruncatedGetIsAnErrorAndAShortOneIsNot() throws FsException {
        byte[] content = bytes(1_000, 1);
        put("k", content);
        faulty.failNext(Fault.TRUNCATED, 1, StoreOperation.GET);
        faulty.failNext(Fault.SHORT_READ, 1, StoreOperation.GET);
        ByteBuffer into = ByteBuffer.allocate(1_000);

        assertThrows(FsException.Unavailable.class, () -> store.get(key("k"), 0, into, null));
        assertTrue(into.position() < 1_000);
        into.clear();
        assertEquals(1_000, store.get(key("k"), 0, into, null).summary().size());
        assertTrue(into.position() < 1_000);
        assertArrayEquals(content, range("k", 0, 1_000));
    }

    @Test
    void aFlippedBitIsOneBitOfWhatWasAsked() throws FsException {
        byte[] content = bytes(100, 1);
        put("k", content);
        faulty.setRate(Fault.FLIPPED_BIT, 1);

        for (int round = 0; round < 20; round++) {
            byte[] read = range("k", 10, 50);
            int wrong = 0;
            for (int i = 0; i < read.length; i++) {
                wrong += Integer.bitCount((read[i] ^ content[10 + i]) & 0xff);
            }
            assertEquals(1, wrong);
        }
        assertThrows(FsException.NotFound.class, () -> range("missing", 0, 10));
    }

    @Test
    void aTruncatedPutHasReadTheBodyAndChangedNothing() throws FsException {
        put("k", "old");
        faulty.failNext(Fault.TRUNCATED, 1, StoreOperation.PUT);
        faulty.failNext(Fault.TRUNCATED, 1, StoreOperation.UPLOAD_PART);
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);

        assertThrows(FsException.Unavailable.class, () -> put("k", "new content"));
        assertThrows(
                FsException.Unavailable.class, () -> store.uploadPart(key("k"), id, 1, Body.of(utf8("new content"))));

        assertContent("old", "k");
    }

    @Test
    void aCorruptGetIsSaidToBeCorrupt() throws FsException {
        put("k", "x");
        faulty.failNext(Fault.CORRUPT, 2, request -> request.key().equals("k"));

        store.head(key("k"));
        assertThrows(FsException.Corrupt.class, () -> range("k", 0, 1));
        assertThrows(FsException.Corrupt.class, () -> range("k", 0, 1));
        assertEquals(1, range("k", 0, 1).length);
    }

    @Test
    void aSeedRepeatsARun() {
        List<Boolean> first = outcomes(faulty(42));
        List<Boolean> second = outcomes(faulty(42));
        List<Boolean> other = outcomes(faulty(43));

        assertEquals(first, second);
        assertFalse(first.equals(other));
        long failed = first.stream().filter(succeeded -> !succeeded).count();
        assertTrue(failed > 50 && failed < 150, failed + " of 400 failed at a rate of a quarter");
    }

    private static List<Boolean> outcomes(FaultyObjectStore store) {
        store.setRate(Fault.LOST_REPLY, 0.15);
        store.setRate(Fault.TIMED_OUT, 0.1);
        List<Boolean> outcomes = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            try {
                store.put(key("k" + i), Body.of(new byte[1]), ObjectMetadata.NONE);
                outcomes.add(true);
            } catch (FsException e) {
                outcomes.add(false);
            }
        }
        return outcomes;
    }

    @Test
    void calmForgetsEveryFault() throws FsException {
        faulty.setRate(Fault.UNAVAILABLE, 1);
        faulty.failNext(Fault.CORRUPT, 5, StoreOperation.GET);
        faulty.refuseWrites(Optional.of(Fault.READ_ONLY));
        faulty.setDown(true);

        faulty.calm();

        put("k", "x");
        assertContent("x", "k");
    }
}
