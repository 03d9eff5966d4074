package isle.crypto.v1;

import isle.fs.model.FsException;
import isle.fs.model.ObjectKey;
import isle.fs.spi.ObjectStore;
import isle.fs.spi.ObjectStore.ListPage;
import isle.fs.spi.ObjectStore.ObjectSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All objects of a store whose keys begin alike. */
public final class WholeList {

    private WholeList() {}

    /**
     * Reads page after page.
     *
     * @throws FsException.Corrupt the pages of the store do not go on: without that a list might never end
     */
    public static List<ObjectSummary> of(ObjectStore store, String prefix) throws FsException {
        List<ObjectSummary> all = new ArrayList<>();
        String after = "";
        while (true) {
            ListPage page = store.list(prefix, false, after, ObjectStore.MAX_PAGE);
            all.addAll(page.objects());
            Optional<String> next = page.next();
            if (next.isEmpty()) {
                return all;
            }
            if (ObjectKey.compareUtf8(next.get(), after) <= 0) {
                throw new FsException.Corrupt("a list of the store does not go on");
            }
            after = next.get();
        }
    }
}
