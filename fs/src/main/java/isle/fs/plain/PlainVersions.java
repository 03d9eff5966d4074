package isle.fs.plain;

import isle.fs.model.EntryVersion;
import isle.fs.spi.ObjectStore.ObjectSummary;
import isle.fs.spi.ObjectStore.PutResult;
import java.time.Instant;

/**
 * Versions of objects: etag, size, and the time of the last change in ms as lists give it (0 where the answer to a put
 * did not tell). Equal etags mean equal bytes, so the content's identity is etag and size.
 */
final class PlainVersions {
    private PlainVersions() {}

    static EntryVersion of(ObjectSummary summary) {
        return of(summary.etag(), summary.size(), summary.lastModified().toEpochMilli());
    }

    static EntryVersion of(PutResult put, long size) {
        return of(
                put.etag(), size, put.lastModified().map(Instant::toEpochMilli).orElse(0L));
    }

    private static EntryVersion of(String etag, long size, long millis) {
        return new EntryVersion(etag + "/" + millis, etag + "-" + size, size);
    }

    static String etag(EntryVersion version) {
        return version.token().substring(0, version.token().lastIndexOf('/'));
    }

    private static long millis(EntryVersion version) {
        return Long.parseLong(version.token().substring(version.token().lastIndexOf('/') + 1));
    }

    /** Whether both are the same state, as far as both know the time; heads know it to the second only. */
    static boolean same(EntryVersion a, EntryVersion b) {
        if (!etag(a).equals(etag(b)) || a.size() != b.size()) {
            return false;
        }
        long x = millis(a);
        long y = millis(b);
        boolean coarse = x % 1000 == 0 || y % 1000 == 0;
        return x == y || x == 0 || y == 0 || (coarse && x / 1000 == y / 1000);
    }
}
