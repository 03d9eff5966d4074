package isle.fs.cache;

import java.util.concurrent.atomic.LongAdder;

/** What a cache counts. */
final class CacheCounters {
    final LongAdder memoryHits = new LongAdder();
    final LongAdder diskHits = new LongAdder();
    final LongAdder fetches = new LongAdder();
    final LongAdder fetchedBytes = new LongAdder();
    final LongAdder failedFetches = new LongAdder();
    final LongAdder damagedBlocks = new LongAdder();
}
