package isle.fs.store;

import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.PendingUpload;
import java.util.Comparator;
import java.util.List;

/** The order in which unfinished uploads are told: by key, then the oldest first. */
final class PendingOrder {

    private static final Comparator<PendingUpload> ORDER = Comparator.comparing(PendingUpload::key)
            .thenComparing(PendingUpload::started)
            .thenComparing(PendingUpload::uploadId);

    private PendingOrder() {}

    static List<PendingUpload> firstPage(List<PendingUpload> found) {
        return found.stream().sorted(ORDER).limit(ObjectStore.MAX_PAGE).toList();
    }
}
