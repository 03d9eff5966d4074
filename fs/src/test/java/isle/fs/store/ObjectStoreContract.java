package isle.fs.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectHead;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.Part;
import isle.fs.spi.ObjectStore.Statistics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Everything that {@link isle.fs.spi.ObjectStore} promises, for every implementation: extend it and say how a fresh
 * store is opened. Its parts are the classes it extends; what is here is about several requests at a time.
 */
public abstract class ObjectStoreContract extends UploadContract {

    private static final int WRITERS = 4;

    @ParameterizedTest
    @ValueSource(ints = {2_000, 150_000})
    void concurrentPutsOfOneKeyLeaveOneWholeWinner(int size) throws Exception {
        for (int round = 0; round < 5; round++) {
            List<Callable<String>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                byte[] content = filled(size + writer, writer);
                ObjectMetadata metadata = user(Map.of("writer", "" + writer));
                writers.add(() ->
                        store.put(key("fought"), Body.of(content), metadata).etag());
            }
            Set<String> etags = Set.copyOf(together(writers));

            ObjectHead head = store.head(key("fought"));
            byte[] content = content("fought");
            int winner = content[0];
            assertEquals(Map.of("writer", "" + winner), head.metadata().user());
            assertTrue(Arrays.equals(filled(size + winner, winner), content), "one writer's bytes, all of them");
            assertTrue(etags.contains(head.summary().etag()));
            assertEquals(head.summary().etag(), listed("fought").etag());
            assertEquals(size + winner, listed("fought").size());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2_000, 150_000})
    void readersDuringAnOverwriteSeeTheOldOrTheNew(int size) throws Exception {
        put("k", filled(size, 0));
        AtomicBoolean done = new AtomicBoolean();
        Callable<String> writer = () -> {
            for (int i = 1; i <= 30; i++) {
                put("k", filled(size + i, i));
                store.copy(key("k"), null, key("k"), user(Map.of("copied", "" + i)));
            }
            done.set(true);
            return "";
        };
        Callable<String> reader = () -> {
            while (!done.get()) {
                ByteBuffer into = ByteBuffer.allocate(size + 1000);
                ObjectHead head = store.get(key("k"), 0, into, null);
                int seen = into.get(0);
                assertEquals(size + seen, into.position());
                assertEquals(size + seen, head.summary().size());
                assertTrue(Arrays.equals(filled(size + seen, seen), Arrays.copyOf(into.array(), into.position())));
                assertEquals(1, listAll("k", false, 10).size(), "an overwritten key never leaves the list");
            }
            return "";
        };

        together(List.of(writer, reader, reader, reader));
    }

    @Test
    void aPinnedReadNeverGetsAnotherVersion() throws Exception {
        int size = 100_000;
        put("k", filled(size, 0));
        AtomicBoolean done = new AtomicBoolean();
        Callable<String> writer = () -> {
            for (int i = 1; i <= 30; i++) {
                put("k", filled(size, i));
            }
            done.set(true);
            return "";
        };
        Callable<String> reader = () -> {
            while (!done.get()) {
                ByteBuffer first = ByteBuffer.allocate(10);
                String etag = store.get(key("k"), 0, first, null).summary().etag();
                ByteBuffer second = ByteBuffer.allocate(10);
                try {
                    store.get(key("k"), size - 10, second, etag);
                    assertEquals(first.get(0), second.get(9));
                } catch (FsException.PreconditionFailed expected) {
                    assertEquals(0, second.position());
                }
            }
            return "";
        };

        together(List.of(writer, reader, reader));
    }

    @Test
    void concurrentWritersOfManyKeysLoseNothing() throws Exception {
        List<Callable<String>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            String prefix = "w" + writer + "/";
            writers.add(() -> {
                for (int i = 0; i < 40; i++) {
                    put(prefix + i, prefix + i);
                    store.copy(key(prefix + i), null, key(prefix + "copy/" + i), null);
                    if (i % 2 == 0) {
                        store.delete(key(prefix + i));
                    }
                }
                return "";
            });
        }
        together(writers);

        for (int writer = 0; writer < WRITERS; writer++) {
            String prefix = "w" + writer + "/";
            assertEquals(20 + 40, listAll(prefix, false, 1000).size());
            for (int i = 0; i < 40; i++) {
                assertContent(prefix + i, prefix + "copy/" + i);
            }
        }
    }

    @Test
    void partsMayBeSentTogether() throws Exception {
        int size = (int) Math.max(store.capabilities().minPartBytes(), 100_000);
        String id = store.startUpload(key("k"), ObjectMetadata.NONE);
        List<Callable<String>> senders = new ArrayList<>();
        for (int part = 1; part <= 8; part++) {
            int number = part;
            senders.add(() -> store.uploadPart(key("k"), id, number, Body.of(filled(size, number))));
        }
        List<String> etags = together(senders);
        List<Part> parts = new ArrayList<>();
        for (int part = 1; part <= 8; part++) {
            parts.add(new Part(part, etags.get(part - 1)));
        }
        store.completeUpload(key("k"), id, parts);

        byte[] content = content("k");
        assertEquals(8 * size, content.length);
        for (int part = 1; part <= 8; part++) {
            assertEquals(part, content[(part - 1) * size]);
            assertEquals(part, content[part * size - 1]);
        }
    }

    @Test
    void statisticsAreSane() throws Exception {
        put("a", bytes(100_000, 1));
        put("b", bytes(50, 1));

        Statistics statistics = store.statistics();

        statistics.usedBytes().ifPresent(used -> assertTrue(used >= 0, "used " + used));
        statistics.totalBytes().ifPresent(total -> assertTrue(total > 0, "total " + total));
        if (statistics.freeBytes().isPresent() && statistics.totalBytes().isPresent()) {
            long free = statistics.freeBytes().get();
            assertTrue(free >= 0 && free <= statistics.totalBytes().get(), "free " + free);
        }
    }

    @Test
    void capabilitiesAreConstantAndTellPeopleWhatThisIs() {
        assertEquals(store.capabilities(), store.capabilities());
        assertFalse(store.capabilities().description().isBlank());
        assertTrue(store.capabilities().minPartBytes() >= 0);
    }

    @Test
    void closingTwiceIsHarmless() {
        store.close();
        store.close();
    }

    private static byte[] filled(int size, int value) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
