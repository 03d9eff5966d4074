package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real Garage whose clock is set back an hour: what it stamps now is older than what is there. */
@Tag("garage")
@Tag("tools")
class S3ClockTest {

    private static final ObjectKey KEY = new ObjectKey("d/key");
    private static final ObjectKey OTHER = new ObjectKey("d/other");
    private static final ObjectMetadata OLD = user("1");
    private static final ObjectMetadata NEW = user("2");

    @TempDir
    Path folder;

    private ShiftedClock clock;
    private GarageServer garage;
    private S3ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        clock = new ShiftedClock(folder);
        garage = GarageServer.startWithoutFsync(folder, clock);
        store = S3ObjectStore.open(garage.settings(garage.createBucket()), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
        garage.close();
    }

    private static ObjectMetadata user(String mode) {
        return new ObjectMetadata(Map.of("mode", mode), "text/plain", Map.of("cache-control", "no-store"));
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private void assertIs(ObjectKey key, byte[] content, ObjectMetadata metadata) throws FsException {
        ByteBuffer into = ByteBuffer.allocate(content.length + 1);
        assertEquals(metadata, store.get(key, 0, into, null).metadata());
        assertEquals(content.length, into.position());
        assertArrayEquals(content, Arrays.copyOf(into.array(), content.length));
    }

    private ObjectSummary listed(ObjectKey key) throws FsException {
        return store.list(key.value(), false, "", 1).objects().get(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 100, 5_000, 2_000_000, 20_000_000})
    void whatIsWrittenAndCopiedThenIsThere(int size) throws Exception {
        byte[] content = content(size);
        store.put(KEY, Body.of(content(7)), OLD);
        store.put(OTHER, Body.of(content), OLD);
        clock.set(Duration.ofHours(-1));

        store.copy(OTHER, listed(OTHER).etag(), OTHER, NEW);
        assertIs(OTHER, content, NEW);

        store.copy(OTHER, null, KEY, null);
        assertIs(KEY, content, NEW);

        store.delete(OTHER);
        store.copy(KEY, null, OTHER, OLD);
        assertIs(OTHER, content, OLD);
        store.delete(KEY);
        assertThrows(FsException.NotFound.class, () -> store.head(KEY));

        store.put(OTHER, Body.of(content(9)), NEW);
        assertIs(OTHER, content(9), NEW);
        assertEquals(List.of(), store.pendingUploads(""));
    }

    @ParameterizedTest
    @ValueSource(ints = {5_000, 2_000_000})
    void aCopyByAClockThatWasSetForwardIsOneRequestAndALook(int size) throws Exception {
        store.put(KEY, Body.of(content(size)), OLD);
        clock.set(Duration.ofHours(1));
        long before = garage.allRequests();

        store.copy(KEY, null, KEY, NEW);

        assertEquals(2, garage.allRequests() - before);
        assertIs(KEY, content(size), NEW);
    }
}
