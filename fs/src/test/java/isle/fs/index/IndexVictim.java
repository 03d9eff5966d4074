package isle.fs.index;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that changes an index until it is killed, and says after each transaction what it has done. */
final class IndexVictim {

    static final String KEY = "applied";
    static final long ROOT = InodeNumbers.rootOf(1);
    static final int BATCH = 50;

    private IndexVictim() {}

    /** Arguments: the index and the folder for the library. Writes "TRANSACTION HIGHEST-INODE" lines. */
    public static void main(String[] args) throws Exception {
        try (Index index = Index.open(Path.of(args[0]), Path.of(args[1]), () -> 77)) {
            long transaction = Long.parseLong(index.meta(KEY).orElse("-1"));
            while (true) {
                transaction++;
                long first = index.reserveInodes(1, BATCH);
                List<IndexChange> changes = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    String name = transaction + "-" + i;
                    changes.add(new IndexChange.Put(IndexModel.file(first + i, ROOT, name, i)));
                }
                changes.add(new IndexChange.Meta(KEY, Long.toString(transaction)));
                index.apply(changes);
                System.out.println(transaction + " " + (first + BATCH - 1));
            }
        }
    }
}
