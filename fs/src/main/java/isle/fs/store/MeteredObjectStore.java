package isle.fs.store;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what passes through to a store: for status pages, benchmarks, and tests that demand "no request at all". */
public final class MeteredObjectStore extends DecoratedObjectStore {

    private final Map<StoreOperation, LongAdder> requests = adders();
    private final Map<StoreOperation, LongAdder> failures = adders();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();

    public MeteredObjectStore(ObjectStore inner) {
        super(inner);
    }

    /**
     * Counts since the decorator was made, or between two snapshots.
     *
     * @param requests requests by operation, failed ones too; every operation has a row
     * @param failures of these, the ones that ended in an exception
     * @param bytesSent content bytes of puts and parts that succeeded
     * @param bytesReceived content bytes that gets delivered
     */
    public record Snapshot(
            Map<StoreOperation, Long> requests,
            Map<StoreOperation, Long> failures,
            long bytesSent,
            long bytesReceived) {

        public Snapshot {
            requests = Map.copyOf(requests);
            failures = Map.copyOf(failures);
        }

        public long requests(StoreOperation operation) {
            return requests.getOrDefault(operation, 0L);
        }

        public long failures(StoreOperation operation) {
            return failures.getOrDefault(operation, 0L);
        }

        public long totalRequests() {
            return requests.values().stream().mapToLong(Long::longValue).sum();
        }

        /** What was counted after an earlier snapshot of the same store. */
        public Snapshot since(Snapshot earlier) {
            return new Snapshot(
                    minus(requests, earlier.requests),
                    minus(failures, earlier.failures),
                    bytesSent - earlier.bytesSent,
                    bytesReceived - earlier.bytesReceived);
        }

        private static Map<StoreOperation, Long> minus(
                Map<StoreOperation, Long> now, Map<StoreOperation, Long> before) {
            Map<StoreOperation, Long> difference = new EnumMap<>(StoreOperation.class);
            now.forEach((operation, count) -> difference.put(operation, count - before.getOrDefault(operation, 0L)));
            return difference;
        }
    }

    /** The counts up to now. Requests that are under way are in some of them. */
    public Snapshot snapshot() {
        return new Snapshot(sums(requests), sums(failures), bytesSent.sum(), bytesReceived.sum());
    }

    @Override
    <T> T around(StoreRequest request, Call<T> call) throws FsException {
        count(requests, request.operation());
        boolean succeeded = false;
        try {
            T result = call.run();
            succeeded = true;
            return result;
        } finally {
            if (!succeeded) {
                count(failures, request.operation());
            } else if (request.operation().isWrite()) {
                bytesSent.add(request.bytes());
            }
        }
    }

    @Override
    public ObjectHead get(ObjectKey key, long offset, ByteBuffer into, @Nullable String ifMatch) throws FsException {
        int before = into.position();
        ObjectHead head = super.get(key, offset, into, ifMatch);
        bytesReceived.add(into.position() - before);
        return head;
    }

    private static Map<StoreOperation, LongAdder> adders() {
        Map<StoreOperation, LongAdder> adders = new EnumMap<>(StoreOperation.class);
        for (StoreOperation operation : StoreOperation.values()) {
            adders.put(operation, new LongAdder());
        }
        return adders;
    }

    private static void count(Map<StoreOperation, LongAdder> counts, StoreOperation operation) {
        LongAdder adder = counts.get(operation);
        if (adder != null) {
            adder.increment();
        }
    }

    private static Map<StoreOperation, Long> sums(Map<StoreOperation, LongAdder> counts) {
        Map<StoreOperation, Long> sums = new EnumMap<>(StoreOperation.class);
        counts.forEach((operation, adder) -> sums.put(operation, adder.sum()));
        return sums;
    }
}
