package isle.fs.store;

import isle.fs.model.ObjectKey;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A header file that cannot be read. It is left alone, for people to look at, until its key is written or deleted.
 *
 * @param file the file
 * @param key whose object it is, if that could be made out; the object is listed then, and reading it is
 *     {@link isle.fs.model.FsException.Corrupt}
 * @param problem what is wrong with it
 */
public record DamagedObject(Path file, Optional<ObjectKey> key, String problem) {}
