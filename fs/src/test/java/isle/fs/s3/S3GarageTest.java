package isle.fs.s3;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.s3.ProbeResult.ConditionalPut;
import isle.fs.s3.ProbeResult.Outcome;
import isle.fs.spi.ObjectStore.Body;
import isle.fs.spi.ObjectStore.ObjectMetadata;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real Garage refuses, and how it is told. */
@Tag("garage")
class S3GarageTest {

    @RegisterExtension
    static final GarageExtension GARAGE = new GarageExtension();

    private static final ObjectKey KEY = new ObjectKey("folder/file.txt");

    private GarageServer server;
    private String bucket;
    private S3ObjectStore store;

    @BeforeEach
    void open() throws FsException {
        server = GARAGE.server();
        bucket = server.createBucket();
        store = open(server.settings(bucket));
        store.put(KEY, Body.of(new byte[5000]), ObjectMetadata.NONE);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static S3ObjectStore open(S3Settings settings) {
        return S3ObjectStore.open(settings, Clock.systemUTC());
    }

    private static ProbeResult probe(S3ObjectStore probed) {
        return probed.probe(true, new SplittableRandom(1));
    }

    /** All kinds of requests are refused for the same reason, with the same sentence. */
    private static void assertRefused(Class<? extends FsException> kind, String sentence, S3ObjectStore refused) {
        List<Executable> requests = List.of(
                () -> refused.head(KEY),
                () -> refused.get(KEY, 0, ByteBuffer.allocate(10), null),
                () -> refused.list("", true, "", 10),
                () -> refused.put(KEY, Body.of(new byte[10]), ObjectMetadata.NONE),
                () -> refused.put(KEY, Body.of(new byte[8 << 20]), ObjectMetadata.NONE),
                () -> refused.copy(KEY, null, KEY, ObjectMetadata.NONE),
                () -> refused.delete(KEY),
                () -> refused.deleteMany(List.of(KEY)),
                () -> refused.startUpload(KEY, ObjectMetadata.NONE));
        for (Executable request : requests) {
            FsException e = assertThrows(kind, request);
            assertTrue(String.valueOf(e.getMessage()).contains(sentence), e.getMessage());
        }
    }

    @Test
    void wrongKeysAreSaidToBeWrong() {
        GarageKey known = server.createKey();
        GarageKey unknown = new GarageKey("GK0123456789abcdef01234567", known.secret());
        GarageKey swapped = new GarageKey(known.id(), server.createKey().secret());

        try (S3ObjectStore refused = open(server.settings(bucket, unknown))) {
            assertRefused(FsException.AccessDenied.class, "the store does not know this access key", refused);
            assertEquals(Outcome.WRONG_KEYS, probe(refused).outcome());
        }
        try (S3ObjectStore refused = open(server.settings(bucket, swapped))) {
            assertRefused(FsException.AccessDenied.class, "the secret key does not belong", refused);
            assertEquals(Outcome.WRONG_KEYS, probe(refused).outcome());
        }
    }

    @Test
    void keysWithoutRightsAreSaidToHaveNone() {
        try (S3ObjectStore refused = open(server.settings(bucket, server.createKey()))) {
            assertRefused(FsException.AccessDenied.class, "do not have this right on bucket " + bucket, refused);
            assertEquals(Outcome.NO_RIGHTS, probe(refused).outcome());
        }
    }

    @Test
    void keysThatMayOnlyReadMakeAReadOnlyStore() throws Exception {
        try (S3ObjectStore reader = open(server.settings(bucket, server.createReadOnlyKey(bucket)))) {
            assertEquals(5000, reader.head(KEY).summary().size());
            assertEquals(1, reader.list("", true, "", 10).commonPrefixes().size());
            List<Executable> writes = List.of(
                    () -> reader.put(KEY, Body.of(new byte[10]), ObjectMetadata.NONE),
                    () -> reader.put(KEY, Body.of(new byte[8 << 20]), ObjectMetadata.NONE),
                    () -> reader.copy(KEY, null, KEY, ObjectMetadata.NONE),
                    () -> reader.delete(KEY),
                    () -> reader.deleteMany(List.of(KEY)),
                    () -> reader.startUpload(KEY, ObjectMetadata.NONE));
            for (Executable write : writes) {
                FsException e = assertThrows(FsException.ReadOnly.class, write);
                assertTrue(String.valueOf(e.getMessage()).contains("may read bucket " + bucket), e.getMessage());
            }
            ProbeResult probe = probe(reader);
            assertEquals(Outcome.READ_ONLY, probe.outcome());
            assertTrue(probe.isReadable());
        }
    }

    @Test
    void anUnknownBucketIsNamedAndNoObjectOfItIsCalledDeleted() {
        try (S3ObjectStore refused = open(server.settings("no-such-bucket"))) {
            assertRefused(FsException.Unavailable.class, "there is no bucket no-such-bucket", refused);
            assertEquals(Outcome.NO_BUCKET, probe(refused).outcome());
        }
    }

    @Test
    void anotherRegionIsNamed() {
        S3Settings elsewhere = new S3Settings(
                server.endpoint(), "eu-west-1", bucket, server.key().credentials());

        try (S3ObjectStore refused = open(elsewhere)) {
            assertRefused(FsException.AccessDenied.class, "is not in region eu-west-1", refused);
            ProbeResult probe = probe(refused);
            assertEquals(Outcome.WRONG_REGION, probe.outcome());
            assertTrue(probe.message().contains(GarageServer.REGION), probe.message());
        }
    }

    @Test
    void aClockThatIsFarOffIsMeasured() {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofHours(-30));

        try (S3ObjectStore refused = S3ObjectStore.open(server.settings(bucket), late)) {
            assertRefused(FsException.AccessDenied.class, "30 hours off", refused);
            ProbeResult probe = probe(refused);
            assertEquals(Outcome.WRONG_CLOCK, probe.outcome());
            assertEquals(-30, probe.clockAhead().orElseThrow().plusMinutes(-1).toHours());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 3 << 20})
    void contentThatChangesOnItsWayIsNotStored(int size) throws Exception {
        FsException e = assertThrows(
                FsException.Unavailable.class, () -> store.put(KEY, new ChangingBody(size), ObjectMetadata.NONE));
        assertTrue(String.valueOf(e.getMessage()).contains("not the same when it arrived"), e.getMessage());
        String upload = store.startUpload(KEY, ObjectMetadata.NONE);
        assertThrows(FsException.Unavailable.class, () -> store.uploadPart(KEY, upload, 1, new ChangingBody(size)));
        store.abortUpload(KEY, upload);
        assertEquals(5000, store.head(KEY).summary().size());
    }

