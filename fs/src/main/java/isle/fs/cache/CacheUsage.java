package isle.fs.cache;

/**
 * Figures of a cache at one moment. Counters start at zero with the process.
 *
 * @param memoryBytes cached in memory or fetched ahead
 * @param diskBytes in files that count against the cap
 * @param pinnedBytes in files of pinned contents
 * @param volumeBytes on disk for the contents of the volume that was asked
 * @param memoryHits reads of blocks that memory answered
 * @param diskHits reads of blocks that the disk answered
 * @param fetches requests made to sources
 * @param fetchedBytes what they brought
 * @param failedFetches requests that failed
 * @param damagedBlocks blocks on disk that failed their check
 * @param diskUsable whether the disk takes blocks now; false also without a disk tier
 */
public record CacheUsage(
        long memoryBytes,
        long diskBytes,
        long pinnedBytes,
        long volumeBytes,
        long memoryHits,
        long diskHits,
        long fetches,
        long fetchedBytes,
        long failedFetches,
        long damagedBlocks,
        boolean diskUsable) {}
