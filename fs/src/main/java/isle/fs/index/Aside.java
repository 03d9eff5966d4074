package isle.fs.index;

import isle.fs.model.FsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The files of an index, and what becomes of those that are damaged. */
final class Aside {

    static final String WAL = "-wal";
    static final String SHM = "-shm";

    /** Says that the index beside it was found damaged while it was used. */
    static final String CONDEMNED = "-condemned";

    /** Most damaged ones that are kept; the last place is used again. */
    private static final int MAX_KEPT = 9;

    private Aside() {}

    /** The file that SQLite keeps beside {@code file}. */
    static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    static void move(Path file) throws FsException {
        try {
            int number = 1;
            while (number < MAX_KEPT && Files.exists(beside(file, ".damaged-" + number))) {
                number++;
            }
            String damaged = ".damaged-" + number;
            // The index first: a log without it is recognised as left over, the index without its log is not.
            for (String suffix : new String[] {"", WAL, SHM}) {
                Path from = beside(file, suffix);
                Path to = beside(file, damaged + suffix);
                if (Files.exists(from)) {
                    Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
                } else {
                    Files.deleteIfExists(to);
                }
            }
            Files.deleteIfExists(beside(file, CONDEMNED));
        } catch (IOException e) {
            throw new FsException.Failed("cannot move the damaged index " + file + " aside", e);
        }
    }
}
