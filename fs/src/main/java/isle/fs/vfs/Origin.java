package isle.fs.vfs;

import isle.fs.journal.DataLocation;
import isle.fs.spi.Volume;

/** Where bytes of a file lie that the store does not have under the file's name yet. */
sealed interface Origin {

    /** In the journal. */
    record Journaled(DataLocation location) implements Origin {}

    /** In an object of their own, sent ahead of the file ({@link Staging}). */
    record Staged(Volume.Source object) implements Origin {}
}