    /** Other bytes each time that it is read. */
    private static final class ChangingBody implements Body {
        private final int size;
        private byte opened;

        ChangingBody(int size) {
            this.size = size;
        }

        @Override
        public long size() {
            return size;
        }

        @Override
        public InputStream open() {
            byte[] bytes = new byte[size];
            bytes[size / 2] = opened++;
            return new ByteArrayInputStream(bytes);
        }
    }

    @Test
    void aFullBucketIsAQuotaExceeded() throws Exception {
        server.setQuota(bucket, OptionalLong.of(100_000), OptionalLong.empty());
        assertThrows(
                FsException.QuotaExceeded.class, () -> store.put(KEY, Body.of(new byte[200_000]), ObjectMetadata.NONE));
        server.setQuota(bucket, OptionalLong.empty(), OptionalLong.of(1));
        FsException e = assertThrows(
                FsException.QuotaExceeded.class,
                () -> store.put(new ObjectKey("one more"), Body.of(new byte[1]), ObjectMetadata.NONE));
        assertTrue(String.valueOf(e.getMessage()).contains("quota of bucket " + bucket), e.getMessage());
        assertEquals(Outcome.FULL, probe(store).outcome());

        server.setQuota(bucket, OptionalLong.empty(), OptionalLong.empty());
        store.put(KEY, Body.of(new byte[200_000]), ObjectMetadata.NONE);
    }

    @Test
    void theProbeTellsGarageAndLeavesNothingBehind() throws Exception {
        ProbeResult probe = probe(store);

        assertEquals(Outcome.WRITABLE, probe.outcome());
        assertEquals(ConditionalPut.IGNORED, probe.conditionalPut());
        assertTrue(probe.clockAhead().orElseThrow().abs().toSeconds() < 5, probe.toString());
        assertEquals(List.of(), store.list(".isle-probe/", false, "", 10).objects());
    }

    @Test
    void theProbeWritesOnlyWhenItMay() {
        long before = server.requests("PutObject");

        ProbeResult probe = store.probe(false, new SplittableRandom(1));

        assertEquals(Outcome.READABLE, probe.outcome());
        assertEquals(ConditionalPut.UNKNOWN, probe.conditionalPut());
        assertEquals(before, server.requests("PutObject"));
    }

    @Test
    void aMissingBucketIsMadeOnceAndCleansUp() throws Exception {
        S3Settings settings = server.settings("isle-made-" + bucket);

        assertEquals(S3Buckets.State.CREATED, S3Buckets.ensure(settings, S3Limits.DEFAULT, Clock.systemUTC()));
        assertEquals(S3Buckets.State.EXISTED, S3Buckets.ensure(settings, S3Limits.DEFAULT, Clock.systemUTC()));

        try (S3ObjectStore made = open(settings)) {
            made.put(KEY, Body.of(new byte[1]), ObjectMetadata.NONE);
            assertEquals(List.of(), made.list("x", false, "", 1).objects());
        }
        assertEquals(1, server.requests("PutBucketLifecycleConfiguration"));
    }

    @Test
    void whoMayNotMakeABucketIsTold() {
        S3Settings settings = server.settings("isle-not-made", server.createMemberKey(bucket));

        FsException e = assertThrows(
                FsException.AccessDenied.class, () -> S3Buckets.ensure(settings, S3Limits.DEFAULT, Clock.systemUTC()));

        assertTrue(String.valueOf(e.getMessage()).contains("bucket isle-not-made"), e.getMessage());
        assertTrue(String.valueOf(e.getMessage()).contains("may not make one"), e.getMessage());
    }

    @Test
    void aKeyThatIsTooLongIsNeverSent() {
        long before = server.allRequests();

        assertThrows(FsException.NameTooLong.class, () -> store.head(new ObjectKey("k".repeat(472))));

        assertEquals(before, server.allRequests());
        assertFalse(server.requests().isEmpty());
    }
}
